// Telemetry: meter readings, many and short-lived, so they have few indexes, day partitions that leave by being dropped, and their identity
// in compact digest rows instead of a unique index (limits.md: an index on random digests costs as much as everything else together).
// Read next: ReadingPartitions.swift. The roll-ups by minute and hour are the projection's own steps.

enum M002Telemetry {
    static let step = Migration(
        2, "telemetry: readings by day, digests of batches",
        #"""
        CREATE TABLE gigawatch.reading (
            source              text COLLATE "C" NOT NULL,
            id                  text COLLATE "C" NOT NULL,
            subject             text COLLATE "C" NOT NULL,
            occurred_at         timestamptz NOT NULL,
            known_at            timestamptz NOT NULL,
            accepted_at         timestamptz NOT NULL,
            partition           integer NOT NULL,
            record_offset       bigint NOT NULL,
            power_kw            double precision,
            energy_kwh_total    double precision,
            gpu_utilization     double precision,
            gpus                bigint,
            pue                 double precision,
            rest                text
        ) PARTITION BY RANGE (occurred_at);
        -- A reading far from today finds its row here instead of failing its batch; ensure_reading_partitions moves it when its day is made.
        CREATE TABLE gigawatch.reading_default PARTITION OF gigawatch.reading DEFAULT;
        CREATE INDEX reading_occurred ON gigawatch.reading USING brin (occurred_at) WITH (pages_per_range = 32, autosummarize = on);
        COMMENT ON TABLE gigawatch.reading IS 'Raw meter readings within their retention, partitioned by the UTC day of occurred_at.';
        COMMENT ON COLUMN gigawatch.reading.power_kw IS 'Power drawn, kW.';
        COMMENT ON COLUMN gigawatch.reading.energy_kwh_total IS 'Energy counter, kWh; may reset.';
        COMMENT ON COLUMN gigawatch.reading.gpu_utilization IS 'Share of GPUs busy, 0..1.';
        COMMENT ON COLUMN gigawatch.reading.gpus IS 'GPUs installed, count.';
        COMMENT ON COLUMN gigawatch.reading.pue IS 'Power usage effectiveness, facility power / IT power.';
        COMMENT ON COLUMN gigawatch.reading.rest IS 'Other attributes and unknown fields as JSON text, or null.';

        CREATE TABLE gigawatch.reading_digest (
            topic           text COLLATE "C" NOT NULL,
            partition       integer NOT NULL,
            first_offset    bigint NOT NULL,
            occurred_from   timestamptz NOT NULL,
            occurred_to     timestamptz NOT NULL,
            digests         bytea NOT NULL
        );
        -- Bytes of digests do not compress; trying costs the server time.
        ALTER TABLE gigawatch.reading_digest ALTER COLUMN digests SET STORAGE EXTERNAL;
        CREATE INDEX reading_digest_time ON gigawatch.reading_digest (topic, partition, occurred_to, occurred_from);
        COMMENT ON TABLE gigawatch.reading_digest IS 'Identity of stored readings, one row per batch and partition.';
        COMMENT ON COLUMN gigawatch.reading_digest.digests IS
            'n times: 8 bytes occurred_at (microseconds since 1970, big-endian), 8 bytes digest of (source, id), 8 bytes digest of the payload.';
        """#)
}
