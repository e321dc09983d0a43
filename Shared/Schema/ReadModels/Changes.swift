// Changes: what we know today that we did not know then. Two known days in, one row per fact that came, was restated or was withdrawn between them.
// Read next: Functions/VoidFacts.swift.

extension ReadModels {
    /// Facts known in (known_from, known_to]. restated: it supersedes another fact, whose data stands beside it; withdrawn: the fact that left;
    /// added: all others. A corrector that is void itself by known_to is left out.
    static let changes = SQLObject(
        "changes",
        #"""
        DROP FUNCTION IF EXISTS gigawatch.changes(timestamptz, timestamptz) CASCADE;
        CREATE OR REPLACE FUNCTION gigawatch.changes(known_from timestamptz, known_to timestamptz)
        RETURNS TABLE (change text, type text, subject text, occurred_at timestamptz, known_at timestamptz, source text, id text, data jsonb,
          previous_id text, previous_data jsonb, reason text)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT CASE c.kind WHEN 'supersedes' THEN 'restated' WHEN 'withdraws' THEN 'withdrawn' ELSE 'added' END,
            CASE WHEN c.kind = 'withdraws' THEN coalesce(old.type, f.type) ELSE f.type END,
            CASE WHEN c.kind = 'withdraws' THEN coalesce(old.subject, f.subject) ELSE f.subject END,
            CASE WHEN c.kind = 'withdraws' THEN coalesce(old.occurred_at, f.occurred_at) ELSE f.occurred_at END,
            f.known_at, f.source, f.id, CASE WHEN c.kind = 'withdraws' THEN NULL ELSE f.data END, c.victim_id, old.data,
            CASE WHEN c.kind = 'withdraws' THEN f.data ->> 'reason' END
          FROM gigawatch.fact f
          LEFT JOIN gigawatch.correction c ON c.corrector_id = f.fact_id
          LEFT JOIN gigawatch.fact old ON old.source = c.victim_source AND old.id = c.victim_id
          WHERE f.known_at > known_from AND f.known_at <= coalesce(known_to, 'infinity')
            AND NOT (EXISTS (SELECT FROM gigawatch.correction d WHERE d.victim_source = f.source AND d.victim_id = f.id)
                     AND gigawatch.is_void(f.source, f.id, known_to, NULL))
        $$;
        """#)
}
