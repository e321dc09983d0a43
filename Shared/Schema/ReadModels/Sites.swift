// Sites: what each data-center site is, and how large, as of a day. The description (owner, country, plan) comes from site.status.changed,
// the levels from site.capacity.reported, both field by field: a report that leaves a field out leaves its last value standing.
// Totals are in SiteTotals.swift, the steps of one site in SiteTimeline.swift.

extension ReadModels {
    /// One row per site seen by `as_of`.
    ///
    /// - Seen: a fact (site.status.changed, site.capacity.reported, site.chips.reported) whose time has come.
    /// - h100e: the reported level; where none was ever reported, Σ units × rate of the chips installed (Chips.swift): h100e_basis says which.
    /// - A cancelled or retired site has level 0 from the day of that status.
    /// - assertion and confidence: the weakest of the facts that status and levels came from.
    static let sites = SQLObject(
        model: "sites",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.sites(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (site text, name text, status text, status_at timestamptz, owner text, operator text, users text[], investors text[],
          country text, region text, latitude double precision, longitude double precision, parent_site text,
          planned_facility_power_mw double precision, planned_h100e double precision, expected_energized_on date,
          facility_power_mw double precision, it_power_mw double precision, h100e double precision, h100e_basis text,
          capital_cost_usd numeric, buildings bigint, energized boolean, level_at timestamptz, first_seen_at timestamptz,
          chips_unknown bigint, confidence text, assertion text)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT e.subject,
            \#(Clause.latest("site_status_changed", "name", of: "e.subject")),
            state.value, state.at,
            \#(Clause.latest("site_status_changed", "owner", of: "e.subject")),
            \#(Clause.latest("site_status_changed", "operator", of: "e.subject")),
            \#(Clause.latest("site_status_changed", "users", of: "e.subject")),
            \#(Clause.latest("site_status_changed", "investors", of: "e.subject")),
            \#(Clause.latest("site_status_changed", "country", of: "e.subject")),
            \#(Clause.latest("site_status_changed", "region", of: "e.subject")),
            \#(Clause.latest("site_status_changed", "latitude", of: "e.subject")),
            \#(Clause.latest("site_status_changed", "longitude", of: "e.subject")),
            \#(Clause.latest("site_status_changed", "parent_site", of: "e.subject")),
            \#(Clause.latest("site_status_changed", "planned_facility_power_mw", of: "e.subject")),
            \#(Clause.latest("site_status_changed", "planned_h100e", of: "e.subject")),
            \#(Clause.latest("site_status_changed", "expected_energized_on", of: "e.subject")),
            CASE WHEN state.value IN ('cancelled', 'retired') THEN 0 ELSE facility.value END,
            CASE WHEN state.value IN ('cancelled', 'retired') THEN 0 ELSE it.value END,
            CASE WHEN state.value IN ('cancelled', 'retired') THEN 0 ELSE coalesce(h100e.value, chips.h100e) END,
            CASE WHEN h100e.value IS NOT NULL THEN 'reported' WHEN chips.h100e IS NOT NULL THEN 'chips' END,
            CASE WHEN state.value IN ('cancelled', 'retired') THEN 0 ELSE capital.value END,
            CASE WHEN state.value IN ('cancelled', 'retired') THEN 0 ELSE buildings.value END,
            CASE WHEN state.value IN ('cancelled', 'retired') THEN false ELSE facility.value > 0 END,
            greatest(facility.at, it.at, h100e.at, capital.at, buildings.at),
            first.at, chips.unknown,
            \#(Clause.confidence("least(state.confidence, facility.confidence, it.confidence, h100e.confidence, capital.confidence)")),
            \#(Clause.assertion("least(state.assertion, facility.assertion, it.assertion, h100e.assertion, capital.assertion)"))
          FROM (SELECT subject FROM gigawatch.fact_site_status_changed UNION SELECT subject FROM gigawatch.fact_site_capacity_reported
                UNION SELECT subject FROM gigawatch.fact_site_chips_reported) e
          CROSS JOIN LATERAL (SELECT least(
              (SELECT f.occurred_at FROM gigawatch.fact_site_status_changed f WHERE f.subject = e.subject AND \#(Clause.living("f"))
               ORDER BY f.occurred_at, f.known_at, f.source, f.id LIMIT 1),
              (SELECT f.occurred_at FROM gigawatch.fact_site_capacity_reported f WHERE f.subject = e.subject AND \#(Clause.living("f"))
               ORDER BY f.occurred_at, f.known_at, f.source, f.id LIMIT 1),
              (SELECT f.occurred_at FROM gigawatch.fact_site_chips_reported f WHERE f.subject = e.subject AND \#(Clause.living("f"))
               ORDER BY f.occurred_at, f.known_at, f.source, f.id LIMIT 1)) AS at) first
          \#(Clause.level("site_status_changed", "status", of: "e.subject", as: "state"))
          \#(Clause.level("site_capacity_reported", "facility_power_mw", of: "e.subject", as: "facility"))
          \#(Clause.level("site_capacity_reported", "it_power_mw", of: "e.subject", as: "it"))
          \#(Clause.level("site_capacity_reported", "h100e", of: "e.subject", as: "h100e"))
          \#(Clause.level("site_capacity_reported", "capital_cost_usd", of: "e.subject", as: "capital"))
          \#(Clause.level("site_capacity_reported", "buildings", of: "e.subject", as: "buildings"))
          LEFT JOIN LATERAL (
            SELECT sum(u.units * rate.h100e_per_unit) AS h100e, count(*) FILTER (WHERE u.units > 0 AND rate.h100e_per_unit IS NULL) AS unknown
            FROM (SELECT DISTINCT ON (f.chip) f.chip, f.units FROM gigawatch.fact_site_chips_reported f
                  WHERE f.subject = e.subject AND \#(Clause.living("f")) ORDER BY f.chip, \#(Clause.newest("f"))) u
            LEFT JOIN gigawatch.chip_rates(as_of, as_known, as_recorded) rate ON rate.name = u.chip
            WHERE h100e.value IS NULL) chips ON true
          WHERE first.at IS NOT NULL
        $$;
        """#)
}
