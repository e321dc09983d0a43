// Sites: one row per data-center site, one site in full, its steps over time, and how much power its contracts let it draw.

extension ReadModel {
    private static let siteColumns: [Column] = [
        Column("site", .identifier, heading: "site", "The site's id."),
        Column("name", .text, "Name, as last described."),
        Column("status", .text, heading: "status", "announced, contracted, permitted, under_construction, energized, derated, cancelled or retired."),
        Column("status_at", .instant, "Since when it has that status."),
        Column("owner", .identifier, heading: "owner", "Organisation that owns the site."),
        Column("operator", .identifier, "Organisation that runs it."),
        Column("users", .list, "Organisations that use it."),
        Column("investors", .list, "Organisations that paid for it."),
        Column("country", .identifier, heading: "country", "ISO 3166-1 alpha-2 code of where it stands."),
        Column("region", .identifier, heading: "region", "Balancing authority or zone."),
        Column("latitude", .number(decimals: 4), unit: "degrees", "Latitude."),
        Column("longitude", .number(decimals: 4), unit: "degrees", "Longitude."),
        Column("parent_site", .identifier, "The campus that it is a part of."),
        Column("planned_facility_power_mw", .number(decimals: 1), unit: "MW", heading: "planned", "Facility power that is planned in the end."),
        Column("planned_h100e", .number(decimals: 0), unit: "H100e", "H100 equivalents planned in the end."),
        Column("expected_energized_on", .day, "Day on which it is expected to have power."),
        Column("facility_power_mw", .number(decimals: 1), unit: "MW", heading: "power", "Facility power, the latest level."),
        Column("it_power_mw", .number(decimals: 1), unit: "MW", heading: "IT", "Power of the computers alone."),
        Column("h100e", .number(decimals: 0), unit: "H100e", heading: "compute", "H100 equivalents: reported, else from its chips."),
        Column("h100e_basis", .text, "reported or chips: where h100e comes from."),
        Column("capital_cost_usd", .number(decimals: 2), unit: "USD", heading: "cost", scale: 1e-9, shownUnit: "B USD", "Capital cost so far."),
        Column("buildings", .number(decimals: 0), unit: "buildings", "Buildings in operation."),
        Column("energized", .boolean, "Has facility power above 0."),
        Column("level_at", .instant, heading: "as of", "When the latest level was true."),
        Column("first_seen_at", .instant, "Time of its first fact."),
        Column("chips_unknown", .integer, unit: "chips", "Kinds of its chips whose rate is not known, left out of h100e."),
        .confidence,
        Column("assertion", .text, "Weakest assertion of the facts behind the row: reported … projected."),
    ]

    public static let sites = ReadModel(
        name: "sites", path: "/v1/sites", meaning: "Every site seen by the day, its state and its levels.",
        source: "gigawatch.sites({as_of}, {as_known}, {as_recorded})", hasClocks: true, columns: siteColumns,
        filters: [
            .anyOf("status", "Sites with one of these states."), .anyOf("owner", "Sites of one of these owners."),
            .anyOf("country", "Sites in one of these countries."), .anyOf("region", "Sites in one of these regions."),
            .anyOf("site", "These sites."),
            Filter("energized", .boolean, "coalesce(r.energized, false) = ?::boolean", "Only sites with power, or only those without."),
            Filter("min_power_mw", .number, "r.facility_power_mw >= ?::double precision", "Sites with at least this facility power in MW."),
        ],
        sort: [
            SortKey("coalesce(r.facility_power_mw, '-Infinity'::double precision)", "double precision", descending: true),
            SortKey("r.site", "text"),
        ],
        totals: "SELECT row_to_json(t) FROM gigawatch.site_totals({as_of}, {as_known}, {as_recorded}) t",
        filteredTotals: """
            WITH m AS MATERIALIZED (SELECT r.* FROM gigawatch.sites({as_of}, {as_known}, {as_recorded}) r{filters}),
            roots AS (SELECT m.* FROM m WHERE NOT EXISTS (SELECT FROM m p WHERE p.site = m.parent_site AND p.site <> m.site AND p.facility_power_mw IS NOT NULL))
            SELECT json_build_object('sites_seen', (SELECT count(*) FROM m), 'sites_energized', (SELECT count(*) FROM m WHERE energized),
              'facility_power_mw', sum(facility_power_mw), 'it_power_mw', sum(it_power_mw), 'h100e', sum(h100e),
              'capital_cost_usd', sum(capital_cost_usd),
              'unknown_facility_power_mw', count(*) FILTER (WHERE facility_power_mw IS NULL), 'unknown_it_power_mw', count(*) FILTER (WHERE it_power_mw IS NULL),
              'unknown_h100e', count(*) FILTER (WHERE h100e IS NULL), 'unknown_capital_cost_usd', count(*) FILTER (WHERE capital_cost_usd IS NULL))
            FROM roots
            """,
        totalColumns: [
            Column("sites_seen", .integer, heading: "sites seen", "Sites with any fact by the day."),
            Column("sites_energized", .integer, heading: "energized", "Sites with facility power above 0."),
            Column("facility_power_mw", .number(decimals: 1), unit: "MW", heading: "power", "Sum of facility power."),
            Column("it_power_mw", .number(decimals: 1), unit: "MW", heading: "IT power", "Sum of IT power."),
            Column("h100e", .number(decimals: 0), unit: "H100e", heading: "compute", "Sum of H100 equivalents."),
            Column("capital_cost_usd", .number(decimals: 2), unit: "USD", heading: "cost", scale: 1e-9, shownUnit: "B USD", "Sum of capital cost."),
            Column("unknown_facility_power_mw", .integer, heading: "power unknown", "Sites left out of the sum of power."),
            Column("unknown_h100e", .integer, heading: "compute unknown", "Sites left out of the sum of H100 equivalents."),
        ])

