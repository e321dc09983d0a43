// Slippage: by how many days sites miss the day that was first promised. Read next: Sites.swift.

extension ReadModels {
    /// One row per site that ever stated an expected_energized_on, or was energized.
    ///
    /// slip_days = energized_on − first_expected_on; while it is not energized, the current expectation − the first. energized_on: the first day
    /// with status energized or a facility level > 0. Cancelled and retired sites have no slip_days and are counted apart.
    static let slippage = SQLObject(
        model: "slippage",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.slippage(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (site text, owner text, status text, first_expected_on date, first_expected_at timestamptz, expected_on date, energized_on date,
          slip_days integer, cancelled boolean, confidence text, assertion text)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT s.site, s.owner, s.status, promise.expected, promise.at, s.expected_energized_on, energized.at,
            CASE WHEN s.status IN ('cancelled', 'retired') AND energized.at IS NULL THEN NULL
                 ELSE coalesce(energized.at, s.expected_energized_on) - promise.expected END,
            s.status = 'cancelled', s.confidence, s.assertion
          FROM gigawatch.sites(as_of, as_known, as_recorded) s
          LEFT JOIN LATERAL (
            SELECT f.expected_energized_on AS expected, f.occurred_at AS at FROM gigawatch.fact_site_status_changed f
            WHERE f.subject = s.site AND f.expected_energized_on IS NOT NULL AND \#(Clause.living("f"))
            ORDER BY f.occurred_at, f.known_at, f.source, f.id LIMIT 1) promise ON true
          LEFT JOIN LATERAL (
            SELECT (min(f.at) AT TIME ZONE 'UTC')::date AS at FROM (
              SELECT min(f.occurred_at) AS at FROM gigawatch.fact_site_status_changed f
              WHERE f.subject = s.site AND f.status = 'energized' AND \#(Clause.living("f"))
              UNION ALL SELECT min(f.occurred_at) FROM gigawatch.fact_site_capacity_reported f
              WHERE f.subject = s.site AND f.facility_power_mw > 0 AND \#(Clause.living("f"))) f) energized ON true
          WHERE promise.expected IS NOT NULL OR energized.at IS NOT NULL
        $$;
        """#)

    /// One row per owner (null: unknown): median and 90th percentile of slip_days, cancelled sites apart.
    static let slippageTotals = SQLObject(
        model: "slippage_totals",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.slippage_totals(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (owner text, sites bigint, energized bigint, cancelled bigint, unknown_slip_days bigint, median_days double precision,
          p90_days double precision)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT s.owner, count(*), count(s.energized_on), count(*) FILTER (WHERE s.cancelled), count(*) FILTER (WHERE s.slip_days IS NULL AND NOT coalesce(s.cancelled, false)),
            percentile_cont(0.5) WITHIN GROUP (ORDER BY s.slip_days), percentile_cont(0.9) WITHIN GROUP (ORDER BY s.slip_days)
          FROM gigawatch.slippage(as_of, as_known, as_recorded) s GROUP BY s.owner
        $$;
        """#)
}
