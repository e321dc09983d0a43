// The timeline of a site: one row for each instant at which a fact changed it, with the state that held from then on. It asks the sites
// model as of that instant, so a point of the timeline and an `as_of` query cannot disagree. Read next: Sites.swift.

extension ReadModels {
    /// One row per site and instant with a fact up to `as_of`: the levels and the status from that instant on, carried forward.
    /// `reported_…` in the ledger's own words is in `events`; plans (`projected`) appear when `as_of` lies in the future.
    static let siteTimeline = SQLObject(
        model: "site_timeline",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.site_timeline(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (site text, at timestamptz, status text, facility_power_mw double precision, it_power_mw double precision,
          h100e double precision, capital_cost_usd numeric, buildings bigint, planned_facility_power_mw double precision,
          expected_energized_on date, energized boolean, known_at timestamptz, facts bigint, confidence text, assertion text)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT t.site, t.at, s.status, s.facility_power_mw, s.it_power_mw, s.h100e, s.capital_cost_usd, s.buildings,
            s.planned_facility_power_mw, s.expected_energized_on, s.energized, t.known_at, t.facts, s.confidence, s.assertion
          FROM (
            SELECT f.subject AS site, f.occurred_at AS at, max(f.known_at) AS known_at, count(*) AS facts FROM (
              SELECT f.subject, f.occurred_at, f.known_at FROM gigawatch.fact_site_status_changed f WHERE \#(Clause.living("f"))
              UNION ALL
              SELECT f.subject, f.occurred_at, f.known_at FROM gigawatch.fact_site_capacity_reported f WHERE \#(Clause.living("f"))
              UNION ALL
              SELECT f.subject, f.occurred_at, f.known_at FROM gigawatch.fact_site_chips_reported f WHERE \#(Clause.living("f"))) f
            GROUP BY f.subject, f.occurred_at) t
          CROSS JOIN LATERAL (SELECT s.* FROM gigawatch.sites(t.at, as_known, as_recorded) s WHERE s.site = t.site OFFSET 0) s
        $$;
        """#)
}
