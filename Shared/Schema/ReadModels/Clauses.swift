// The pieces of SQL that every read model is built from, so that "which facts count" is written once. A clause is plain text that is
// spliced into a function whose arguments are named as_of, as_known and as_recorded. Everything stays ordinary SQL: PostgreSQL inlines the
// functions, so `WHERE site = …` reaches the index of the fact table. Read next: Sites.swift.

/// SQL fragments over a fact table; `f` is the alias of that table in the surrounding query.
enum Clause {
    /// The fact counts: true by `as_of`, known by `as_known`, recorded by `as_recorded`, and not void under the last two.
    /// A missing `as_known` or `as_recorded` means "all there is", not the database's clock: the broker stamps the acceptance, and a fact
    /// must not hide for the milliseconds by which the broker's clock is ahead.
    static func living(_ f: String) -> String {
        """
        \(f).occurred_at <= coalesce(as_of, now()) AND \(recorded(f))
        """
    }

    /// As `living`, whatever the time in the world: for plans and for the day on which something changes next.
    /// Few facts have a corrector, so the index is asked first and `is_void` walks the correctors only where there are any. OFFSET 0 keeps
    /// PostgreSQL from hashing all corrections for each of the many places where one fact is looked up.
    static func recorded(_ f: String) -> String {
        """
        \(f).known_at <= coalesce(as_known, 'infinity') AND \(f).accepted_at <= coalesce(as_recorded, 'infinity')
              AND NOT (EXISTS (SELECT FROM gigawatch.correction c WHERE c.victim_source = \(f).source AND c.victim_id = \(f).id OFFSET 0)
                       AND gigawatch.is_void(\(f).source, \(f).id, as_known, as_recorded))
        """
    }

    /// The order in which the first row wins.
    static func newest(_ f: String) -> String {
        "\(f).occurred_at DESC, \(f).known_at DESC, \(f).source DESC, \(f).id DESC"
    }

    /// The latest value of one field of an entity as a scalar subquery: a column that nobody asks for costs nothing.
    static func latest(_ table: String, _ field: String, of entity: String) -> String {
        """
        (SELECT f.\(field) FROM gigawatch.fact_\(table) f WHERE f.subject = \(entity) AND f.\(field) IS NOT NULL
              AND \(living("f")) ORDER BY \(newest("f")) LIMIT 1)
        """
    }

    /// The latest value of one field with where it came from: columns value, at, confidence, assertion (ranks, see `rank`). A lateral
    /// aggregate has exactly one row, so PostgreSQL drops the whole join when no column of it is asked for.
    static func level(_ table: String, _ field: String, of entity: String, as name: String) -> String {
        """
        LEFT JOIN LATERAL (
              SELECT min(l.value) AS value, min(l.at) AS at, min(l.confidence) AS confidence, min(l.assertion) AS assertion FROM (
                SELECT f.\(field) AS value, f.occurred_at AS at, \(confidenceRank("f.confidence")) AS confidence,
                       \(assertionRank("f.assertion")) AS assertion
                FROM gigawatch.fact_\(table) f WHERE f.subject = \(entity) AND f.\(field) IS NOT NULL
                  AND \(living("f")) ORDER BY \(newest("f")) LIMIT 1) l) \(name) ON true
        """
    }

    /// Weakest first, so that the minimum is the weakest input; an unstated one has no rank and weakens nothing.
    static let assertions = "ARRAY['projected','inferred','calculated','extracted','reported']"
    static let confidences = "ARRAY['low','medium','high']"
    static func assertionRank(_ text: String) -> String { "array_position(\(assertions), \(text))" }
    static func confidenceRank(_ text: String) -> String { "array_position(\(confidences), \(text))" }
    static func assertion(_ rank: String) -> String { "(\(assertions))[\(rank)]" }
    static func confidence(_ rank: String) -> String { "(\(confidences))[\(rank)]" }

    /// max(0, x) that stays unknown when x is: SQL's greatest() would make an unknown figure zero.
    static func positive(_ value: String) -> String { "CASE WHEN \(value) < 0 THEN 0 ELSE \(value) END" }

    /// The day of `as_of`, in UTC: contracts and effective dates are days.
    static let day = "(coalesce(as_of, now()) AT TIME ZONE 'UTC')::date"
}
