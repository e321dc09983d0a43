// Alerting's tables: what was decided (transitions, append only), where each alert stands, the evaluator's snapshots, and who is told what.
// Invariant: a transition is there once, under the digest of what decided it; everything downstream (topic, notifications) starts from that row.

enum M040Alerts {
    static let step = Migration(40, "alerts, snapshots, notifications", #"""
    CREATE TABLE gigawatch.rule_version (
        rule            text COLLATE "C" NOT NULL,
        version         bigint NOT NULL,
        definition      jsonb NOT NULL,
        text            text,
        published_at    timestamptz NOT NULL,
        topic           text COLLATE "C" NOT NULL,
        partition       integer NOT NULL,
        record_offset   bigint NOT NULL,
        mode            text NOT NULL,
        retired         boolean NOT NULL DEFAULT false,
        retired_at      timestamptz,
        PRIMARY KEY (rule, version)
    );
    COMMENT ON TABLE gigawatch.rule_version IS 'Every version of every rule that was published; the newest that is not retired is in force.';

    CREATE TABLE gigawatch.alert_transition (
        id              text COLLATE "C" PRIMARY KEY,
        ordinal         bigint GENERATED ALWAYS AS IDENTITY,
        rule            text COLLATE "C" NOT NULL,
        rule_version    bigint NOT NULL,
        fingerprint     text COLLATE "C" NOT NULL,
        labels          jsonb NOT NULL,
        annotations     jsonb NOT NULL,
        from_state      text NOT NULL,
        to_state        text NOT NULL,
        from_level      text,
        level           text,
        value           double precision,
        threshold       double precision,
        event_at        timestamptz NOT NULL,
        accepted_at     timestamptz NOT NULL,
        started_at      timestamptz,
        topic           text COLLATE "C" NOT NULL,
        partition       integer NOT NULL,
        record_offset   bigint NOT NULL,
        event_source    text,
        event_id        text,
        first_topic     text COLLATE "C",
        first_partition integer,
        first_offset    bigint,
        first_event_source text,
        first_event_id  text,
        kind            text NOT NULL,
        cut             bigint NOT NULL,
        shard           integer NOT NULL,
        sequence        bigint NOT NULL,
        delivered       boolean NOT NULL,
        undelivered     text,
        route           text,
        owner           text,
        message         jsonb NOT NULL,
        recorded_at     timestamptz NOT NULL DEFAULT now(),
        published_at    timestamptz,
        notified_at     timestamptz
    );
    CREATE UNIQUE INDEX alert_transition_ordinal ON gigawatch.alert_transition (ordinal);
    CREATE INDEX alert_transition_fingerprint ON gigawatch.alert_transition (fingerprint, ordinal);
    CREATE INDEX alert_transition_rule ON gigawatch.alert_transition (rule, ordinal);
    CREATE INDEX alert_transition_unpublished ON gigawatch.alert_transition (ordinal) WHERE published_at IS NULL;
    CREATE INDEX alert_transition_unnotified ON gigawatch.alert_transition (ordinal) WHERE notified_at IS NULL AND delivered;
    COMMENT ON COLUMN gigawatch.alert_transition.shard IS 'Partition number whose evaluator made it.';
    COMMENT ON COLUMN gigawatch.alert_transition.sequence IS 'The how-manieth transition of its shard: the same in every replay.';
    COMMENT ON COLUMN gigawatch.alert_transition.ordinal IS 'Order of insertion; not the same in a replay.';

    CREATE TABLE gigawatch.alert_state (
        fingerprint     text COLLATE "C" PRIMARY KEY,
        rule            text COLLATE "C" NOT NULL,
        rule_version    bigint NOT NULL,
        labels          jsonb NOT NULL,
        annotations     jsonb NOT NULL,
        state           text NOT NULL,
        level           text,
        value           double precision,
        threshold       double precision,
        started_at      timestamptz,
        changed_at      timestamptz NOT NULL,
        accepted_at     timestamptz NOT NULL,
        transition      text COLLATE "C" NOT NULL,
        shard           integer NOT NULL,
        sequence        bigint NOT NULL,
        delivered       boolean NOT NULL,
        route           text,
        owner           text
    );
    CREATE INDEX alert_state_rule ON gigawatch.alert_state (rule);
    CREATE INDEX alert_state_active ON gigawatch.alert_state (state) WHERE state NOT IN ('inactive', 'resolved');

    CREATE TABLE gigawatch.alert_snapshot (
        partition       integer PRIMARY KEY,
        cut             bigint NOT NULL,
        clock_next      bigint NOT NULL,
        control_next    bigint NOT NULL,
        state           bytea NOT NULL,
        digest          text NOT NULL,
        transitions     bigint NOT NULL,
        taken_at        timestamptz NOT NULL DEFAULT now()
    );
    ALTER TABLE gigawatch.alert_snapshot ALTER COLUMN state SET STORAGE EXTERNAL;
    COMMENT ON TABLE gigawatch.alert_snapshot IS 'The evaluator''s state per partition number, stored with its positions (stream_position, consumer alerting).';

    CREATE TABLE gigawatch.notification_group (
        group_id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        route           text COLLATE "C" NOT NULL,
        group_key       text COLLATE "C" NOT NULL,
        labels          jsonb NOT NULL,
        flush_at        timestamptz,
        flushed_at      timestamptz,
        flushes         bigint NOT NULL DEFAULT 0,
        UNIQUE (route, group_key)
    );
    CREATE INDEX notification_group_due ON gigawatch.notification_group (flush_at) WHERE flush_at IS NOT NULL;

    CREATE TABLE gigawatch.notification_member (
        group_id        bigint NOT NULL REFERENCES gigawatch.notification_group ON DELETE CASCADE,
        fingerprint     text COLLATE "C" NOT NULL,
        transition      text COLLATE "C" NOT NULL,
        is_firing       boolean NOT NULL,
        is_changed      boolean NOT NULL,
        PRIMARY KEY (group_id, fingerprint)
    );

    CREATE TABLE gigawatch.delivery (
        id              text COLLATE "C" PRIMARY KEY,
        ordinal         bigint GENERATED ALWAYS AS IDENTITY,
        group_id        bigint NOT NULL,
        receiver        text COLLATE "C" NOT NULL,
        reason          text NOT NULL,
        body            bytea NOT NULL,
        transitions     text[] NOT NULL,
        state           text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'dead')),
        attempts        integer NOT NULL DEFAULT 0,
        next_at         timestamptz NOT NULL DEFAULT now(),
        last_status     integer,
        last_error      text,
        created_at      timestamptz NOT NULL DEFAULT now(),
        done_at         timestamptz
    );
    CREATE INDEX delivery_pending ON gigawatch.delivery (receiver, ordinal) WHERE state = 'pending';
    COMMENT ON COLUMN gigawatch.delivery.id IS 'The header webhook-id: the same in every attempt.';

    CREATE TABLE gigawatch.delivery_attempt (
        delivery        text COLLATE "C" NOT NULL,
        attempt         integer NOT NULL,
        at              timestamptz NOT NULL DEFAULT now(),
        status          integer,
        error           text,
        seconds         double precision,
        PRIMARY KEY (delivery, attempt)
    );

    CREATE TABLE gigawatch.routing (
        name            text COLLATE "C" PRIMARY KEY,
        definition      jsonb NOT NULL,
        published_at    timestamptz NOT NULL,
        record_offset   bigint NOT NULL
    );
    """#)
}
