// The race against the reference ladder: where the world stands, how that moved, the ladder itself, and what it stands on (capital, revenue,
// electricity).

extension ReadModel {
    private static let scenarioColumns: [Column] = [
        Column("series", .identifier, heading: "series", "What is compared."),
        Column("kind", .text, "level (stands at a moment) or flow (belongs to a calendar year)."),
        Column("observed_value", .number(decimals: 4), heading: "observed", "The value observed, in the row's unit; null while nothing is known."),
        Column("unit", .text, heading: "unit", "Unit of the row's values."),
        Column("entity", .identifier, heading: "of", "The site that the value belongs to, where it belongs to one."),
        Column("observed_at", .instant, heading: "observed at", "When that was."),
        Column("ladder_value", .number(decimals: 4), heading: "ladder", "What the ladder has at that moment."),
        Column("ratio", .number(decimals: 3), heading: "ratio", "Observed / ladder."),
        Column("ladder_at", .instant, heading: "ladder date", "When the ladder has the observed value."),
        Column("months_ahead", .number(decimals: 1), unit: "months", heading: "ahead", "Months ahead of the ladder (+) or behind (-)."),
        Column("extrapolated", .boolean, heading: "outside", "The value lies outside the ladder."),
        .confidence, Column("assertion", .text, "Weakest assertion of the facts behind the row."),
    ]

    public static let scenario = ReadModel(
        name: "scenario", path: "/v1/scenario", meaning: "Where the world stands against the reference ladder: months ahead or behind, per series.",
        source: "gigawatch.scenario({as_of}, {as_known}, {as_recorded})", hasClocks: true, columns: scenarioColumns,
        filters: [.anyOf("series", "One of these series.")], sort: [SortKey("r.series", "text")])

    /// The same figures at the end of each quarter up to the day: what a chart draws. Each step is one call of the one function.
    public static let scenarioHistory = ReadModel(
        name: "scenario_history", path: "/v1/scenario/history",
        meaning: "The scenario at the end of each quarter of the last four years up to the day, and on it.",
        source: """
            (SELECT d.at AS step, s.* FROM (SELECT coalesce({as_of}, now()) AS last) e
             CROSS JOIN LATERAL (SELECT generate_series(date_trunc('quarter', e.last - interval '4 years'), e.last, interval '3 months') - interval '1 microsecond'
               UNION SELECT e.last) d(at)
             CROSS JOIN LATERAL gigawatch.scenario(d.at, {as_known}, {as_recorded}) s WHERE s.observed_value IS NOT NULL)
            """,
        hasClocks: true, columns: [Column("step", .instant, heading: "as of", "The day of the step.")] + scenarioColumns,
        filters: [.anyOf("series", "One of these series.")],
        sort: [SortKey("r.series", "text"), SortKey("r.step", "timestamptz")], limitDefault: 1_000)

    public static let ladder = ReadModel(
        name: "ladder", path: "/v1/scenario/ladder", meaning: "The reference ladder: its points, with their source.",
        source: "gigawatch.ladder", hasClocks: false,
        columns: [
            Column("series", .identifier, heading: "series", "The series."),
            Column("year", .identifier, heading: "year", "The calendar year, where the source gives one."),
            Column("point_on", .day, heading: "day", "The day at which the value stands."),
            Column("value", .number(decimals: 4), heading: "value", "The value."), Column("unit", .text, heading: "unit", "Its unit."),
            Column("source", .text, heading: "source", "Where it comes from."),
        ],
        filters: [.anyOf("series", "One of these series.")], sort: [SortKey("r.series", "text"), SortKey("r.point_on::text", "text")],
        limitDefault: 1_000)
}
