// Chips: what one unit of an accelerator is worth in H100 equivalents, under each name by which it goes. Public data call one chip many
// things ("B200", "NVIDIA B200"), so a chip's id, its name and its aliases all lead to its rate. Read next: Sites.swift, which sums them.

extension ReadModels {
    /// One row per chip: its peak rates and its H100 equivalents.
    ///
    /// H100e per unit = 8-bit operations per second / 1.979e15, the dense 8-bit peak of an H100 SXM (Epoch AI's rule); where no 8-bit rate is
    /// known, the 16-bit rate / 1.979e15, as Epoch does for chips without an 8-bit mode. h100e_basis says which.
    static let chips = SQLObject(
        model: "chips",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.chips(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (chip text, name text, maker text, ops_8bit double precision, ops_16bit double precision, tdp_w double precision,
          fab_country text, aliases text[], h100e_per_unit double precision, h100e_basis text)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT s.chip, s.name, s.maker, s.ops_8bit, s.ops_16bit, s.tdp_w, s.fab_country, s.aliases, coalesce(s.ops_8bit, s.ops_16bit) / 1.979e15,
            CASE WHEN s.ops_8bit IS NOT NULL THEN '8-bit' WHEN s.ops_16bit IS NOT NULL THEN '16-bit' END
          FROM (SELECT e.subject AS chip,
            \#(Clause.latest("chip_specified", "name", of: "e.subject")) AS name,
            \#(Clause.latest("chip_specified", "maker", of: "e.subject")) AS maker,
            \#(Clause.latest("chip_specified", "ops_8bit", of: "e.subject")) AS ops_8bit,
            \#(Clause.latest("chip_specified", "ops_16bit", of: "e.subject")) AS ops_16bit,
            \#(Clause.latest("chip_specified", "tdp_w", of: "e.subject")) AS tdp_w,
            \#(Clause.latest("chip_specified", "fab_country", of: "e.subject")) AS fab_country,
            \#(Clause.latest("chip_specified", "aliases", of: "e.subject")) AS aliases
          FROM (SELECT DISTINCT f.subject FROM gigawatch.fact_chip_specified f WHERE \#(Clause.living("f"))) e) s
        $$;
        """#)

    /// One row per name of a chip (id, name, alias): the rate of the chip behind it. An id wins over a name, a name over an alias, so that one
    /// text never counts twice.
    static let chipRates = SQLObject(
        model: "chip_rates",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.chip_rates(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (name text, chip text, h100e_per_unit double precision, tdp_w double precision, maker text, fab_country text)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT DISTINCT ON (n.name) n.name, c.chip, c.h100e_per_unit, c.tdp_w, c.maker, c.fab_country
          FROM gigawatch.chips(as_of, as_known, as_recorded) c
          CROSS JOIN LATERAL (SELECT c.chip, 1 UNION ALL SELECT c.name, 2 UNION ALL SELECT unnest(c.aliases), 3) n(name, precedence)
          WHERE n.name IS NOT NULL
          ORDER BY n.name, n.precedence, c.chip
        $$;
        """#)
}
