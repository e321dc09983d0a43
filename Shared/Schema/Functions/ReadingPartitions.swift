// Day partitions of `reading`: made ahead by the projection, dropped when their retention is over. Invariants: a reading of any time finds a
// partition (the default one), and rows that wait in the default partition move into their day when it is made. Both functions are safe to call from
// several workers at once (advisory lock) and cheap when there is nothing to do.

enum ReadingPartitions {
    static let object = SQLObject(
        "reading_partitions",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.ensure_reading_partitions(first_day date, last_day date)
        RETURNS integer LANGUAGE plpgsql AS $$
        DECLARE
            day     date;
            made    integer := 0;
            child   text;
            low     timestamptz;
            high    timestamptz;
        BEGIN
            IF last_day - first_day > 400 THEN
                RAISE EXCEPTION 'ensure_reading_partitions(%, %): more than 400 days; ask for fewer', first_day, last_day USING ERRCODE = '22023';
            END IF;
            FOR day IN SELECT d::date FROM generate_series(first_day::timestamp, last_day::timestamp, interval '1 day') d LOOP
                child := 'reading_' || to_char(day, 'YYYYMMDD');
                CONTINUE WHEN to_regclass('gigawatch.' || child) IS NOT NULL;
                PERFORM pg_advisory_xact_lock(hashtext('gigawatch.reading partitions'));
                -- Another worker may have made it while we waited. to_regclass would answer from a cache that waiting for the lock has not renewed.
                CONTINUE WHEN EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = 'gigawatch'::regnamespace AND c.relname = child);
                low := day::timestamp AT TIME ZONE 'UTC';
                high := (day + 1)::timestamp AT TIME ZONE 'UTC';
                -- ATTACH, unlike CREATE … PARTITION OF, does not shut out readers and writers of the other days.
                EXECUTE format('CREATE TABLE gigawatch.%I (LIKE gigawatch.reading INCLUDING DEFAULTS INCLUDING COMMENTS)', child);
                EXECUTE format('WITH moved AS (DELETE FROM gigawatch.reading_default WHERE occurred_at >= %L AND occurred_at < %L RETURNING *) '
                    'INSERT INTO gigawatch.%I SELECT * FROM moved', low, high, child);
                EXECUTE format('ALTER TABLE gigawatch.reading ATTACH PARTITION gigawatch.%I FOR VALUES FROM (%L) TO (%L)', child, low, high);
                made := made + 1;
            END LOOP;
            RETURN made;
        END
        $$;
        COMMENT ON FUNCTION gigawatch.ensure_reading_partitions(date, date) IS
            'Makes the day partitions of reading (UTC days, both included) that are missing; returns how many it made.';

        CREATE OR REPLACE FUNCTION gigawatch.drop_reading_partitions(before timestamptz)
        RETURNS integer LANGUAGE plpgsql AS $$
        DECLARE
            child   text;
            dropped integer := 0;
        BEGIN
            PERFORM pg_advisory_xact_lock(hashtext('gigawatch.reading partitions'));
            FOR child IN
                SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                WHERE i.inhparent = 'gigawatch.reading'::regclass AND c.relname ~ '^reading_[0-9]{8}$'
                  AND (to_date(substr(c.relname, 9), 'YYYYMMDD') + 1)::timestamp AT TIME ZONE 'UTC' <= before
                ORDER BY c.relname
            LOOP
                EXECUTE format('DROP TABLE gigawatch.%I', child);
                dropped := dropped + 1;
            END LOOP;
            DELETE FROM gigawatch.reading_default WHERE occurred_at < before;
            -- Nothing is counted twice within retention; beyond it the identity goes with the reading.
            DELETE FROM gigawatch.reading_digest WHERE occurred_to < before;
            RETURN dropped;
        END
        $$;
        COMMENT ON FUNCTION gigawatch.drop_reading_partitions(timestamptz) IS
            'Drops the day partitions of reading that end at or before the instant, and the digests of what they held; returns how many it dropped.';
        """#)
}
