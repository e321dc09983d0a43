// Periods: the span of days behind a text such as `2026`, `FY2026Q1` or `2025-2029`. Flows (capital, chip output) are spread evenly over it.
// Read next: Capital.swift.

extension ReadModels {
    /// The days of a period as a range [first, after last), or null when the text is none.
    /// Known forms: 2026, 2026Q1, 2026H1, 2026-03, 2025-2029, each also with FY or CY before it. A fiscal year counts as the calendar year
    /// of its number: firms differ in when theirs begins, and the facts do not say.
    static let periods = SQLObject(
        "period_days",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.period_days(period text) RETURNS daterange
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
          SELECT CASE
            WHEN p.text ~ '^(19|20|21)\d\d$' THEN daterange(make_date(p.year, 1, 1), make_date(p.year + 1, 1, 1))
            WHEN p.text ~ '^(19|20|21)\d\d-?Q[1-4]$' THEN
              daterange(make_date(p.year, 3 * right(p.text, 1)::int - 2, 1), (make_date(p.year, 3 * right(p.text, 1)::int - 2, 1) + interval '3 months')::date)
            WHEN p.text ~ '^(19|20|21)\d\d-?H[12]$' THEN
              daterange(make_date(p.year, 6 * right(p.text, 1)::int - 5, 1), (make_date(p.year, 6 * right(p.text, 1)::int - 5, 1) + interval '6 months')::date)
            WHEN p.text ~ '^(19|20|21)\d\d-(0[1-9]|1[0-2])$' THEN
              daterange(make_date(p.year, right(p.text, 2)::int, 1), (make_date(p.year, right(p.text, 2)::int, 1) + interval '1 month')::date)
            WHEN p.text ~ '^(19|20|21)\d\d-(19|20|21)\d\d$' AND right(p.text, 4)::int >= p.year THEN
              daterange(make_date(p.year, 1, 1), make_date(right(p.text, 4)::int + 1, 1, 1))
            END
          FROM (SELECT t.text, substr(t.text, 1, 4)::int AS year FROM (SELECT regexp_replace(upper(period), '^(FY|CY) ?', '') AS text) t
                WHERE t.text ~ '^(19|20|21)\d\d') p
        $$;
        """#)

    /// The share of a period's days that fall into a calendar year, 0..1; null without a period.
    static let periodShare = SQLObject(
        "period_share",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.period_share(days daterange, year integer) RETURNS double precision
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
          SELECT greatest(0, least(upper(days), make_date(year + 1, 1, 1)) - greatest(lower(days), make_date(year, 1, 1)))::double precision
            / nullif(upper(days) - lower(days), 0)
        $$;
        """#)
}
