// The totals over all sites, as one row. A campus and its phases are sites of their own, so a level counts at the highest place where it is
// known: a parent's own level hides those of everything inside it. Read next: Sites.swift.

extension ReadModels {
    /// One row: what all sites come to.
    ///
    /// Per field: Σ over sites whose level is known and none of whose ancestors has a known level (a cancelled ancestor is known: 0).
    /// That is "a parent's level where it is known, else the sum of its children". unknown_… counts the roots of which nothing is known:
    /// sites without an ancestor where neither the site nor anything inside it has that level. Sites that are their own ancestor by
    /// mistake count as roots. energized: facility_power_mw > 0.
    static let siteTotals = SQLObject(
        model: "site_totals",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.site_totals(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (sites_seen bigint, sites_energized bigint, facility_power_mw double precision, it_power_mw double precision,
          h100e double precision, capital_cost_usd numeric, unknown_facility_power_mw bigint, unknown_it_power_mw bigint, unknown_h100e bigint,
          unknown_capital_cost_usd bigint, confidence text, assertion text)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          WITH RECURSIVE site AS MATERIALIZED (
            SELECT s.site, s.parent_site, s.facility_power_mw, s.it_power_mw, s.h100e, s.capital_cost_usd, s.energized,
              \#(Clause.confidenceRank("s.confidence")) AS confidence, \#(Clause.assertionRank("s.assertion")) AS assertion
            FROM gigawatch.sites(as_of, as_known, as_recorded) s
          ), inside(site, ancestor) AS (
            SELECT s.site, s.parent_site FROM site s WHERE s.parent_site IS NOT NULL
            UNION SELECT i.site, s.parent_site FROM inside i JOIN site s ON s.site = i.ancestor WHERE s.parent_site IS NOT NULL
          ), above AS (
            SELECT i.site, bool_or(a.facility_power_mw IS NOT NULL) AS facility, bool_or(a.it_power_mw IS NOT NULL) AS it,
              bool_or(a.h100e IS NOT NULL) AS h100e, bool_or(a.capital_cost_usd IS NOT NULL) AS capital
            FROM inside i JOIN site a ON a.site = i.ancestor
            WHERE NOT EXISTS (SELECT FROM inside loop WHERE loop.site = i.site AND loop.ancestor = i.site)
            GROUP BY i.site
          ), below AS (
            SELECT i.ancestor AS site, bool_or(d.facility_power_mw IS NOT NULL) AS facility, bool_or(d.it_power_mw IS NOT NULL) AS it,
              bool_or(d.h100e IS NOT NULL) AS h100e, bool_or(d.capital_cost_usd IS NOT NULL) AS capital
            FROM inside i JOIN site d ON d.site = i.site GROUP BY i.ancestor
          )
          SELECT count(*), count(*) FILTER (WHERE s.energized),
            (sum(s.facility_power_mw::numeric) FILTER (WHERE a.facility IS NOT TRUE))::double precision, (sum(s.it_power_mw::numeric) FILTER (WHERE a.it IS NOT TRUE))::double precision,
            (sum(s.h100e::numeric) FILTER (WHERE a.h100e IS NOT TRUE))::double precision, sum(s.capital_cost_usd) FILTER (WHERE a.capital IS NOT TRUE),
            count(*) FILTER (WHERE a.site IS NULL AND s.facility_power_mw IS NULL AND b.facility IS NOT TRUE),
            count(*) FILTER (WHERE a.site IS NULL AND s.it_power_mw IS NULL AND b.it IS NOT TRUE),
            count(*) FILTER (WHERE a.site IS NULL AND s.h100e IS NULL AND b.h100e IS NOT TRUE),
            count(*) FILTER (WHERE a.site IS NULL AND s.capital_cost_usd IS NULL AND b.capital IS NOT TRUE),
            \#(Clause.confidence("min(s.confidence)")), \#(Clause.assertion("min(s.assertion)"))
          FROM site s LEFT JOIN above a ON a.site = s.site LEFT JOIN below b ON b.site = s.site
        $$;
        """#)
}
