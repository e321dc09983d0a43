// Telemetry: what the meters of a site say, beside what the ledger says of it. The roll-ups by minute and hour are the projection's
// (M021TelemetryRollups.swift); here they meet the declared level and the contracts. Readings are neither corrected nor restated, so as_known and
// as_recorded act on the declared figures alone. Read next: Sites.swift, SiteLimits.swift.

extension ReadModels {
    private static func buckets(_ function: String, _ table: String) -> SQLObject {
        SQLObject(
            model: function,
            #"""
            CREATE OR REPLACE FUNCTION gigawatch.\#(function)(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
            RETURNS TABLE (site text, bucket timestamptz, count bigint, power_kw_min double precision, power_kw_mean double precision,
              power_kw_max double precision, last_power_kw double precision, last_at timestamptz, energy_kwh double precision,
              gpu_utilization double precision, declared_mw double precision, load_factor double precision, site_limit_mw double precision,
              limit_share double precision)
            LANGUAGE sql STABLE PARALLEL SAFE AS $$
              SELECT t.subject, t.bucket, t.count, t.power_kw_min, t.power_kw_sum / nullif(t.count, 0), t.power_kw_max, t.last_power_kw, t.last_at,
                t.energy_kwh_gain, t.utilization_sum / nullif(t.utilization_count, 0), declared.mw,
                t.power_kw_sum / nullif(t.count, 0) / 1000 / nullif(declared.mw, 0), contracted.mw, t.power_kw_max / 1000 / nullif(contracted.mw, 0)
              FROM gigawatch.\#(table) t
              LEFT JOIN LATERAL (SELECT min(s.facility_power_mw) AS mw FROM gigawatch.sites(as_of, as_known, as_recorded) s
                                 WHERE s.site = t.subject) declared ON true
              LEFT JOIN LATERAL (SELECT min(l.site_limit_mw) AS mw FROM gigawatch.site_limits(as_of, as_known, as_recorded) l
                                 WHERE l.site = t.subject) contracted ON true
              WHERE t.bucket <= coalesce(as_of, 'infinity')
            $$;
            """#)
    }

    /// One row per site and minute (UTC) that has a reading.
    ///
    /// - mean = Σ readings / count. energy_kwh: what the counter gained between its readings in the bucket; a counter that fell was reset.
    /// - load_factor = mean power / declared facility power at `as_of`; limit_share = greatest power / site limit at `as_of`.
    static let telemetryMinutes = buckets("telemetry_minutes", "telemetry_minute")

    /// As telemetry_minutes, by hour.
    static let telemetryHours = buckets("telemetry_hours", "telemetry_hour")

    /// One row per metered site: its latest hour up to `as_of`, the declared level and the limit beside it, and when it was last heard of.
    static let telemetry = SQLObject(
        model: "telemetry",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.telemetry(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (site text, last_at timestamptz, last_power_kw double precision, hour timestamptz, power_kw_min double precision,
          power_kw_mean double precision, power_kw_max double precision, gpu_utilization double precision, declared_mw double precision,
          load_factor double precision, site_limit_mw double precision, limit_share double precision)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT e.subject, h.last_at, h.last_power_kw, h.bucket, h.power_kw_min, h.power_kw_sum / nullif(h.count, 0), h.power_kw_max,
            h.utilization_sum / nullif(h.utilization_count, 0), declared.mw, h.power_kw_sum / nullif(h.count, 0) / 1000 / nullif(declared.mw, 0),
            contracted.mw, h.last_power_kw / 1000 / nullif(contracted.mw, 0)
          FROM (SELECT DISTINCT t.subject FROM gigawatch.telemetry_hour t) e
          CROSS JOIN LATERAL (SELECT t.* FROM gigawatch.telemetry_hour t WHERE t.subject = e.subject AND t.bucket <= coalesce(as_of, 'infinity')
                              ORDER BY t.bucket DESC LIMIT 1) h
          LEFT JOIN LATERAL (SELECT min(s.facility_power_mw) AS mw FROM gigawatch.sites(as_of, as_known, as_recorded) s
                             WHERE s.site = e.subject) declared ON true
          LEFT JOIN LATERAL (SELECT min(l.site_limit_mw) AS mw FROM gigawatch.site_limits(as_of, as_known, as_recorded) l
                             WHERE l.site = e.subject) contracted ON true
        $$;
        """#)
}
