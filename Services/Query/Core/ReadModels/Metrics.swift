// The published figures: each metric's present value, and every value it ever had with the fact that caused it.

extension ReadModel {
    private static let metricColumns: [Column] = [
        Column("metric", .text, heading: "metric", "Name; its last word is the unit."),
        Column("entity", .identifier, heading: "entity", "The site, region, organisation or country."),
        Column("value", .number(decimals: 3), heading: "value", "The value; null when it is not known."),
    ]
    private static let metricFilters: [Filter] = [
        .anyOf("metric", "One of these metrics (regions.gap_mw)."), .anyOf("entity", "Of one of these entities."),
        Filter("model", .anyOf, "split_part(r.metric, '.', 1) = ?::text", "Of this read model."),
    ]

    public static let metrics = ReadModel(
        name: "metrics", path: "/v1/metrics", meaning: "The present value of every published metric.",
        source: "gigawatch.metric_current", hasClocks: false,
        columns: metricColumns + [
            Column("labels", .json, "Labels."), Column("sequence", .integer, heading: "number", "How often it has changed."),
            Column("as_of", .instant, heading: "since", "Since when it has this value."),
        ],
        filters: metricFilters, sort: [SortKey("r.metric", "text"), SortKey("r.entity", "text")])

    public static let metricHistory = ReadModel(
        name: "metric_history", path: "/v1/metrics/history", meaning: "Every value that was published, the newest first, with its cause.",
        source: "gigawatch.metric_history", hasClocks: false,
        columns: metricColumns + [
            Column("previous", .number(decimals: 3), heading: "before", "The value before."),
            Column("sequence", .integer, heading: "number", "Number per metric and entity."),
            Column("as_of", .instant, heading: "as of", "For when it was computed."),
            Column("cause", .json, heading: "cause", "The fact, or the passing of a day."),
            Column("recorded_at", .instant, heading: "recorded", "When it was stored."), Column("labels", .json, "Labels."),
        ],
        filters: metricFilters,
        sort: [
            SortKey("r.recorded_at", "timestamptz", descending: true), SortKey("r.metric", "text"), SortKey("r.entity", "text"),
            SortKey("r.sequence", "bigint", descending: true),
        ])
}
