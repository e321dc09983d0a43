// The tree of regions: zones and states lie in a balancing authority or a country. What is known of a child counts for everything above it.
// Read next: Regions.swift.

extension ReadModels {
    /// One row per pair of a region and a region inside it (itself included): the latest parent of each region.registered decides.
    /// A region that is its own ancestor by mistake lists the whole circle once.
    static let regionTree = SQLObject(
        "region_members",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.region_members(top text, as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (region text)
        LANGUAGE sql STABLE PARALLEL SAFE ROWS 10 AS $$
          WITH RECURSIVE member(region) AS (
            SELECT top COLLATE "C"
            UNION
            SELECT r.subject FROM member m
            JOIN gigawatch.fact_region_registered r ON r.parent = m.region
            WHERE \#(Clause.latest("region_registered", "parent", of: "r.subject")) = m.region
          )
          SELECT m.region FROM member m
        $$;
        """#)

    /// The latest known peak of a region: the highest hourly demand in the 365 days that end with its latest reported hour.
    ///
    /// A region without hours of its own has the sum of its children's peaks (they need not fall together, so the sum is an upper bound;
    /// peak_at is then the earliest of them). Where an hour was reported twice the latest version counts; hours of low confidence do not
    /// count, because one bad meter reading would set the peak of a year.
    static let regionPeaks = SQLObject(
        "region_peak",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.region_peak(top text, as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (peak_demand_mw double precision, peak_at timestamptz, latest_hour timestamptz, confidence integer, assertion integer)
        LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 AS $$
          WITH RECURSIVE part(region, metered) AS (
            SELECT top COLLATE "C", EXISTS (SELECT FROM gigawatch.fact_grid_hour_reported h WHERE h.subject = top)
            UNION
            SELECT r.subject, EXISTS (SELECT FROM gigawatch.fact_grid_hour_reported h WHERE h.subject = r.subject)
            FROM part p JOIN gigawatch.fact_region_registered r ON r.parent = p.region
            WHERE NOT p.metered AND \#(Clause.latest("region_registered", "parent", of: "r.subject")) = p.region
          )
          SELECT sum(peak.demand_mw), min(peak.occurred_at), max(latest.occurred_at),
            min(\#(Clause.confidenceRank("peak.confidence"))), min(\#(Clause.assertionRank("peak.assertion")))
          FROM part p
          CROSS JOIN LATERAL (
            SELECT f.occurred_at FROM gigawatch.fact_grid_hour_reported f
            WHERE f.subject = p.region AND f.demand_mw IS NOT NULL AND \#(Clause.living("f")) ORDER BY \#(Clause.newest("f")) LIMIT 1) latest
          CROSS JOIN LATERAL (
            SELECT f.demand_mw, f.occurred_at, f.confidence, f.assertion FROM gigawatch.fact_grid_hour_reported f
            WHERE f.subject = p.region AND f.demand_mw IS NOT NULL AND f.confidence IS DISTINCT FROM 'low' AND \#(Clause.living("f"))
              AND f.occurred_at > latest.occurred_at - interval '365 days' AND f.occurred_at <= latest.occurred_at
              AND NOT EXISTS (
                SELECT FROM gigawatch.fact_grid_hour_reported g
                WHERE g.subject = f.subject AND g.occurred_at = f.occurred_at AND g.demand_mw IS NOT NULL
                  AND (g.known_at, g.source, g.id) > (f.known_at, f.source, f.id) AND \#(Clause.living("g")))
            ORDER BY f.demand_mw DESC LIMIT 1) peak
          WHERE p.metered
        $$;
        """#)
}
