// Targets: the ladder of ever higher aims that an organisation sets itself, "every six months another zero".

extension ReadModels {
    /// One row per target of an organisation and quantity, with the step from the one before: factor = v2 / v1, log10_rise = log10(factor),
    /// days_between, log10_per_half_year = log10_rise / days × 182.625. latest marks the newest of its ladder.
    static let targets = SQLObject(
        model: "targets",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.targets(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (organization text, quantity text, at timestamptz, value double precision, due_on date, statement text,
          previous_value double precision, factor double precision, log10_rise double precision, days_between double precision,
          log10_per_half_year double precision, latest boolean, confidence text, assertion text)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT s.subject, s.quantity, s.occurred_at, s.value, s.due_on, s.statement, s.previous, s.factor, log(s.factor), s.days,
            log(s.factor) / nullif(s.days, 0) * 182.625, s.latest, s.confidence, s.assertion
          FROM (
            SELECT t.*, CASE WHEN t.value > 0 AND t.previous > 0 THEN t.value / t.previous END AS factor FROM (
              SELECT f.*, lag(f.value) OVER w AS previous, lead(f.id) OVER w IS NULL AS latest,
                extract(epoch FROM f.occurred_at - lag(f.occurred_at) OVER w)::double precision / 86400 AS days
              FROM (
                SELECT DISTINCT ON (f.subject, f.quantity, f.occurred_at) f.subject, f.quantity, f.occurred_at, f.id, f.value, f.due_on, f.statement,
                  f.confidence, f.assertion
                FROM gigawatch.fact_target_set f WHERE \#(Clause.living("f"))
                ORDER BY f.subject, f.quantity, \#(Clause.newest("f"))) f
              WINDOW w AS (PARTITION BY f.subject, f.quantity ORDER BY f.occurred_at)) t) s
        $$;
        """#)

    /// One row per organisation: its latest market value, and the one a year before.
    static let marketValue = SQLObject(
        model: "market_value",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.market_value(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (organization text, usd numeric, at timestamptz, year_before_usd numeric, confidence text, assertion text)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT e.subject, v.value, v.at,
            (SELECT f.usd FROM gigawatch.fact_market_value_reported f WHERE f.subject = e.subject AND f.occurred_at <= v.at - interval '365 days'
               AND \#(Clause.living("f")) ORDER BY \#(Clause.newest("f")) LIMIT 1),
            \#(Clause.confidence("v.confidence")), \#(Clause.assertion("v.assertion"))
          FROM (SELECT DISTINCT subject FROM gigawatch.fact_market_value_reported) e
          \#(Clause.level("market_value_reported", "usd", of: "e.subject", as: "v"))
          WHERE v.at IS NOT NULL
        $$;
        """#)
}
