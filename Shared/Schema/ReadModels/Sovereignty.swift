// Sovereignty: whose the machines are: by where they stand, by the home of their owner, by where their chips are made. Read next: Sites.swift.

extension ReadModels {
    /// One row per country and dimension (location, owner, chip).
    ///
    /// share = the country's / all of which the dimension is known. share_low counts what is unknown for others, share_high for this country.
    /// A phase counts within its site where that site's level is known. The chip dimension has H100e only, from site.chips.reported.
    static let sovereignty = SQLObject(
        model: "sovereignty",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.sovereignty(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (country text, dimension text, h100e double precision, mw double precision, h100e_share double precision, h100e_share_low double precision,
          h100e_share_high double precision, mw_share double precision, mw_share_low double precision, mw_share_high double precision,
          unknown_h100e double precision, unknown_mw double precision)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          WITH site AS MATERIALIZED (
            SELECT s.site, s.parent_site, s.country, s.owner, s.h100e, s.facility_power_mw AS mw FROM gigawatch.sites(as_of, as_known, as_recorded) s
          ), counted AS MATERIALIZED (
            SELECT s.country, \#(Clause.latest("organization_registered", "country", of: "s.owner")) AS home,
              CASE WHEN p.h100e IS NULL THEN s.h100e END AS h100e, CASE WHEN p.mw IS NULL THEN s.mw END AS mw
            FROM site s LEFT JOIN site p ON p.site = s.parent_site AND p.site <> s.site
          ), part(dimension, country, h100e, mw) AS (
            SELECT 'location', c.country, c.h100e, c.mw FROM counted c
            UNION ALL SELECT 'owner', c.home, c.h100e, c.mw FROM counted c
            UNION ALL SELECT 'chip', r.fab_country, u.units * r.h100e_per_unit, NULL
              FROM (SELECT DISTINCT ON (f.subject, f.chip) f.subject, f.chip, f.units FROM gigawatch.fact_site_chips_reported f
                    WHERE \#(Clause.living("f")) ORDER BY f.subject, f.chip, \#(Clause.newest("f"))) u
              LEFT JOIN gigawatch.chip_rates(as_of, as_known, as_recorded) r ON r.name = u.chip
          ), whole AS (
            SELECT p.dimension, sum(p.h100e) AS h100e, sum(p.mw) AS mw, coalesce(sum(p.h100e) FILTER (WHERE p.country IS NULL), 0) AS unknown_h100e,
              coalesce(sum(p.mw) FILTER (WHERE p.country IS NULL), 0) AS unknown_mw
            FROM part p GROUP BY p.dimension
          )
          SELECT c.country, c.dimension, c.h100e, c.mw, c.h100e / nullif(w.h100e - w.unknown_h100e, 0), c.h100e / nullif(w.h100e, 0),
            (c.h100e + w.unknown_h100e) / nullif(w.h100e, 0), c.mw / nullif(w.mw - w.unknown_mw, 0), c.mw / nullif(w.mw, 0), (c.mw + w.unknown_mw) / nullif(w.mw, 0),
            w.unknown_h100e, w.unknown_mw
          FROM (SELECT p.dimension, p.country, sum(p.h100e) AS h100e, sum(p.mw) AS mw FROM part p WHERE p.country IS NOT NULL GROUP BY p.dimension, p.country) c
          JOIN whole w ON w.dimension = c.dimension
        $$;
        """#)
}
