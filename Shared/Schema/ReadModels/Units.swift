// Generating units: what each can deliver on a day, past or planned. Supply of a region and of a plant is summed from here.
// Read next: Regions.swift.

extension ReadModels {
    /// One row per unit seen by `as_of`, field by field from generation.changed.
    ///
    /// effective_on is the day from which a status holds; without it the fact's own time. On the day D of `as_of` a unit operates when the
    /// latest status whose day has come is operating, derated (with its lower power) or retiring (until its effective_on, which is the
    /// day it closes); a status whose effective_on lies after D does not hold yet, so a retired unit with a later effective_on still runs.
    /// Beyond the day K of `as_known` nothing has happened yet: there a unit that is planned, permitted or under construction with an
    /// effective_on in (K, D] counts as operating (`planned`: true, assertion projected). A plan whose day passed without a report of
    /// operation is late, not operating.
    /// firm_mw = operating power × capacity credit of the fuel (table capacity_credit); null while the fuel has none.
    static let units = SQLObject(
        model: "units",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.units(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (unit text, plant text, region text, fuel text, status text, power_mw double precision, effective_on date,
          operating boolean, planned boolean, operating_mw double precision, capacity_credit double precision, firm_mw double precision,
          confidence text, assertion text)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT u.unit, u.plant, u.region, u.fuel, u.status, u.power_mw, u.effective_on, u.running OR u.planned, u.planned,
            CASE WHEN u.running OR u.planned THEN u.power_mw ELSE 0 END, k.credit,
            CASE WHEN u.running OR u.planned THEN u.power_mw * k.credit ELSE 0 END,
            \#(Clause.confidence("least(u.state_confidence, u.power_confidence)")),
            CASE WHEN u.planned THEN 'projected' ELSE \#(Clause.assertion("least(u.state_assertion, u.power_assertion)")) END
          FROM (
            SELECT e.subject AS unit,
              \#(Clause.latest("generation_changed", "plant", of: "e.subject")) AS plant,
              \#(Clause.latest("generation_changed", "region", of: "e.subject")) AS region,
              \#(Clause.latest("generation_changed", "fuel", of: "e.subject")) AS fuel,
              state.status, state.effective_on, power.value AS power_mw,
              coalesce(state.status IN ('operating', 'derated') AND coalesce(state.effective_on <= \#(Clause.day), true)
                OR state.status = 'retiring' AND coalesce(state.effective_on > \#(Clause.day), true)
                OR state.status = 'retired' AND state.effective_on > \#(Clause.day), false) AS running,
              coalesce(state.status IN ('planned', 'permitted', 'under_construction') AND state.effective_on <= \#(Clause.day)
                AND state.effective_on > (coalesce(as_known, now()) AT TIME ZONE 'UTC')::date, false) AS planned,
              \#(Clause.confidenceRank("state.confidence")) AS state_confidence, \#(Clause.assertionRank("state.assertion")) AS state_assertion,
              power.confidence AS power_confidence, power.assertion AS power_assertion
            FROM (SELECT DISTINCT subject FROM gigawatch.fact_generation_changed) e
            CROSS JOIN LATERAL (
              SELECT f.status, f.effective_on, f.confidence, f.assertion
              FROM gigawatch.fact_generation_changed f
              WHERE f.subject = e.subject AND \#(Clause.living("f"))
              ORDER BY (f.status IN ('operating', 'outage', 'derated') AND coalesce(f.effective_on > \#(Clause.day), false)), \#(Clause.newest("f"))
              LIMIT 1) state
            \#(Clause.level("generation_changed", "power_mw", of: "e.subject", as: "power"))) u
          LEFT JOIN gigawatch.capacity_credit k ON k.fuel = u.fuel
        $$;
        """#)
}
