// The role that people and Grafana read with. It may read every view of `ops`, and the tables from which those views' functions compute (a function
// runs with the rights of its caller), but neither the outbox nor anything of deliveries and receivers. Roles belong to the server, not to the
// database: where the connecting role may not make one, a notice says so and everything else works. Applied last, so that it sees every view.

enum ReaderRole {
    static let object = SQLObject(
        "reader_role",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.grant_reader() RETURNS void LANGUAGE plpgsql AS $$
        DECLARE
            name text;
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'gigawatch_reader') THEN
                BEGIN
                    CREATE ROLE gigawatch_reader NOLOGIN;
                    COMMENT ON ROLE gigawatch_reader IS 'Reads the views of schema ops of Gigawatch.';
                EXCEPTION
                    WHEN insufficient_privilege THEN
                        RAISE NOTICE 'role gigawatch_reader is not there and this role may not create it; ask an administrator to: CREATE ROLE gigawatch_reader';
                        RETURN;
                    WHEN duplicate_object OR unique_violation THEN
                        NULL;   -- another database of this server was first
                END;
            END IF;
            GRANT USAGE ON SCHEMA ops, gigawatch TO gigawatch_reader;
            GRANT SELECT ON ALL TABLES IN SCHEMA ops TO gigawatch_reader;
            FOR name IN
                SELECT c.relname FROM pg_class c
                WHERE c.relnamespace = 'gigawatch'::regnamespace AND c.relkind IN ('r', 'p', 'v')
                  AND (c.relname IN ('fact', 'correction', 'reading', 'stream_position', 'parameter', 'capacity_credit', 'ladder', 'schema_version',
                                     'metric_current', 'metric_history', 'quarantine', 'alert_state', 'alert_transition', 'rule_version')
                       OR c.relname ~ '^(fact|telemetry|ladder)_')
            LOOP
                EXECUTE format('GRANT SELECT ON gigawatch.%I TO gigawatch_reader', name);
            END LOOP;
        END
        $$;
        COMMENT ON FUNCTION gigawatch.grant_reader() IS 'Gives gigawatch_reader its read rights; makes the role where this role may.';
        SELECT gigawatch.grant_reader();
        """#)
}
