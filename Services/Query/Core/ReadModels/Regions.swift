// The power balance of each region: what it needs on the day, what stands behind it, and what is missing.

extension ReadModel {
    static let regionColumns: [Column] = [
        Column("region", .identifier, heading: "region", "Balancing authority, zone, state or country."),
        Column("name", .text, heading: "name", "Name."),
        Column("country", .identifier, "ISO 3166-1 alpha-2 code."),
        Column("kind", .text, "balancing_authority, zone, state or country."),
        Column("parent", .identifier, "The region that it is part of."),
        Column("peak_demand_mw", .number(decimals: 0), unit: "MW", heading: "peak", "Latest known 365-day peak demand."),
        Column("peak_at", .instant, heading: "peak at", "The hour of that peak."),
        Column("latest_hour", .instant, "Latest hour reported."),
        Column("load_mw", .number(decimals: 0), unit: "MW", heading: "AI load", "AI load energized, under construction or announced by the day."),
        Column("load_energized_mw", .number(decimals: 0), unit: "MW", "Of it energized."),
        Column("load_under_construction_mw", .number(decimals: 0), unit: "MW", "Of it under construction."),
        Column("load_announced_mw", .number(decimals: 0), unit: "MW", "Of it announced."),
        Column("load_later_mw", .number(decimals: 0), unit: "MW", "AI load that comes after the day."),
        Column("added_load_mw", .number(decimals: 0), unit: "MW", heading: "not in peak", "AI load that the peak does not hold yet."),
        Column("need_mw", .number(decimals: 0), unit: "MW", heading: "need", "Peak demand + AI load that was not in it."),
        Column("firm_mw", .number(decimals: 0), unit: "MW", heading: "firm", "Units operating × capacity credit of their fuel."),
        Column("operating_mw", .number(decimals: 0), unit: "MW", "Units operating, without credit."),
        Column("planned_mw", .number(decimals: 0), unit: "MW", "Units planned, permitted or under construction."),
        Column("reserve_margin", .share, "Reserve margin on top of the need."),
        Column("gap_mw", .number(decimals: 0), unit: "MW", heading: "gap", "max(0, need × (1 + reserve margin) − firm)."),
        Column("contracted_mw", .number(decimals: 0), unit: "MW", heading: "contracted", "Resource contracts in force."),
        Column("uncontracted_load_mw", .number(decimals: 0), unit: "MW", heading: "uncontracted", "AI load that no contract covers."),
        Column("sites", .integer, "Sites in it."),
        Column("units", .integer, "Generating units in it."),
        Column("unknown_load_mw", .integer, unit: "sites", "Sites whose load is not known."),
        Column("unknown_firm_mw", .integer, unit: "units", "Units whose fuel has no credit."),
        Column("unknown_contracted_mw", .integer, unit: "contracts", "Contracts that do not say how much."),
        .confidence, Column("assertion", .text, "Weakest assertion of the facts behind the row."),
    ]

    public static let regions = ReadModel(
        name: "regions", path: "/v1/regions", meaning: "The power balance of each region on the day, which may lie in the future.",
        source: "gigawatch.regions({as_of}, {as_known}, {as_recorded})", hasClocks: true, columns: regionColumns,
        filters: [
            .anyOf("region", "These regions."), .anyOf("country", "In one of these countries."), .anyOf("kind", "Of one of these kinds."),
            .anyOf("parent", "Parts of one of these regions."),
            Filter("short", .boolean, "coalesce(r.gap_mw > 0, false) = ?::boolean", "Only regions with a gap, or only those without."),
        ],
        sort: [SortKey("coalesce(r.gap_mw, -1)", "double precision", descending: true), SortKey("r.region", "text")],
        totals: "SELECT row_to_json(t) FROM gigawatch.region_totals({as_of}, {as_known}, {as_recorded}) t",
        totalColumns: [
            Column("regions", .integer, heading: "regions", "Regions that are part of no other."),
            Column("regions_short", .integer, heading: "short", "Of them short of firm power."),
            Column("load_mw", .number(decimals: 0), unit: "MW", heading: "AI load", "Sum of AI load."),
            Column("gap_mw", .number(decimals: 0), unit: "MW", heading: "gap", "Sum of gaps."),
        ])

    public static let region = ReadModel(
        name: "region", path: "/v1/regions/{id}", shape: .item, meaning: "One region's power balance in full.",
        source: "(SELECT t.* FROM gigawatch.regions({as_of}, {as_known}, {as_recorded}) t WHERE t.region = {id})", hasClocks: true,
        columns: regionColumns, sort: [SortKey("r.region", "text")])
}
