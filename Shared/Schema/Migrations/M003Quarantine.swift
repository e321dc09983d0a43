// Records that could not be applied, whole and with the reason, and the outbox through which everything that was decided in a transaction
// reaches Kafka. Invariant: a row is written in the transaction that moves the position past its record, and published at least once.

enum M003Quarantine {
    static let step = Migration(
        3, "quarantine and outbox",
        #"""
        CREATE TABLE gigawatch.quarantine (
            quarantine_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            topic           text COLLATE "C" NOT NULL,
            partition       integer NOT NULL,
            record_offset   bigint NOT NULL,
            accepted_at     timestamptz NOT NULL,
            key             bytea,
            value           bytea,
            headers         jsonb,
            kind            text NOT NULL CHECK (kind IN ('quarantined', 'unapplied')),
            code            text NOT NULL,
            pointer         text,
            expected        text,
            actual          text,
            reason          text,
            sqlstate        text,
            state           text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'replayed', 'discarded')),
            state_reason    text,
            state_at        timestamptz,
            published_at    timestamptz,
            created_at      timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT quarantine_place UNIQUE (topic, partition, record_offset)
        );
        CREATE INDEX quarantine_open ON gigawatch.quarantine (created_at) WHERE state = 'open';
        CREATE INDEX quarantine_unpublished ON gigawatch.quarantine (quarantine_id) WHERE published_at IS NULL;
        COMMENT ON TABLE gigawatch.quarantine IS 'Records that could not be applied: original bytes, place, reason. Nothing waits behind them.';
        COMMENT ON COLUMN gigawatch.quarantine.kind IS 'quarantined: wrong. unapplied: of a type or version that this release does not know.';
        COMMENT ON COLUMN gigawatch.quarantine.value IS 'The record''s value, byte for byte; null for a tombstone.';

        CREATE TABLE gigawatch.outbox (
            outbox_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            topic           text COLLATE "C" NOT NULL,
            key             bytea,
            value           bytea,
            headers         jsonb,
            created_at      timestamptz NOT NULL DEFAULT now(),
            published_at    timestamptz
        );
        CREATE INDEX outbox_unpublished ON gigawatch.outbox (outbox_id) WHERE published_at IS NULL;
        CREATE INDEX outbox_published ON gigawatch.outbox (published_at) WHERE published_at IS NOT NULL;
        COMMENT ON TABLE gigawatch.outbox IS 'Messages decided in a transaction, to be published in the order of outbox_id per key, at least once.';
        COMMENT ON COLUMN gigawatch.outbox.topic IS 'Full topic name, prefix included.';
        """#)
}
