// Electricity: what the AI load asks of a country's generation. Yearly facts from electricity.year.reported, AI load from the sites, and
// assumptions from the table parameter, each of them visible in a column. Read next: Scenario.swift, which uses the share.

extension ReadModels {
    /// One row per country with an observed year (or a site) by `as_of`: where it stands.
    ///
    /// - observed_year: the latest year of case observed with generation_twh; ai_twh: its AI consumption as reported.
    /// - ai_load_mw: Σ facility power of the country's sites (a phase inside a site counts within it); ai_load_twh = MW × 8,760 h × load
    ///   factor / 1e6. ai_share = ai_load_twh / generation: 1 means as much as the country generated.
    static let electricity = SQLObject(
        model: "electricity",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.electricity(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (country text, observed_year bigint, generation_twh double precision, consumption_twh double precision,
          data_center_twh double precision, ai_twh double precision, ai_load_mw double precision, load_factor double precision,
          ai_load_twh double precision, ai_share double precision, growth_needed double precision, loss_factor double precision,
          under_construction_mw double precision, under_construction_twh double precision, unknown_ai_load_mw bigint, confidence text, assertion text)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT e.country, y.year, y.generation_twh, y.consumption_twh, y.data_center_twh, y.ai_twh, load.mw, k.load_factor, load.twh,
            load.twh / nullif(y.generation_twh, 0),
            (load.twh - y.ai_twh + coalesce(ahead.consumption_twh - ahead.ai_twh - (y.consumption_twh - y.ai_twh), 0)) * (1 + k.losses)
              / nullif(y.generation_twh, 0),
            k.losses, build.mw, build.twh, load.unknown,
            \#(Clause.confidence("least(" + Clause.confidenceRank("y.confidence") + ", load.confidence)")),
            \#(Clause.assertion("least(" + Clause.assertionRank("y.assertion") + ", load.assertion, 3)"))
          FROM (SELECT subject AS country FROM gigawatch.fact_electricity_year_reported
                UNION SELECT country FROM gigawatch.fact_site_status_changed WHERE country IS NOT NULL) e
          CROSS JOIN (SELECT (SELECT p.value FROM gigawatch.parameter p WHERE p.name = 'ai_load_factor') AS load_factor,
                        (SELECT p.value FROM gigawatch.parameter p WHERE p.name = 'transmission_losses') AS losses) k
          LEFT JOIN LATERAL (
            SELECT f.year, f.generation_twh, f.consumption_twh, f.data_center_twh, f.ai_twh, f.confidence, f.assertion
            FROM gigawatch.fact_electricity_year_reported f
            WHERE f.subject = e.country AND coalesce(f."case", 'observed') = 'observed' AND f.generation_twh IS NOT NULL AND \#(Clause.living("f"))
            ORDER BY f.year DESC, \#(Clause.newest("f")) LIMIT 1) y ON true
          LEFT JOIN LATERAL (
            SELECT f.consumption_twh, f.ai_twh FROM gigawatch.fact_electricity_year_reported f
            WHERE f.subject = e.country AND f."case" = 'reference' AND f.year = extract(year FROM \#(Clause.day)) AND f.year > y.year
              AND f.consumption_twh IS NOT NULL AND f.ai_twh IS NOT NULL AND \#(Clause.living("f"))
            ORDER BY \#(Clause.newest("f")) LIMIT 1) ahead ON true
          LEFT JOIN LATERAL (
            WITH site AS (
              SELECT s.site, s.parent_site, s.facility_power_mw, s.confidence, s.assertion
              FROM (SELECT DISTINCT f.subject FROM gigawatch.fact_site_status_changed f WHERE f.country = e.country) c
              CROSS JOIN LATERAL (SELECT s.* FROM gigawatch.sites(as_of, as_known, as_recorded) s WHERE s.site = c.subject OFFSET 0) s
              WHERE s.country = e.country)
            SELECT sum(s.facility_power_mw) AS mw, sum(s.facility_power_mw) * 8760 * k.load_factor / 1e6 AS twh,
              count(*) FILTER (WHERE s.facility_power_mw IS NULL) AS unknown,
              min(\#(Clause.confidenceRank("s.confidence"))) AS confidence, min(\#(Clause.assertionRank("s.assertion"))) AS assertion
            FROM site s
            WHERE NOT EXISTS (SELECT FROM site p WHERE p.site = s.parent_site AND p.site <> s.site AND p.facility_power_mw IS NOT NULL)) load ON true
          LEFT JOIN LATERAL (
            SELECT sum(u.power_mw) AS mw, sum(u.power_mw * 8760 * f.value / 1e6) AS twh
            FROM gigawatch.units(as_of, as_known, as_recorded) u
            LEFT JOIN gigawatch.parameter f ON f.name = 'capacity_factor_' || u.fuel
            WHERE u.status = 'under_construction' AND EXISTS (
              SELECT FROM gigawatch.fact_region_registered r WHERE r.subject = u.region AND r.country = e.country)) build ON true
          WHERE y.year IS NOT NULL OR load.mw IS NOT NULL
        $$;
        """#)
}
