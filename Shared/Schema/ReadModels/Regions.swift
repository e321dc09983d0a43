// Regions: the power balance of a balancing authority, zone, state or country on a day, past, present or planned. It joins demand, AI load,
// firm supply and contracts, each from its own model. Read next: RegionTree.swift, Units.swift, RegionTotals in this file.

extension ReadModels {
    /// Regions that ever had a grid hour, by jumping from one subject to the next in the index: there are dozens of regions and millions of hours.
    static let meteredRegions = SQLObject(
        "metered_regions",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.metered_regions() RETURNS TABLE (region text)
        LANGUAGE sql STABLE PARALLEL SAFE ROWS 100 AS $$
          WITH RECURSIVE jump(region) AS (
            (SELECT h.subject FROM gigawatch.fact_grid_hour_reported h ORDER BY h.subject LIMIT 1)
            UNION ALL
            SELECT (SELECT h.subject FROM gigawatch.fact_grid_hour_reported h WHERE h.subject > j.region ORDER BY h.subject LIMIT 1)
            FROM jump j WHERE j.region IS NOT NULL
          )
          SELECT j.region FROM jump j WHERE j.region IS NOT NULL
        $$;
        """#)

    /// One row per region of which anything is known by `as_of`; what lies inside a region counts for it.
    ///
    /// - need_mw = peak_demand_mw + added_load_mw. peak_demand_mw: see region_peak; null without grid hours, then need and gap are null.
    /// - AI load by D: load_energized_mw, the facility levels at D (an energized site of unknown level counts its plan);
    ///   load_under_construction_mw and load_announced_mw, what planned_facility_power_mw adds to the level, by the site's status.
    ///   load_later_mw says how much of the load carries an expected_energized_on after D. load_mw = the three together.
    /// - added_load_mw = Σ max(0, load − facility level at peak_at): what was not yet in that peak.
    /// - firm_mw = Σ units operating at D × capacity credit (units). gap_mw = max(0, need × (1 + reserve margin) − firm).
    /// - contracted_mw: resource contracts in force in the region; uncontracted_load_mw = max(0, load − contracted).
    /// A phase inside a site counts within it: its parent's figure where known, else the sum of the phases.
    static let regions = SQLObject(
        model: "regions",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.regions(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (region text, name text, country text, kind text, parent text, peak_demand_mw double precision, peak_at timestamptz,
          latest_hour timestamptz, load_mw double precision, load_energized_mw double precision, load_under_construction_mw double precision,
          load_announced_mw double precision, load_later_mw double precision, added_load_mw double precision, need_mw double precision,
          firm_mw double precision, operating_mw double precision, planned_mw double precision, reserve_margin double precision,
          gap_mw double precision, contracted_mw double precision, uncontracted_load_mw double precision, sites bigint,
          units bigint, unknown_load_mw bigint, unknown_firm_mw bigint, unknown_contracted_mw bigint, confidence text, assertion text)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT e.region,
            \#(Clause.latest("region_registered", "name", of: "e.region")), \#(Clause.latest("region_registered", "country", of: "e.region")),
            \#(Clause.latest("region_registered", "kind", of: "e.region")), \#(Clause.latest("region_registered", "parent", of: "e.region")),
            peak.peak_demand_mw, peak.peak_at, peak.latest_hour,
            load.load_mw, load.energized_mw, load.under_construction_mw, load.announced_mw, load.later_mw, load.added_mw,
            peak.peak_demand_mw + load.added_mw, supply.firm_mw, supply.operating_mw, supply.planned_mw, margin.value,
            CASE WHEN supply.units > 0 THEN
              \#(Clause.positive("(peak.peak_demand_mw + load.added_mw) * (1 + margin.value) - supply.firm_mw")) END,
            contracted.power_mw, \#(Clause.positive("load.load_mw - contracted.power_mw")),
            load.sites, supply.units, load.unknown, supply.unknown, contracted.unknown,
            \#(Clause.confidence("least(peak.confidence, load.confidence, supply.confidence, contracted.confidence)")),
            \#(Clause.assertion("least(peak.assertion, load.assertion, supply.assertion, contracted.assertion)"))
          FROM (
            SELECT f.subject AS region FROM gigawatch.fact_region_registered f
            UNION SELECT f.region FROM gigawatch.fact_site_status_changed f WHERE f.region IS NOT NULL
            UNION SELECT f.region FROM gigawatch.fact_generation_changed f WHERE f.region IS NOT NULL
            UNION SELECT f.region FROM gigawatch.fact_power_contract_changed f WHERE f.region IS NOT NULL
            UNION SELECT g.region FROM gigawatch.metered_regions() g) e
          CROSS JOIN LATERAL (SELECT array_agg(m.region) AS regions FROM gigawatch.region_members(e.region, as_of, as_known, as_recorded) m) member
          CROSS JOIN (SELECT (SELECT p.value FROM gigawatch.parameter p WHERE p.name = 'reserve_margin') AS value) margin
          LEFT JOIN LATERAL gigawatch.region_peak(e.region, as_of, as_known, as_recorded) peak ON true
          LEFT JOIN LATERAL (
            WITH site AS (
              SELECT s.site, s.parent_site, s.status, s.expected_energized_on,
                CASE WHEN s.status IN ('energized', 'derated') THEN coalesce(s.facility_power_mw, s.planned_facility_power_mw)
                     ELSE s.facility_power_mw END AS level_mw,
                CASE WHEN s.status IN ('cancelled', 'retired') THEN 0 ELSE s.planned_facility_power_mw END AS plan_mw,
                (SELECT p.facility_power_mw FROM gigawatch.sites(peak.peak_at, as_known, as_recorded) p
                 WHERE p.site = s.site AND peak.peak_at IS NOT NULL) AS in_peak_mw,
                \#(Clause.confidenceRank("s.confidence")) AS confidence, \#(Clause.assertionRank("s.assertion")) AS assertion
              FROM (SELECT DISTINCT f.subject FROM gigawatch.fact_site_status_changed f WHERE f.region = ANY (member.regions)) c
              CROSS JOIN LATERAL (SELECT s.* FROM gigawatch.sites(as_of, as_known, as_recorded) s WHERE s.site = c.subject OFFSET 0) s
              WHERE s.region = ANY (member.regions)
            ), whole AS (
              SELECT s.site, s.parent_site, s.status, s.expected_energized_on, s.confidence, s.assertion, s.plan_mw,
                coalesce(s.level_mw, i.level_mw) AS level_mw, coalesce(s.in_peak_mw, i.in_peak_mw, 0) AS in_peak_mw
              FROM site s
              LEFT JOIN (SELECT i.parent_site, sum(i.level_mw) AS level_mw, sum(i.in_peak_mw) AS in_peak_mw FROM site i GROUP BY i.parent_site) i
                ON i.parent_site = s.site
            ), counted AS (
              SELECT w.*, greatest(w.level_mw, w.plan_mw) AS load_mw FROM whole w
              WHERE NOT EXISTS (SELECT FROM whole p WHERE p.site = w.parent_site AND p.site <> w.site AND coalesce(p.level_mw, p.plan_mw) IS NOT NULL)
            )
            SELECT count(*) AS sites, coalesce(sum(c.load_mw), 0) AS load_mw, coalesce(sum(c.level_mw), 0) AS energized_mw,
              coalesce(sum(c.load_mw - coalesce(c.level_mw, 0)) FILTER (WHERE c.status IN ('under_construction', 'energized', 'derated')), 0)
                AS under_construction_mw,
              coalesce(sum(c.load_mw - coalesce(c.level_mw, 0)) FILTER (WHERE c.status IS NULL OR c.status IN ('announced', 'contracted', 'permitted')), 0)
                AS announced_mw,
              coalesce(sum(c.load_mw - coalesce(c.level_mw, 0)) FILTER (WHERE c.expected_energized_on > \#(Clause.day)), 0) AS later_mw,
              coalesce(sum(greatest(0, c.load_mw - c.in_peak_mw)), 0) AS added_mw,
              count(*) FILTER (WHERE c.load_mw IS NULL) AS unknown, min(c.confidence) AS confidence, min(c.assertion) AS assertion
            FROM counted c) load ON true
          LEFT JOIN LATERAL (
            SELECT count(*) AS units, coalesce(sum(u.firm_mw), 0) AS firm_mw, coalesce(sum(u.operating_mw), 0) AS operating_mw,
              coalesce(sum(u.operating_mw) FILTER (WHERE u.planned), 0) AS planned_mw, count(*) FILTER (WHERE u.firm_mw IS NULL) AS unknown,
              min(\#(Clause.confidenceRank("u.confidence"))) AS confidence, min(\#(Clause.assertionRank("u.assertion"))) AS assertion
            FROM (SELECT DISTINCT f.subject FROM gigawatch.fact_generation_changed f WHERE f.region = ANY (member.regions)) c
            CROSS JOIN LATERAL (SELECT u.* FROM gigawatch.units(as_of, as_known, as_recorded) u WHERE u.unit = c.subject OFFSET 0) u
            WHERE u.region = ANY (member.regions)) supply ON true
          LEFT JOIN LATERAL (
            SELECT count(*) AS contracts, coalesce(sum(c.counted_power_mw) FILTER (WHERE c.in_force AND c.kind = 'resource'), 0) AS power_mw,
              count(*) FILTER (WHERE c.in_force AND c.kind = 'resource' AND c.power_mw IS NULL) AS unknown,
              min(\#(Clause.confidenceRank("c.confidence"))) AS confidence, min(\#(Clause.assertionRank("c.assertion"))) AS assertion
            FROM (
              SELECT f.subject FROM gigawatch.fact_power_contract_changed f WHERE f.region = ANY (member.regions)
              UNION SELECT f.subject FROM gigawatch.fact_power_contract_changed f
                WHERE f.site IN (SELECT s.subject FROM gigawatch.fact_site_status_changed s WHERE s.region = ANY (member.regions))
              UNION SELECT f.subject FROM gigawatch.fact_power_contract_changed f
                WHERE f.plant IN (SELECT g.plant FROM gigawatch.fact_generation_changed g WHERE g.region = ANY (member.regions))) k
            CROSS JOIN LATERAL (SELECT c.* FROM gigawatch.contracts(as_of, as_known, as_recorded) c WHERE c.contract = k.subject OFFSET 0) c
            WHERE c.region = ANY (member.regions)) contracted ON true
          WHERE peak.latest_hour IS NOT NULL OR load.sites > 0 OR supply.units > 0 OR contracted.contracts > 0
            OR \#(Clause.latest("region_registered", "name", of: "e.region")) IS NOT NULL
        $$;
        """#)

    /// One row: the sums over regions that lie in no other region. unknown_… counts those without the figure.
    static let regionTotals = SQLObject(
        model: "region_totals",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.region_totals(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (regions bigint, regions_short bigint, peak_demand_mw double precision, load_mw double precision, need_mw double precision,
          firm_mw double precision, gap_mw double precision, contracted_mw double precision, unknown_need_mw bigint, unknown_gap_mw bigint,
          confidence text, assertion text)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT count(*), count(*) FILTER (WHERE r.gap_mw > 0), sum(r.peak_demand_mw), sum(r.load_mw), sum(r.need_mw), sum(r.firm_mw), sum(r.gap_mw),
            sum(r.contracted_mw), count(*) FILTER (WHERE r.need_mw IS NULL), count(*) FILTER (WHERE r.gap_mw IS NULL),
            \#(Clause.confidence("min(" + Clause.confidenceRank("r.confidence") + ")")),
            \#(Clause.assertion("min(" + Clause.assertionRank("r.assertion") + ")"))
          FROM gigawatch.regions(as_of, as_known, as_recorded) r WHERE r.parent IS NULL
        $$;
        """#)
}
