// The ledger: every fact once, for ever, with both clocks and the place in the log that it came from; what corrects what; and how far each
// consumer has come. Invariants: (source, id) is unique, a position's counters add up to what was read. Texts are compared by bytes
// (COLLATE "C") so that the order of ties is the same on every machine.

enum M001Ledger {
    static let step = Migration(
        1, "ledger: positions, facts, corrections",
        #"""
        CREATE SCHEMA IF NOT EXISTS ops;
        COMMENT ON SCHEMA gigawatch IS 'Belongs to the services. For people: the views of schema ops.';
        COMMENT ON SCHEMA ops IS 'Views for people and Grafana; each column says its unit.';

        CREATE TABLE gigawatch.stream_position (
            consumer        text COLLATE "C" NOT NULL,
            topic           text COLLATE "C" NOT NULL,
            partition       integer NOT NULL,
            next_offset     bigint NOT NULL,
            owner_epoch     bigint NOT NULL DEFAULT 0,
            owner           text,
            last_timestamp  timestamptz,
            last_digest     bytea,
            first_offset    bigint NOT NULL DEFAULT 0,
            read            bigint NOT NULL DEFAULT 0,
            applied         bigint NOT NULL DEFAULT 0,
            duplicate       bigint NOT NULL DEFAULT 0,
            quarantined     bigint NOT NULL DEFAULT 0,
            unapplied       bigint NOT NULL DEFAULT 0,
            ignored         bigint NOT NULL DEFAULT 0,
            halted_reason   text,
            halted_from     bigint,
            halted_to       bigint,
            updated_at      timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (consumer, topic, partition),
            CONSTRAINT stream_position_accounts CHECK (read = applied + duplicate + quarantined + unapplied + ignored)
        ) WITH (fillfactor = 50);
        COMMENT ON TABLE gigawatch.stream_position IS 'How far each consumer has come in each partition. Moves only in the transaction that stores the records.';
        COMMENT ON COLUMN gigawatch.stream_position.topic IS 'Full topic name, prefix included.';
        COMMENT ON COLUMN gigawatch.stream_position.next_offset IS 'Offset of the record that is read next.';
        COMMENT ON COLUMN gigawatch.stream_position.owner_epoch IS 'Rises at each assignment; a stale owner changes no row.';
        COMMENT ON COLUMN gigawatch.stream_position.last_timestamp IS 'Log append time of the record before next_offset.';
        COMMENT ON COLUMN gigawatch.stream_position.last_digest IS 'Digest of the record before next_offset: a recreated topic shows here.';
        COMMENT ON COLUMN gigawatch.stream_position.first_offset IS 'Where reading began.';
        COMMENT ON COLUMN gigawatch.stream_position.read IS 'Records read since first_offset = applied + duplicate + quarantined + unapplied + ignored.';
        COMMENT ON COLUMN gigawatch.stream_position.halted_reason IS 'Why the partition stands still; null while it runs.';
        COMMENT ON COLUMN gigawatch.stream_position.halted_from IS 'First missing offset, when the log no longer holds the position.';
        COMMENT ON COLUMN gigawatch.stream_position.halted_to IS 'Offset after the last missing one.';

        CREATE TABLE gigawatch.position_checkpoint (
            consumer        text COLLATE "C" NOT NULL,
            topic           text COLLATE "C" NOT NULL,
            partition       integer NOT NULL,
            at              timestamptz NOT NULL DEFAULT now(),
            next_offset     bigint NOT NULL,
            read            bigint NOT NULL,
            applied         bigint NOT NULL,
            duplicate       bigint NOT NULL,
            quarantined     bigint NOT NULL,
            unapplied       bigint NOT NULL,
            ignored         bigint NOT NULL,
            PRIMARY KEY (consumer, topic, partition, at)
        );
        COMMENT ON TABLE gigawatch.position_checkpoint IS 'The counters of stream_position as they stood each hour.';

        CREATE TABLE gigawatch.accepted_loss (
            consumer        text COLLATE "C" NOT NULL,
            topic           text COLLATE "C" NOT NULL,
            partition       integer NOT NULL,
            from_offset     bigint NOT NULL,
            to_offset       bigint NOT NULL,
            accepted_by     text NOT NULL,
            reason          text NOT NULL,
            at              timestamptz NOT NULL DEFAULT now()
        );
        CREATE INDEX accepted_loss_place ON gigawatch.accepted_loss (consumer, topic, partition, from_offset);
        COMMENT ON TABLE gigawatch.accepted_loss IS 'Ranges of offsets [from, to) that were gone from the log and that a person accepted as lost.';

        CREATE TABLE gigawatch.fact (
            fact_id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            source          text COLLATE "C" NOT NULL,
            id              text COLLATE "C" NOT NULL,
            type            text COLLATE "C" NOT NULL,
            subject         text COLLATE "C" NOT NULL,
            occurred_at     timestamptz NOT NULL,
            known_at        timestamptz NOT NULL,
            accepted_at     timestamptz NOT NULL,
            topic           text COLLATE "C" NOT NULL,
            partition       integer NOT NULL,
            record_offset   bigint NOT NULL,
            supersedes      text COLLATE "C",
            confidence      text,
            assertion       text,
            evidence        text,
            accepted_by     text,
            extensions      jsonb,
            data            jsonb,
            digest          bytea NOT NULL,
            CONSTRAINT fact_identity UNIQUE (source, id)
        );
        CREATE INDEX fact_type_time ON gigawatch.fact (type, occurred_at DESC);
        CREATE INDEX fact_subject_time ON gigawatch.fact (subject, occurred_at DESC, known_at DESC);
        CREATE INDEX fact_accepted ON gigawatch.fact (accepted_at);
        CREATE INDEX fact_known ON gigawatch.fact (known_at);
        CREATE INDEX fact_occurred ON gigawatch.fact (occurred_at);
        CREATE INDEX fact_place ON gigawatch.fact (topic, partition, record_offset);
        COMMENT ON TABLE gigawatch.fact IS 'The ledger: every fact about the build-out, once, never changed. Corrections are facts too.';
        COMMENT ON COLUMN gigawatch.fact.type IS 'Qualified type, such as site.status.changed.v1.';
        COMMENT ON COLUMN gigawatch.fact.subject IS 'The entity the fact is about.';
        COMMENT ON COLUMN gigawatch.fact.occurred_at IS 'When it was true in the world (CloudEvents time).';
        COMMENT ON COLUMN gigawatch.fact.known_at IS 'When it became known: the extension knownat, else the acceptance time.';
        COMMENT ON COLUMN gigawatch.fact.accepted_at IS 'When the log took it (log append time).';
        COMMENT ON COLUMN gigawatch.fact.supersedes IS 'Id of the event of the same source that this one corrects.';
        COMMENT ON COLUMN gigawatch.fact.accepted_by IS 'Name of the token it came in with; null when written to the log by another program.';
        COMMENT ON COLUMN gigawatch.fact.digest IS 'Digest of the payload: the same identity with another digest is a conflict.';

        CREATE TABLE gigawatch.correction (
            corrector_id        bigint PRIMARY KEY REFERENCES gigawatch.fact (fact_id),
            kind                text NOT NULL CHECK (kind IN ('supersedes', 'withdraws')),
            victim_source       text COLLATE "C" NOT NULL,
            victim_id           text COLLATE "C" NOT NULL,
            corrector_source    text COLLATE "C" NOT NULL,
            corrector_event_id  text COLLATE "C" NOT NULL,
            known_at            timestamptz NOT NULL,
            accepted_at         timestamptz NOT NULL
        );
        CREATE INDEX correction_victim ON gigawatch.correction (victim_source, victim_id);
        CREATE INDEX correction_corrector ON gigawatch.correction (corrector_source, corrector_event_id);
        COMMENT ON TABLE gigawatch.correction IS 'Which fact supersedes or withdraws which; read through void_facts(as_known, as_recorded).';
        """#)
}