    public static let site = ReadModel(
        name: "site", path: "/v1/sites/{id}", shape: .item, meaning: "One site in full, with its contracts and its limit.",
        source: """
            (SELECT s.*,
               (SELECT l.site_limit_mw FROM gigawatch.site_limits({as_of}, {as_known}, {as_recorded}) l WHERE l.site = s.site LIMIT 1) AS site_limit_mw,
               (SELECT coalesce(json_agg(row_to_json(c) ORDER BY c.contract), '[]'::json)
                FROM gigawatch.contracts({as_of}, {as_known}, {as_recorded}) c WHERE c.site = s.site) AS contracts
             FROM gigawatch.sites({as_of}, {as_known}, {as_recorded}) s WHERE s.site = {id})
            """,
        hasClocks: true,
        columns: siteColumns + [
            Column("site_limit_mw", .number(decimals: 1), unit: "MW", heading: "limit", "Power that its contracts in force let it draw."),
            Column("contracts", .json, "Its power contracts."),
        ],
        sort: [SortKey("r.site", "text")])

    public static let siteTimeline = ReadModel(
        name: "site_timeline", path: "/v1/sites/{id}/timeline", meaning: "The steps of one site: levels and state from each day with a fact on.",
        source: "(SELECT t.* FROM gigawatch.site_timeline({as_of}, {as_known}, {as_recorded}) t WHERE t.site = {id})", hasClocks: true,
        columns: [
            Column("site", .identifier, "The site's id."),
            Column("at", .instant, heading: "from", "From when these levels hold."),
            Column("status", .text, heading: "status", "State of the site."),
            Column("facility_power_mw", .number(decimals: 1), unit: "MW", heading: "power", "Facility power."),
            Column("it_power_mw", .number(decimals: 1), unit: "MW", heading: "IT", "Power of the computers alone."),
            Column("h100e", .number(decimals: 0), unit: "H100e", heading: "compute", "H100 equivalents."),
            Column("capital_cost_usd", .number(decimals: 2), unit: "USD", heading: "cost", scale: 1e-9, shownUnit: "B USD", "Capital cost so far."),
            Column("buildings", .number(decimals: 0), unit: "buildings", "Buildings in operation."),
            Column("planned_facility_power_mw", .number(decimals: 1), unit: "MW", "Facility power planned in the end."),
            Column("expected_energized_on", .day, heading: "expected", "Day on which it is expected to have power."),
            Column("energized", .boolean, "Has facility power above 0."),
            Column("known_at", .instant, heading: "known", "When the last of the facts of that day became known."),
            Column("facts", .integer, "How many facts changed something at that moment."),
            .confidence, .assertion,
        ],
        sort: [SortKey("r.at", "timestamptz")], limitDefault: 1_000)

    public static let siteLimits = ReadModel(
        name: "site_limits", path: "/v1/limits", meaning: "How much power each site's contracts in force let it draw.",
        source: "gigawatch.site_limits({as_of}, {as_known}, {as_recorded})", hasClocks: true,
        columns: [
            Column("site", .identifier, heading: "site", "The site's id."),
            Column("region", .identifier, heading: "region", "Balancing authority or zone."),
            Column("site_limit_mw", .number(decimals: 1), unit: "MW", heading: "limit", "Delivery contracts in force + behind the meter."),
            Column("delivery_mw", .number(decimals: 1), unit: "MW", heading: "delivery", "Interconnection and grid service in force."),
            Column("behind_the_meter_mw", .number(decimals: 1), unit: "MW", heading: "behind the meter", "Behind-the-meter contracts in force."),
            Column("contracts", .list, heading: "contracts", "The contracts that count."),
            Column("unknown_power_mw", .integer, unit: "contracts", heading: "unknown", "Contracts in force that do not say how much."),
            .confidence, .assertion,
        ],
        filters: [.anyOf("site", "These sites."), .anyOf("region", "Sites in one of these regions.")],
        sort: [SortKey("r.site", "text")])
}
