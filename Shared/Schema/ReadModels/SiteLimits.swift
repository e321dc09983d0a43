// How much each site may draw: the figure that its meter is compared with. A limit is known only where a contract says so; a site without
// one has no row, not a limit of zero. Read next: Contracts.swift.

extension ReadModels {
    /// One row per site with a delivery or behind-the-meter contract that has not ended.
    ///
    /// site_limit_mw = Σ counted power of its delivery contracts in force (interconnection, grid_service) + Σ of its behind_the_meter in
    /// force; null while none is in force or none says how much. unknown_power_mw counts contracts in force without megawatts: the true
    /// limit is then higher.
    static let siteLimits = SQLObject(
        model: "site_limits",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.site_limits(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (site text, region text, site_limit_mw double precision, delivery_mw double precision, behind_the_meter_mw double precision,
          contracts text[], unknown_power_mw bigint, confidence text, assertion text)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT e.site, min(c.region), sum(c.counted_power_mw) FILTER (WHERE c.in_force),
            sum(c.counted_power_mw) FILTER (WHERE c.in_force AND c.kind = 'delivery'),
            sum(c.counted_power_mw) FILTER (WHERE c.in_force AND c.role = 'behind_the_meter'),
            array_agg(c.contract ORDER BY c.contract), count(*) FILTER (WHERE c.in_force AND c.power_mw IS NULL),
            \#(Clause.confidence("min(" + Clause.confidenceRank("c.confidence") + ")")),
            \#(Clause.assertion("min(" + Clause.assertionRank("c.assertion") + ")"))
          FROM (SELECT DISTINCT f.site, f.subject FROM gigawatch.fact_power_contract_changed f WHERE f.site IS NOT NULL) e
          CROSS JOIN LATERAL (SELECT c.* FROM gigawatch.contracts(as_of, as_known, as_recorded) c WHERE c.contract = e.subject OFFSET 0) c
          WHERE c.site = e.site AND (c.kind = 'delivery' OR c.role = 'behind_the_meter') AND NOT c.ended
          GROUP BY e.site
        $$;
        """#)
}
