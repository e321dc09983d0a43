// What a database holds, in a form that two databases can be compared by: per relation the number of rows and a digest that depends on
// neither the physical order nor on identity columns, owners and wall-clock columns. Used by rebuild, audit and the fault tests. Digests are sums of
// two 64-bit row hashes, so equal sets of rows give equal digests in any order, and a row that is there twice shows.

enum ContentDigest {
    static let object = SQLObject(
        "content_digest",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.content_digest(excluding text[] DEFAULT '{}')
        RETURNS TABLE (relation text, rows bigint, digest text)
        LANGUAGE plpgsql STABLE SET TimeZone = 'UTC' SET DateStyle = 'ISO' SET extra_float_digits = 1 AS $$
        #variable_conflict use_column
        DECLARE
            name        text;
            expression  text;
        BEGIN
            FOR name IN
                SELECT c.relname FROM pg_class c
                WHERE c.relnamespace = 'gigawatch'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                  AND (c.relname IN ('fact', 'correction', 'reading', 'quarantine', 'stream_position', 'alert_transition', 'rule_version')
                       OR c.relname ~ '^(fact|telemetry)_')
                ORDER BY c.relname COLLATE "C"
            LOOP
                -- Sums of doubles depend on the order of addition in their last bits: compared as single precision in the roll-ups.
                SELECT string_agg(format(CASE WHEN name ~ '^telemetry_' AND a.atttypid = 'double precision'::regtype THEN '%I::real' ELSE '%I' END, a.attname),
                                  ', ' ORDER BY a.attname COLLATE "C")
                INTO expression
                FROM pg_attribute a
                WHERE a.attrelid = ('gigawatch.' || quote_ident(name))::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attidentity = ''
                  AND a.attname NOT IN ('fact_id', 'corrector_id', 'updated_at', 'created_at', 'recorded_at', 'published_at', 'state_at',
                                        'owner', 'owner_epoch', 'ordinal', 'delivered')
                  AND NOT a.attname = ANY (excluding);
                relation := name;
                EXECUTE format(
                    'SELECT count(*), lpad(to_hex(mod(coalesce(sum(hashtextextended(t, 0)::numeric), 0), 9223372036854775807)::bigint), 16, ''0'')'
                    ' || lpad(to_hex(mod(coalesce(sum(hashtextextended(t, 1)::numeric), 0), 9223372036854775807)::bigint), 16, ''0'')'
                    ' FROM (SELECT ROW(%s)::text AS t FROM gigawatch.%I) s', expression, name)
                INTO rows, digest;
                RETURN NEXT;
            END LOOP;
        END
        $$;
        COMMENT ON FUNCTION gigawatch.content_digest(text[]) IS
            'Rows and digest of each relation of content; columns named in excluding are left out (topic, accepted_at … to compare two topics).';
        """#)
}
