// Power contracts: who has secured which megawatts, from what, in which state. Resource contracts buy energy or a plant's output (ppa,
// behind_the_meter, campus_purchase); delivery contracts allow a site to draw it (interconnection, grid_service).
// Read next: SiteLimits.swift (what a site may draw), PlantCommitments.swift (the same megawatts sold twice).

extension ReadModels {
    /// One row per contract seen by `as_of`, field by field from power.contract.changed.
    ///
    /// - ended: terminated or expired, or ends_on has passed. in_force: contracted, permitted or energized, from starts_on to ends_on.
    /// - counted_power_mw: what to sum, so that the members of a framework count within it: a framework counts only what its members
    ///   (part_of, not ended) leave of it, max(0, power − Σ members), and each member counts under its own status.
    /// - region: the contract's own, else its site's, else its plant's units'.
    static let contracts = SQLObject(
        model: "contracts",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.contracts(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (contract text, status text, status_at timestamptz, buyer text, seller text, site text, region text, plant text,
          power_mw double precision, counted_power_mw double precision, firm boolean, role text, kind text, framework boolean, part_of text,
          starts_on date, ends_on date, in_force boolean, ended boolean, first_seen_at timestamptz, confidence text, assertion text)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT c.contract, c.status, c.status_at, c.buyer, c.seller, c.site,
            coalesce(c.region, \#(Clause.latest("site_status_changed", "region", of: "c.site")),
              (SELECT min(f.region) FROM gigawatch.fact_generation_changed f WHERE f.plant = c.plant AND \#(Clause.living("f")))),
            c.plant, c.power_mw,
            CASE WHEN members.count > 0 THEN \#(Clause.positive("c.power_mw - coalesce(members.power_mw, 0)")) ELSE c.power_mw END,
            c.firm, c.role,
            CASE WHEN c.role IN ('ppa', 'behind_the_meter', 'campus_purchase') THEN 'resource'
                 WHEN c.role IN ('interconnection', 'grid_service') THEN 'delivery' END,
            coalesce(c.framework, members.count > 0), c.part_of, c.starts_on, c.ends_on,
            c.status IN ('contracted', 'permitted', 'energized') AND coalesce(c.starts_on <= \#(Clause.day), true)
              AND coalesce(c.ends_on >= \#(Clause.day), true),
            c.status IN ('terminated', 'expired') OR coalesce(c.ends_on < \#(Clause.day), false),
            c.first_seen_at, \#(Clause.confidence("least(c.state_confidence, c.power_confidence)")),
            \#(Clause.assertion("least(c.state_assertion, c.power_assertion)"))
          FROM (
            SELECT e.subject AS contract, state.value AS status, state.at AS status_at,
              \#(Clause.latest("power_contract_changed", "buyer", of: "e.subject")) AS buyer,
              \#(Clause.latest("power_contract_changed", "seller", of: "e.subject")) AS seller,
              \#(Clause.latest("power_contract_changed", "site", of: "e.subject")) AS site,
              \#(Clause.latest("power_contract_changed", "region", of: "e.subject")) AS region,
              \#(Clause.latest("power_contract_changed", "plant", of: "e.subject")) AS plant,
              power.value AS power_mw,
              \#(Clause.latest("power_contract_changed", "firm", of: "e.subject")) AS firm,
              \#(Clause.latest("power_contract_changed", "role", of: "e.subject")) AS role,
              \#(Clause.latest("power_contract_changed", "framework", of: "e.subject")) AS framework,
              \#(Clause.latest("power_contract_changed", "part_of", of: "e.subject")) AS part_of,
              \#(Clause.latest("power_contract_changed", "starts_on", of: "e.subject")) AS starts_on,
              \#(Clause.latest("power_contract_changed", "ends_on", of: "e.subject")) AS ends_on,
              first.at AS first_seen_at, state.confidence AS state_confidence, power.confidence AS power_confidence,
              state.assertion AS state_assertion, power.assertion AS power_assertion
            FROM (SELECT DISTINCT subject FROM gigawatch.fact_power_contract_changed) e
            CROSS JOIN LATERAL (
              SELECT (SELECT f.occurred_at FROM gigawatch.fact_power_contract_changed f WHERE f.subject = e.subject AND \#(Clause.living("f"))
                      ORDER BY f.occurred_at, f.known_at, f.source, f.id LIMIT 1) AS at) first
            \#(Clause.level("power_contract_changed", "status", of: "e.subject", as: "state"))
            \#(Clause.level("power_contract_changed", "power_mw", of: "e.subject", as: "power"))
            WHERE first.at IS NOT NULL) c
          LEFT JOIN LATERAL (
            SELECT count(*) AS count, sum(m.power_mw) AS power_mw FROM (
              SELECT \#(Clause.latest("power_contract_changed", "power_mw", of: "m.subject")) AS power_mw,
                \#(Clause.latest("power_contract_changed", "status", of: "m.subject")) AS status,
                \#(Clause.latest("power_contract_changed", "ends_on", of: "m.subject")) AS ends_on,
                \#(Clause.latest("power_contract_changed", "part_of", of: "m.subject")) AS part_of
              FROM (SELECT DISTINCT f.subject FROM gigawatch.fact_power_contract_changed f WHERE f.part_of = c.contract) m) m
            WHERE m.part_of = c.contract AND m.status NOT IN ('terminated', 'expired')
              AND coalesce(m.ends_on >= \#(Clause.day), true)) members ON true
        $$;
        """#)

    /// One row per value of each dimension (`all`, status, role, kind, firm, buyer, region): contracts that have not ended, their counted
    /// megawatts, and how many of them do not say how many. Ended ones appear under `status` only.
    static let contractTotals = SQLObject(
        model: "contract_totals",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.contract_totals(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (dimension text, value text, contracts bigint, power_mw double precision, in_force_mw double precision,
          unknown_power_mw bigint, confidence text, assertion text)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT d.dimension, d.value, count(*), sum(c.counted_power_mw), sum(c.counted_power_mw) FILTER (WHERE c.in_force),
            count(*) FILTER (WHERE c.power_mw IS NULL),
            \#(Clause.confidence("min(" + Clause.confidenceRank("c.confidence") + ")")),
            \#(Clause.assertion("min(" + Clause.assertionRank("c.assertion") + ")"))
          FROM gigawatch.contracts(as_of, as_known, as_recorded) c
          CROSS JOIN LATERAL (VALUES ('all', 'all'), ('status', c.status), ('role', c.role), ('kind', c.kind),
            ('firm', CASE WHEN c.firm THEN 'firm' WHEN NOT c.firm THEN 'not firm' END), ('buyer', c.buyer), ('region', c.region)) d(dimension, value)
          WHERE NOT c.ended OR d.dimension = 'status'
          GROUP BY d.dimension, d.value
        $$;
        """#)
}
