// Capital: what was promised and what was spent on the build-out, by organisation and calendar year. A period is spread evenly over its
// days. Read next: Periods.swift; coverage by revenue is in Revenue.swift.

extension ReadModels {
    /// The amounts that stand: per organisation, period, nature, purpose, counterparty and country the latest report (new guidance replaces
    /// the old, it does not add to it). A single amount is both its low and its high.
    /// counted: false for a contract that both parties report, on the side that reported it earlier, so that totals count it once.
    static let capitalItems = SQLObject(
        model: "capital_items",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.capital_items(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (organization text, nature text, purpose text, counterparty text, country text, period text, days daterange,
          low_usd numeric, high_usd numeric, at timestamptz, counted boolean, confidence text, assertion text)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT i.organization, i.nature, i.purpose, i.counterparty, i.country, i.period, gigawatch.period_days(i.period), i.low, i.high, i.occurred_at,
            i.nature IS DISTINCT FROM 'contract' OR i.counterparty IS NULL OR NOT EXISTS (
              SELECT FROM gigawatch.fact_capital_committed f
              WHERE f.subject = i.counterparty AND f.counterparty = i.organization AND f.nature = 'contract' AND f.period = i.period
                AND \#(Clause.living("f")) AND (f.occurred_at, f.known_at, f.source, f.id) > (i.occurred_at, i.known_at, i.source, i.id)),
            i.confidence, i.assertion
          FROM (
            SELECT DISTINCT ON (f.subject, f.period, f.nature, f.purpose, f.counterparty, f.country)
              f.subject AS organization, coalesce(f.nature, 'commitment') AS nature, f.purpose, f.counterparty, f.country, f.period,
              coalesce(f.usd_low, f.usd, f.usd_high) AS low, coalesce(f.usd_high, f.usd, f.usd_low) AS high,
              f.occurred_at, f.known_at, f.source, f.id, f.confidence, f.assertion
            FROM gigawatch.fact_capital_committed f WHERE \#(Clause.living("f"))
            ORDER BY f.subject, f.period, f.nature, f.purpose, f.counterparty, f.country, \#(Clause.newest("f"))) i
          UNION ALL
          SELECT i.organization, 'spent', i.purpose, i.counterparty, i.country, i.period, gigawatch.period_days(i.period), i.low, i.high, i.occurred_at, true,
            i.confidence, i.assertion
          FROM (
            SELECT DISTINCT ON (f.subject, f.period, f.purpose, f.counterparty, f.country)
              f.subject AS organization, f.purpose, f.counterparty, f.country, f.period,
              coalesce(f.usd_low, f.usd, f.usd_high) AS low, coalesce(f.usd_high, f.usd, f.usd_low) AS high, f.occurred_at, f.confidence, f.assertion
            FROM gigawatch.fact_capital_spent f WHERE \#(Clause.living("f"))
            ORDER BY f.subject, f.period, f.purpose, f.counterparty, f.country, \#(Clause.newest("f"))) i
        $$;
        """#)

    /// One row per organisation, calendar year, nature (guidance, commitment, contract, spent) and purpose: amounts × the share of their
    /// period's days in that year. A period that cannot be read stands under year null with its whole amount.
    static let capital = SQLObject(
        model: "capital",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.capital(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (organization text, year integer, nature text, purpose text, low_usd numeric, high_usd numeric, counted_low_usd numeric,
          counted_high_usd numeric, items bigint, at timestamptz, confidence text, assertion text)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT i.organization, y.year, i.nature, i.purpose,
            round(sum(i.low_usd * y.share::numeric), 2), round(sum(i.high_usd * y.share::numeric), 2),
            round(sum(i.low_usd * y.share::numeric) FILTER (WHERE i.counted), 2), round(sum(i.high_usd * y.share::numeric) FILTER (WHERE i.counted), 2),
            count(*), max(i.at),
            \#(Clause.confidence("min(" + Clause.confidenceRank("i.confidence") + ")")),
            \#(Clause.assertion("min(" + Clause.assertionRank("i.assertion") + ")"))
          FROM gigawatch.capital_items(as_of, as_known, as_recorded) i
          CROSS JOIN LATERAL (
            SELECT n.year, gigawatch.period_share(i.days, n.year) AS share
            FROM generate_series(extract(year FROM lower(i.days))::int, extract(year FROM upper(i.days) - 1)::int) n(year)
            UNION ALL SELECT NULL, 1 WHERE i.days IS NULL) y
          GROUP BY i.organization, y.year, i.nature, i.purpose
        $$;
        """#)

    /// One row per calendar year over all organisations.
    ///
    /// expected_usd: per organisation the largest of what it spent, what it guided to (midpoint) and what it committed and signed
    /// (midpoint), because these overlap; then the sum. It is the "annual capital" of the scenario and of coverage.
    static let capitalTotals = SQLObject(
        model: "capital_totals",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.capital_totals(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (year integer, committed_low_usd numeric, committed_high_usd numeric, guidance_low_usd numeric, guidance_high_usd numeric,
          spent_usd numeric, expected_usd numeric, organizations bigint, confidence text, assertion text)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT o.year, sum(o.committed_low), sum(o.committed_high), sum(o.guidance_low), sum(o.guidance_high), sum(o.spent),
            sum(greatest(o.spent, (o.guidance_low + o.guidance_high) / 2, (o.committed_low + o.committed_high) / 2)), count(*),
            \#(Clause.confidence("min(o.confidence)")), \#(Clause.assertion("min(o.assertion)"))
          FROM (
            SELECT c.organization, c.year,
              sum(c.counted_low_usd) FILTER (WHERE c.nature IN ('commitment', 'contract')) AS committed_low,
              sum(c.counted_high_usd) FILTER (WHERE c.nature IN ('commitment', 'contract')) AS committed_high,
              sum(c.counted_low_usd) FILTER (WHERE c.nature = 'guidance') AS guidance_low,
              sum(c.counted_high_usd) FILTER (WHERE c.nature = 'guidance') AS guidance_high,
              sum((c.counted_low_usd + c.counted_high_usd) / 2) FILTER (WHERE c.nature = 'spent') AS spent,
              min(\#(Clause.confidenceRank("c.confidence"))) AS confidence, min(\#(Clause.assertionRank("c.assertion"))) AS assertion
            FROM gigawatch.capital(as_of, as_known, as_recorded) c GROUP BY c.organization, c.year) o
          GROUP BY o.year
        $$;
        """#)
}
