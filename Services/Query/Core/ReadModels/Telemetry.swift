// Meter readings of sites by minute and by hour, as the projection rolls them up. The time axis is the bucket's, so there are no clocks here:
// late readings join their bucket.

extension ReadModel {
    private static func rollup(_ resolution: String) -> String {
        """
        SELECT '\(resolution)' AS resolution, t.subject AS site, t.bucket, t.count, t.power_kw_min, t.power_kw_sum / nullif(t.count, 0) AS power_kw_mean,
          t.power_kw_max, t.last_at, t.last_power_kw, t.energy_kwh_gain, t.utilization_sum / nullif(t.utilization_count, 0) AS utilization_mean
        FROM gigawatch.telemetry_\(resolution) t
        """
    }

    public static let telemetry = ReadModel(
        name: "telemetry", path: "/v1/telemetry", meaning: "Meter readings of sites by minute or hour, the latest first.",
        source: "(\(rollup("minute")) UNION ALL \(rollup("hour")))", hasClocks: false,
        columns: [
            Column("site", .identifier, heading: "site", "The site."), Column("bucket", .instant, heading: "from", "When the minute or hour begins."),
            Column("resolution", .text, "minute or hour."), Column("count", .integer, unit: "readings", heading: "readings", "How many."),
            Column("power_kw_min", .number(decimals: 1), unit: "kW", heading: "min", "Least power."),
            Column("power_kw_mean", .number(decimals: 1), unit: "kW", heading: "mean", "Mean power."),
            Column("power_kw_max", .number(decimals: 1), unit: "kW", heading: "max", "Greatest power."),
            Column("last_power_kw", .number(decimals: 1), unit: "kW", heading: "last", "Power of the last reading."),
            Column("last_at", .instant, heading: "last seen", "Time of the last reading."),
            Column("energy_kwh_gain", .number(decimals: 1), unit: "kWh", heading: "energy", "Gain of the meter within the bucket, resets counted."),
            Column("utilization_mean", .share, heading: "utilization", "Mean utilization of the accelerators."),
        ],
        filters: [
            .anyOf("site", "Of one of these sites."),
            Filter("resolution", .oneOf(["minute", "hour"]), "r.resolution = ?::text", fallback: "minute", "minute (default) or hour."),
            Filter("from", .instant(throughEnd: false), "r.bucket >= ?::timestamptz", "From this day or instant on."),
            Filter("to", .instant(throughEnd: true), "r.bucket <= ?::timestamptz", "Up to this day or instant."),
        ],
        sort: [SortKey("r.bucket", "timestamptz", descending: true), SortKey("r.site", "text")])
}
