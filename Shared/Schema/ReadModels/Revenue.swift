// Revenue: the run rate that has to pay for the capital. Read next: Capital.swift.

extension ReadModels {
    /// One row per organisation and kind (ai, chips, data_center, cloud): its latest run rate (annual), and the doubling time over its last
    /// four points: ln 2 / slope of the least-squares line through ln(run rate) over days; null with fewer than two points or no growth.
    static let revenue = SQLObject(
        model: "revenue",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.revenue(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (organization text, kind text, run_rate_usd numeric, at timestamptz, period text, points bigint,
          doubling_days double precision, confidence text, assertion text)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT r.subject, r.kind, (array_agg(r.run_rate_usd ORDER BY r.age))[1], max(r.occurred_at), (array_agg(r.period ORDER BY r.age))[1], count(*),
            ln(2) / CASE WHEN regr_slope(r.log_rate, r.day) > 0 THEN regr_slope(r.log_rate, r.day) END,
            \#(Clause.confidence("min(" + Clause.confidenceRank("r.confidence") + ") FILTER (WHERE r.age = 1)")),
            \#(Clause.assertion("min(" + Clause.assertionRank("r.assertion") + ") FILTER (WHERE r.age = 1)"))
          FROM (
            SELECT p.*, row_number() OVER (PARTITION BY p.subject, p.kind ORDER BY p.occurred_at DESC) AS age,
              CASE WHEN p.run_rate_usd > 0 THEN ln(p.run_rate_usd::double precision) END AS log_rate,
              extract(epoch FROM p.occurred_at)::double precision / 86400 AS day
            FROM (
              SELECT DISTINCT ON (f.subject, f.kind, f.occurred_at) f.subject, f.kind, f.occurred_at, f.run_rate_usd, f.period, f.confidence, f.assertion
              FROM gigawatch.fact_revenue_reported f WHERE \#(Clause.living("f"))
              ORDER BY f.subject, f.kind, \#(Clause.newest("f"))) p) r
          WHERE r.age <= 4
          GROUP BY r.subject, r.kind
        $$;
        """#)

    /// One row per kind: Σ run rates; for kind ai also coverage = AI run rate / expected capital of the calendar year of `as_of`.
    static let revenueTotals = SQLObject(
        model: "revenue_totals",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.revenue_totals(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (kind text, run_rate_usd numeric, organizations bigint, capital_usd numeric, coverage double precision, confidence text, assertion text)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT r.kind, r.run_rate_usd, r.organizations, c.expected_usd,
            CASE WHEN r.kind = 'ai' THEN (r.run_rate_usd / nullif(c.expected_usd, 0))::double precision END,
            \#(Clause.confidence("r.confidence")), \#(Clause.assertion("r.assertion"))
          FROM (SELECT r.kind, sum(r.run_rate_usd) AS run_rate_usd, count(*) AS organizations,
                  min(\#(Clause.confidenceRank("r.confidence"))) AS confidence, min(\#(Clause.assertionRank("r.assertion"))) AS assertion
                FROM gigawatch.revenue(as_of, as_known, as_recorded) r GROUP BY r.kind) r
          LEFT JOIN gigawatch.capital_totals(as_of, as_known, as_recorded) c ON c.year = extract(year FROM \#(Clause.day))::int
        $$;
        """#)
}
