// The scenario: where the world stands against the reference ladder of *Situational Awareness* (L. Aschenbrenner, 2024, part IIIa): how many
// months it is ahead or behind, per series. Read next: Ladder.swift (interpolation), M020 (the ladder's points and their source).

extension ReadModels {
    /// One row per series of the ladder, also while nothing is observed (then the value and what follows from it are null).
    ///
    /// - Levels (`kind` level) are observed at D: the facility power of the largest site by power, the h100e of that same site, the share of
    ///   US generation that the AI load takes (electricity), Σ AI run rates (revenue).
    /// - Flows (`kind` flow) belong to a calendar year, the latest one up to D's of which anything is known, and stand at its middle:
    ///   annual capital (capital_totals.expected_usd), chip output (Σ h100e reported for periods, spread over their days).
    /// - ladder_at: when the ladder has the observed value, log-linear between its points. months_ahead = (ladder_at − observed_at) /
    ///   30.4375 days: positive is ahead of the ladder. extrapolated: the value lies outside the ladder.
    /// - ladder_value: what the ladder has at observed_at; ratio = observed / ladder_value.
    static let scenario = SQLObject(
        model: "scenario",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.scenario(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (series text, kind text, unit text, entity text, observed_value double precision, observed_at timestamptz,
          ladder_at timestamptz, months_ahead double precision, extrapolated boolean, ladder_value double precision, ratio double precision,
          confidence text, assertion text)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          WITH largest AS MATERIALIZED (
            SELECT s.site, s.facility_power_mw, s.h100e, s.confidence, s.assertion
            FROM gigawatch.sites(as_of, as_known, as_recorded) s
            WHERE s.facility_power_mw > 0 ORDER BY s.facility_power_mw DESC, s.site LIMIT 1
          ), output AS (
            SELECT n.year, sum(o.h100e * gigawatch.period_share(o.days, n.year)) AS h100e, min(o.confidence) AS confidence, min(o.assertion) AS assertion
            FROM (
              SELECT DISTINCT ON (f.subject, f.period) f.subject, f.h100e, gigawatch.period_days(f.period) AS days,
                \#(Clause.confidenceRank("f.confidence")) AS confidence, \#(Clause.assertionRank("f.assertion")) AS assertion
              FROM gigawatch.fact_chip_output_reported f WHERE f.h100e IS NOT NULL AND \#(Clause.living("f"))
              ORDER BY f.subject, f.period, \#(Clause.newest("f"))) o
            CROSS JOIN LATERAL generate_series(extract(year FROM lower(o.days))::int, extract(year FROM upper(o.days) - 1)::int) n(year)
            WHERE n.year <= extract(year FROM \#(Clause.day)) GROUP BY n.year ORDER BY n.year DESC LIMIT 1
          ), capital AS (
            SELECT c.year, c.expected_usd, c.confidence, c.assertion FROM gigawatch.capital_totals(as_of, as_known, as_recorded) c
            WHERE c.year <= extract(year FROM \#(Clause.day)) ORDER BY c.year DESC LIMIT 1
          ), observed(series, kind, entity, value, year, confidence, assertion) AS (
            SELECT 'largest_site_power_mw', 'level', l.site, l.facility_power_mw, NULL::int, l.confidence, l.assertion FROM largest l
            UNION ALL SELECT 'largest_site_h100e', 'level', l.site, l.h100e, NULL, l.confidence, l.assertion FROM largest l
            UNION ALL SELECT 'annual_capital_usd', 'flow', NULL, c.expected_usd::double precision, c.year, c.confidence, c.assertion FROM capital c
            UNION ALL SELECT 'us_electricity_share', 'level', e.country, e.ai_share, NULL, e.confidence, e.assertion
              FROM gigawatch.electricity(as_of, as_known, as_recorded) e WHERE e.country = 'US'
            UNION ALL SELECT 'ai_run_rate_usd', 'level', NULL, r.run_rate_usd::double precision, NULL, r.confidence, r.assertion
              FROM gigawatch.revenue_totals(as_of, as_known, as_recorded) r WHERE r.kind = 'ai'
            UNION ALL SELECT 'chip_output_h100e', 'flow', NULL, o.h100e, o.year, \#(Clause.confidence("o.confidence")), \#(Clause.assertion("o.assertion"))
              FROM output o
          )
          SELECT s.series, CASE WHEN s.series IN ('annual_capital_usd', 'chip_output_h100e') THEN 'flow' ELSE 'level' END, s.unit, o.entity, o.value, w.at,
            hit.at, extract(epoch FROM hit.at - w.at)::double precision / 86400 / 30.4375, hit.extrapolated, reference.value,
            o.value / nullif(reference.value, 0), o.confidence, o.assertion
          FROM (SELECT l.series, min(l.unit) AS unit FROM gigawatch.ladder l GROUP BY l.series) s
          LEFT JOIN observed o ON o.series = s.series AND o.value IS NOT NULL
          CROSS JOIN LATERAL (SELECT coalesce(make_date(o.year, 7, 2)::timestamp AT TIME ZONE 'UTC', as_of, now()) AS at) w
          LEFT JOIN LATERAL gigawatch.ladder_at(s.series, o.value) hit ON true
          LEFT JOIN LATERAL gigawatch.ladder_value(s.series, w.at) reference ON true
        $$;
        """#)
}
