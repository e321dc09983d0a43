// Whether one fact is void. void_facts (Functions/VoidFacts.swift) decides for all facts at once; a read model asks about the few that have a
// corrector at all, and most are decided by looking at one or two rows. Both must agree: a test compares them on random corrections.

extension ReadModels {
    /// True when a corrector of the fact that is in play (known by as_known, accepted by as_recorded) is not void itself. Correctors are
    /// walked breadth first and judged from the outermost inwards, without recursion: a row that every weekly vintage restates has a chain
    /// of hundreds. Facts that correct each other in a circle, with nobody outside to decide, are all void.
    static let isVoid = SQLObject(
        "is_void",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.is_void(fact_source text, fact_id text, as_known timestamptz, as_recorded timestamptz)
        RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE COST 50 AS $$
        DECLARE
          sources text[] := ARRAY[fact_source];
          ids text[] := ARRAY[fact_id];
          parents integer[] := ARRAY[0];
          fates integer[] := ARRAY[0];           -- 0: not judged, alive unless a corrector says otherwise; 1: void; 2: open (in a circle)
          corrector record;
          node integer := 1;
        BEGIN
          WHILE node <= cardinality(ids) LOOP
            IF fates[node] <> 2 THEN
              FOR corrector IN
                SELECT c.corrector_source, c.corrector_event_id FROM gigawatch.correction c
                WHERE c.victim_source = sources[node] AND c.victim_id = ids[node]
                  AND c.known_at <= coalesce(as_known, 'infinity') AND c.accepted_at <= coalesce(as_recorded, 'infinity')
              LOOP
                sources := sources || corrector.corrector_source;
                ids := ids || corrector.corrector_event_id;
                parents := parents || node;
                fates := fates || CASE WHEN corrector.corrector_source = fact_source AND corrector.corrector_event_id = fact_id THEN 2 ELSE 0 END;
              END LOOP;
            END IF;
            node := node + 1;
          END LOOP;
          FOR node IN REVERSE cardinality(ids) .. 2 LOOP
            IF fates[node] = 0 THEN
              fates[parents[node]] := 1;
            ELSIF fates[node] = 2 AND fates[parents[node]] = 0 THEN
              fates[parents[node]] := 2;
            END IF;
          END LOOP;
          RETURN fates[1] <> 0;
        END
        $$;
        COMMENT ON FUNCTION gigawatch.is_void(text, text, timestamptz, timestamptz) IS
          'Whether a living correction, known by as_known and accepted by as_recorded (null: all), supersedes or withdraws this fact.';
        """#)
}
