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
    """#)
}
