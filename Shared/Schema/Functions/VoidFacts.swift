// Which facts are void: superseded or withdrawn by a fact that is itself alive, as known at one instant and as recorded at another.
// A fact is void when at least one of its correctors in play is not void; so withdrawing the superseder revives its victim, and facts that
// correct each other in a circle are all void. Each corrector has one victim, so corrections form trees that may end in one circle: walking from
// the facts that nobody corrects decides everything but pure circles. Read models anti-join the result.

enum VoidFacts {
    static let object = SQLObject(
        "void_facts",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.void_facts(as_known timestamptz DEFAULT NULL, as_recorded timestamptz DEFAULT NULL)
        RETURNS TABLE (source text, id text)
        LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5000
        AS $$
        #variable_conflict use_column
        DECLARE
            known_limit     CONSTANT timestamptz := coalesce(as_known, 'infinity');
            recorded_limit  CONSTANT timestamptz := coalesce(as_recorded, 'infinity');
            sources         text[];
            ids             text[];
            victims         integer[];      -- number of the fact that fact n corrects, 0: none
            waiting         integer[];      -- correctors of fact n that are not known to be void
            fate            integer[];      -- 0 open, 1 alive, 2 void
            queue           integer[];
            head            integer := 1;
            tail            integer := 0;
            n               integer;
            victim          integer;
        BEGIN
            -- Nearly always nobody corrects a corrector: then every victim is void.
            IF NOT EXISTS (
                SELECT FROM gigawatch.correction c
                JOIN gigawatch.correction d ON d.victim_source = c.corrector_source AND d.victim_id = c.corrector_event_id
                WHERE c.known_at <= known_limit AND c.accepted_at <= recorded_limit AND d.known_at <= known_limit AND d.accepted_at <= recorded_limit)
            THEN
                RETURN QUERY SELECT DISTINCT c.victim_source, c.victim_id FROM gigawatch.correction c
                    WHERE c.known_at <= known_limit AND c.accepted_at <= recorded_limit;
                RETURN;
            END IF;

            WITH play AS MATERIALIZED (
                SELECT c.corrector_source, c.corrector_event_id, c.victim_source, c.victim_id FROM gigawatch.correction c
                WHERE c.known_at <= known_limit AND c.accepted_at <= recorded_limit
            ), node AS MATERIALIZED (
                SELECT e.source, e.id, row_number() OVER (ORDER BY e.source, e.id)::integer AS n
                FROM (SELECT p.corrector_source AS source, p.corrector_event_id AS id FROM play p
                      UNION SELECT p.victim_source, p.victim_id FROM play p) e
            ), edge AS MATERIALIZED (
                SELECT c.n AS corrector, v.n AS victim FROM play p
                JOIN node c ON c.source = p.corrector_source AND c.id = p.corrector_event_id
                JOIN node v ON v.source = p.victim_source AND v.id = p.victim_id
            )
            SELECT array_agg(node.source ORDER BY node.n), array_agg(node.id ORDER BY node.n),
                array_agg(coalesce(e.victim, 0) ORDER BY node.n), array_agg(coalesce(w.count, 0)::integer ORDER BY node.n),
                array_agg(0 ORDER BY node.n), array_agg(0 ORDER BY node.n)
            INTO sources, ids, victims, waiting, fate, queue
            FROM node
            LEFT JOIN edge e ON e.corrector = node.n
            LEFT JOIN (SELECT edge.victim, count(*) AS count FROM edge GROUP BY edge.victim) w ON w.victim = node.n;

            FOR n IN 1 .. cardinality(fate) LOOP
                IF waiting[n] = 0 THEN
                    fate[n] := 1;
                    tail := tail + 1;
                    queue[tail] := n;
                END IF;
            END LOOP;
            WHILE head <= tail LOOP
                n := queue[head];
                head := head + 1;
                victim := victims[n];
                CONTINUE WHEN victim = 0 OR fate[victim] <> 0;
                IF fate[n] = 1 THEN
                    fate[victim] := 2;
                    tail := tail + 1;
                    queue[tail] := victim;
                ELSE
                    waiting[victim] := waiting[victim] - 1;
                    IF waiting[victim] = 0 THEN
                        fate[victim] := 1;
                        tail := tail + 1;
                        queue[tail] := victim;
                    END IF;
                END IF;
            END LOOP;
            -- What is still open stands in a circle with no living corrector from outside.
            RETURN QUERY SELECT s.source, s.id FROM unnest(sources, ids, fate) AS s (source, id, fate) WHERE s.fate <> 1;
        END
        $$;
        COMMENT ON FUNCTION gigawatch.void_facts(timestamptz, timestamptz) IS
            'Facts that a living correction (known by as_known, accepted by as_recorded; null: now) supersedes or withdraws. Anti-join it.';
        """#)
}
