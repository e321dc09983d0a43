// Power contracts: each contract, their sums along one dimension, and plants whose megawatts were sold twice.

extension ReadModel {
    public static let contracts = ReadModel(
        name: "contracts", path: "/v1/contracts", meaning: "Every power contract seen by the day.",
        source: "gigawatch.contracts({as_of}, {as_known}, {as_recorded})", hasClocks: true,
        columns: [
            Column("contract", .identifier, heading: "contract", "The contract's id."),
            Column("status", .text, heading: "status", "proposed, approved, contracted, permitted, energized, terminated or expired."),
            Column("status_at", .instant, "Since when it has that status."),
            Column("buyer", .identifier, heading: "buyer", "Who buys."),
            Column("seller", .identifier, heading: "seller", "Who sells."),
            Column("site", .identifier, heading: "site", "The site that it serves."),
            Column("region", .identifier, heading: "region", "The contract's own region, else its site's, else its plant's."),
            Column("plant", .identifier, heading: "plant", "The plant that it draws from."),
            Column("power_mw", .number(decimals: 1), unit: "MW", heading: "power", "Contracted power."),
            Column(
                "counted_power_mw", .number(decimals: 1), unit: "MW", heading: "counted",
                "What to sum: a framework counts what its members leave of it."),
            Column("firm", .boolean, heading: "firm", "Firm delivery."),
            Column("role", .text, heading: "role", "ppa, behind_the_meter, campus_purchase, interconnection or grid_service."),
            Column("kind", .text, "resource or delivery."),
            Column("framework", .boolean, "Others are part of it."),
            Column("part_of", .identifier, "The framework that it is part of."),
            Column("starts_on", .day, heading: "starts", "First day."),
            Column("ends_on", .day, "Last day."),
            Column("in_force", .boolean, heading: "in force", "In force on the day."),
            Column("ended", .boolean, "Terminated, expired or past its last day."),
            Column("first_seen_at", .instant, "Time of its first fact."),
            .confidence, Column("assertion", .text, "Weakest assertion of the facts behind the row."),
        ],
        filters: [
            .anyOf("status", "Contracts with one of these states."), .anyOf("buyer", "Of one of these buyers."),
            .anyOf("seller", "Of one of these sellers."),
            .anyOf("region", "In one of these regions."), .anyOf("role", "With one of these roles."), .anyOf("plant", "From one of these plants."),
            .anyOf("site", "For one of these sites."),
            Filter("in_force", .boolean, "coalesce(r.in_force, false) = ?::boolean", "Only those in force on the day, or only the others."),
        ],
        sort: [
            SortKey("coalesce(r.power_mw, '-Infinity'::double precision)", "double precision", descending: true),
            SortKey("r.contract", "text"),
        ],
        totals: contractSums, filteredTotals: contractSums,
        totalColumns: [
            Column("contracts", .integer, heading: "contracts", "Contracts that have not ended."),
            Column("power_mw", .number(decimals: 1), unit: "MW", heading: "power", "Their counted power."),
            Column("in_force_mw", .number(decimals: 1), unit: "MW", heading: "in force", "Counted power in force on the day."),
            Column("firm_mw", .number(decimals: 1), unit: "MW", heading: "firm", "Counted power that is firm."),
            Column("unknown_power_mw", .integer, heading: "power unknown", "Contracts that do not say how much."),
        ])

    private static let contractSums = """
        SELECT json_build_object('contracts', count(*), 'power_mw', sum(r.counted_power_mw),
          'in_force_mw', sum(r.counted_power_mw) FILTER (WHERE r.in_force), 'firm_mw', sum(r.counted_power_mw) FILTER (WHERE r.firm),
          'unknown_power_mw', count(*) FILTER (WHERE r.power_mw IS NULL))
        FROM (SELECT r.* FROM gigawatch.contracts({as_of}, {as_known}, {as_recorded}) r{filters}) r WHERE NOT coalesce(r.ended, false)
        """

    public static let contractTotals = ReadModel(
        name: "contract_totals", path: "/v1/contracts/totals", meaning: "Contracted megawatts by status, role, firmness, buyer and region.",
        source: "gigawatch.contract_totals({as_of}, {as_known}, {as_recorded})", hasClocks: true,
        columns: [
            Column("dimension", .text, heading: "by", "all, status, role, kind, firm, buyer or region."),
            Column("value", .text, heading: "value", "The value of that dimension."),
            Column("contracts", .integer, heading: "contracts", "How many."),
            Column("power_mw", .number(decimals: 1), unit: "MW", heading: "power", "Counted power."),
            Column("in_force_mw", .number(decimals: 1), unit: "MW", heading: "in force", "Counted power in force."),
            Column("unknown_power_mw", .integer, heading: "unknown", "Contracts that do not say how much."),
            .confidence, .assertion,
        ],
        filters: [.anyOf("dimension", parameter: "by", "all, status, role, kind, firm, buyer or region.")],
        sort: [SortKey("r.dimension", "text"), SortKey("coalesce(r.value, '')", "text")])

    public static let plantCommitments = ReadModel(
        name: "plant_commitments", path: "/v1/commitments",
        meaning: "Plants and what was sold of them: more firm megawatts than operate is a double commitment.",
        source: "gigawatch.plant_commitments({as_of}, {as_known}, {as_recorded})", hasClocks: true,
        columns: [
            Column("plant", .identifier, heading: "plant", "The plant's id."),
            Column("region", .identifier, heading: "region", "Its region."),
            Column("firm_mw", .number(decimals: 1), unit: "MW", heading: "sold firm", "Firm resource contracts in force."),
            Column("operating_mw", .number(decimals: 1), unit: "MW", heading: "operating", "Its units operating on the day."),
            Column(
                "double_commitment_mw", .number(decimals: 1), unit: "MW", heading: "sold twice",
                "What was sold beyond what operates; null when no unit is known."),
            Column("contracts", .list, heading: "contracts", "The contracts."),
            Column("buyers", .list, heading: "buyers", "The buyers."),
            Column("unknown_firmness", .integer, unit: "contracts", "Contracts that do not say whether they are firm."),
            Column("unknown_power_mw", .integer, unit: "contracts", "Firm contracts that do not say how much."),
            .confidence, .assertion,
        ],
        filters: [.anyOf("plant", "These plants."), .anyOf("region", "In one of these regions.")],
        sort: [
            SortKey("coalesce(r.double_commitment_mw, '-Infinity'::double precision)", "double precision", descending: true),
            SortKey("r.plant", "text"),
        ])
}
