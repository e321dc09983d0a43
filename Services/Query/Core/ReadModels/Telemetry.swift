// Meter readings of sites by minute and by hour, and each meter's latest, by the read models' own functions. The time axis is the bucket's; the
// clocks decide on which declared level and which limit the load is measured. Late readings join their bucket.

extension ReadModel {
    private static func rollup(_ resolution: String) -> String {
        "SELECT '\(resolution)' AS resolution, t.* FROM gigawatch.telemetry_\(resolution)s({as_of}, {as_known}, {as_recorded}) t"
    }

    private static let measured: [Column] = [
        Column("power_kw_min", .number(decimals: 1), unit: "kW", heading: "min", "Least power."),
        Column("power_kw_mean", .number(decimals: 1), unit: "kW", heading: "mean", "Mean power."),
        Column("power_kw_max", .number(decimals: 1), unit: "kW", heading: "max", "Greatest power."),
        Column("last_power_kw", .number(decimals: 1), unit: "kW", heading: "last", "Power of the last reading."),
        Column("last_at", .instant, heading: "last seen", "Time of the last reading."),
        Column("gpu_utilization", .share, heading: "utilization", "Mean utilization of the accelerators."),
        Column("declared_mw", .number(decimals: 1), unit: "MW", "Facility power as declared."),
        Column("load_factor", .share, heading: "of declared", "Mean power / declared facility power."),
        Column("site_limit_mw", .number(decimals: 1), unit: "MW", "What the site's contracts let it draw."),
        Column("limit_share", .share, heading: "of limit", "Greatest power / limit."),
    ]

    public static let telemetry = ReadModel(
        name: "telemetry", path: "/v1/telemetry", meaning: "Meter readings of sites by minute or hour, the latest first.",
        source: "(\(rollup("minute")) UNION ALL \(rollup("hour")))", hasClocks: true,
        columns: [
            Column("site", .identifier, heading: "site", "The site."), Column("bucket", .instant, heading: "from", "When the minute or hour begins."),
            Column("resolution", .text, "minute or hour."), Column("count", .integer, unit: "readings", heading: "readings", "How many."),
            Column("energy_kwh", .number(decimals: 1), unit: "kWh", heading: "energy", "Gain of the meter within the bucket, resets counted."),
        ] + measured,
        filters: [
            .anyOf("site", "Of one of these sites."),
            Filter("resolution", .oneOf(["minute", "hour"]), "r.resolution = ?::text", fallback: "minute", "minute (default) or hour."),
            Filter("from", .instant(throughEnd: false), "r.bucket >= ?::timestamptz", "From this day or instant on."),
            Filter("to", .instant(throughEnd: true), "r.bucket <= ?::timestamptz", "Up to this day or instant."),
        ],
        sort: [SortKey("r.bucket", "timestamptz", descending: true), SortKey("r.site", "text")])

    public static let meters = ReadModel(
        name: "meters", path: "/v1/telemetry/latest",
        meaning: "Each metered site's latest hour, with its declared level, its limit and when it was last heard of.",
        source: "gigawatch.telemetry({as_of}, {as_known}, {as_recorded})", hasClocks: true,
        columns: [Column("site", .identifier, heading: "site", "The site."), Column("hour", .instant, heading: "hour", "The hour.")] + measured,
        filters: [.anyOf("site", "These sites.")], sort: [SortKey("r.site", "text")])
}
