// Acknowledgements and silences as the control topic brought them. They are recorded here by the notifier; the log stays their source.

enum M041Suppression {
    static let step = Migration(41, "acknowledgements and silences", #"""
    CREATE TABLE gigawatch.acknowledgement (
        fingerprint     text COLLATE "C" PRIMARY KEY,
        started_at      timestamptz,
        by              text,
        comment         text,
        expires_at      timestamptz,
        acknowledged_at timestamptz NOT NULL,
        record_offset   bigint NOT NULL
    );
    COMMENT ON TABLE gigawatch.acknowledgement IS 'Who has taken which alert in hand; an acknowledgement holds for the alert that began at started_at.';

    CREATE TABLE gigawatch.silence (
        silence         text COLLATE "C" PRIMARY KEY,
        matchers        jsonb NOT NULL,
        starts_at       timestamptz NOT NULL,
        ends_at         timestamptz NOT NULL,
        comment         text,
        created_by      text,
        created_at      timestamptz NOT NULL,
        record_offset   bigint NOT NULL
    );
    COMMENT ON TABLE gigawatch.silence IS 'Alerts whose labels match are recorded and not delivered between two instants.';

    COMMENT ON TABLE gigawatch.alert_state IS 'Where each alert stands: its newest transition, by the shard''s own count.';
    COMMENT ON TABLE gigawatch.alert_transition IS 'Every change of every alert, append only. published_at and notified_at make it the outbox of topic and notifier.';
    COMMENT ON TABLE gigawatch.delivery IS 'What is sent to a receiver: the body is made once, so every attempt sends the same bytes under the same id.';
    COMMENT ON TABLE gigawatch.delivery_attempt IS 'Who was told what, when, and what came of it.';
    COMMENT ON TABLE gigawatch.notification_group IS 'Alerts that share a notification, and when it is due.';
    COMMENT ON TABLE gigawatch.notification_member IS 'The alerts of a group: firing ones, and resolved ones that were not told yet.';
    COMMENT ON TABLE gigawatch.routing IS 'Routes, receivers and inhibitions in force.';
    """#)
}
