// Compute: training runs and how fast the frontier moves.

extension ReadModels {
    /// One row per trained model: its training compute and the frontier (the largest run so far) at its time. frontier: it was the largest.
    static let compute = SQLObject(
        model: "compute",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.compute(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (model text, organization text, at timestamptz, training_flop double precision, site text, training_power_mw double precision,
          frontier boolean, frontier_flop double precision, confidence text, assertion text)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT m.subject, m.organization, m.occurred_at, m.training_flop, m.site, m.training_power_mw,
            m.training_flop >= max(m.training_flop) OVER w, max(m.training_flop) OVER w, m.confidence, m.assertion
          FROM (
            SELECT DISTINCT ON (f.subject) f.subject, f.organization, f.occurred_at, f.training_flop, f.site, f.training_power_mw, f.confidence, f.assertion
            FROM gigawatch.fact_model_trained f WHERE \#(Clause.living("f")) ORDER BY f.subject, \#(Clause.newest("f"))) m
          WINDOW w AS (ORDER BY m.occurred_at, m.subject)
        $$;
        """#)

    /// One row: the frontier, orders of magnitude a year (least-squares slope of log10(flop) over the runs that were the largest at their time) and
    /// the doubling time, log10(2) / slope. Null with fewer than two such runs.
    static let computeTotals = SQLObject(
        model: "compute_totals",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.compute_totals(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (models bigint, frontier_model text, frontier_flop double precision, orders_per_year double precision, doubling_days double precision)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT t.models, t.frontier_model, t.frontier_flop, t.slope, log(2) / CASE WHEN t.slope > 0 THEN t.slope END * 365.25
          FROM (
            SELECT count(*) AS models, (array_agg(c.model ORDER BY c.at DESC) FILTER (WHERE c.frontier))[1] AS frontier_model,
              max(c.training_flop) AS frontier_flop,
              regr_slope(CASE WHEN c.training_flop > 0 THEN log(c.training_flop) END, extract(epoch FROM c.at)::double precision / 86400 / 365.25)
                FILTER (WHERE c.frontier) AS slope
            FROM gigawatch.compute(as_of, as_known, as_recorded) c) t
        $$;
        """#)
}
