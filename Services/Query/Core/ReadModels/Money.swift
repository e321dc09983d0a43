// Capital, revenue and electricity: what the build-out costs, earns and draws.

extension ReadModel {
    private static func usd(_ name: String, _ heading: String?, _ meaning: String) -> Column {
        Column(name, .number(decimals: 2), unit: "USD", heading: heading, scale: 1e-9, shownUnit: "B USD", meaning)
    }

    public static let capital = ReadModel(
        name: "capital", path: "/v1/capital", meaning: "Capital by organisation, calendar year, nature and purpose.",
        source: "gigawatch.capital({as_of}, {as_known}, {as_recorded})", hasClocks: true,
        columns: [
            Column("organization", .identifier, heading: "organisation", "Who."),
            Column("year", .identifier, heading: "year", "Calendar year; null where the period cannot be read."),
            Column("nature", .text, heading: "nature", "guidance, commitment, contract or spent."),
            Column("purpose", .text, heading: "purpose", "compute, power or all."),
            usd("low_usd", "low", "Lower end."), usd("high_usd", "high", "Upper end."),
            usd("counted_low_usd", nil, "Lower end that totals count: one contract between two known organisations counts once."),
            usd("counted_high_usd", nil, "Upper end that totals count."),
            Column("items", .integer, heading: "items", "How many amounts."), Column("at", .instant, heading: "said", "When the latest was said."),
            .confidence, .assertion,
        ],
        filters: [
            .anyOf("organization", "Of one of these organisations."), .anyOf("nature", "Of one of these natures."),
            .anyOf("purpose", "For one of these purposes."),
            Filter("year", .integer, "r.year = ?::integer", "Of this calendar year."),
        ],
        sort: [
            SortKey("coalesce(r.year, 0)", "integer", descending: true), SortKey("coalesce(r.high_usd, -1)", "numeric", descending: true),
            SortKey("r.organization", "text"), SortKey("coalesce(r.nature, '')", "text"), SortKey("coalesce(r.purpose, '')", "text"),
        ],
        totals:
            "SELECT coalesce(json_agg(row_to_json(t) ORDER BY t.year), '[]'::json) FROM gigawatch.capital_totals({as_of}, {as_known}, {as_recorded}) t"
    )

    public static let revenue = ReadModel(
        name: "revenue", path: "/v1/revenue", meaning: "Annual run rate by organisation and kind, and how fast it doubles.",
        source: "gigawatch.revenue({as_of}, {as_known}, {as_recorded})", hasClocks: true,
        columns: [
            Column("organization", .identifier, heading: "organisation", "Who."),
            Column("kind", .text, heading: "kind", "ai, chips, data_center or cloud."),
            usd("run_rate_usd", "run rate", "Latest annual run rate."), Column("at", .instant, heading: "as of", "When it was true."),
            Column("period", .text, heading: "period", "The period that it was reported for."),
            Column("points", .integer, heading: "points", "Reports behind it."),
            Column("doubling_days", .number(decimals: 0), unit: "days", heading: "doubles in", "Doubling time over the last four points."),
            .confidence, .assertion,
        ],
        filters: [.anyOf("organization", "Of one of these organisations."), .anyOf("kind", "ai, chips, data_center or cloud.")],
        sort: [SortKey("coalesce(r.run_rate_usd, -1)", "numeric", descending: true), SortKey("r.organization", "text"), SortKey("r.kind", "text")],
        totals:
            "SELECT coalesce(json_agg(row_to_json(t) ORDER BY t.kind), '[]'::json) FROM gigawatch.revenue_totals({as_of}, {as_known}, {as_recorded}) t"
    )

    public static let electricity = ReadModel(
        name: "electricity", path: "/v1/electricity",
        meaning: "Electricity by country: generation of the last observed year, what AI draws, what is being built.",
        source: "gigawatch.electricity({as_of}, {as_known}, {as_recorded})", hasClocks: true,
        columns: [
            Column("country", .identifier, heading: "country", "ISO 3166-1 alpha-2 code."),
            Column("observed_year", .identifier, heading: "year", "Latest observed year."),
            Column("generation_twh", .number(decimals: 1), unit: "TWh", heading: "generation", "Generation in that year."),
            Column("consumption_twh", .number(decimals: 1), unit: "TWh", heading: "consumption", "Consumption in that year."),
            Column("data_center_twh", .number(decimals: 1), unit: "TWh", heading: "data centers", "Data centers in that year."),
            Column("ai_twh", .number(decimals: 1), unit: "TWh", "AI in that year, as reported."),
            Column("ai_load_mw", .number(decimals: 0), unit: "MW", heading: "AI load", "Facility power of the country's sites."),
            Column("load_factor", .share, "Assumed load factor."),
            Column("ai_load_twh", .number(decimals: 1), unit: "TWh", heading: "AI load", "That load over a year."),
            Column("ai_share", .share, heading: "AI share", "AI load / generation."),
            Column("growth_needed", .share, heading: "growth needed", "How much generation must grow for it."),
            Column("loss_factor", .share, "Assumed grid losses."),
            Column("under_construction_mw", .number(decimals: 0), unit: "MW", heading: "under construction", "Generation under construction."),
            Column("under_construction_twh", .number(decimals: 1), unit: "TWh", "What that will generate in a year."),
            Column("unknown_ai_load_mw", .integer, unit: "sites", heading: "unknown", "Sites whose load is not known."),
            .confidence, .assertion,
        ],
        filters: [.anyOf("country", "One of these countries.")], sort: [SortKey("r.country", "text")])
}
