// A person asks for a replay of a quarantined record by setting `replay_requested_at`; the worker that owns the record's partition applies it, with its
// original coordinates, and answers in `state` (or in `replay_result`, when it is still wrong). Only the owner can: it alone knows what readings of
// that partition were applied. Read next: Services/Projection/App/QuarantineReplay.swift.

enum M039QuarantineReplay {
    static let step = Migration(39, "quarantine: requests for replay", """
    ALTER TABLE gigawatch.quarantine ADD COLUMN replay_requested_at timestamptz, ADD COLUMN replay_requested_by text, ADD COLUMN replay_result text;
    CREATE INDEX quarantine_replay ON gigawatch.quarantine (quarantine_id) WHERE replay_requested_at IS NOT NULL AND state = 'open';
    COMMENT ON COLUMN gigawatch.quarantine.replay_requested_at IS 'When a replay was asked for; null when none is open. The owner of the partition applies the record.';
    COMMENT ON COLUMN gigawatch.quarantine.replay_requested_by IS 'Who asked for the replay; release: a new release knows the type.';
    COMMENT ON COLUMN gigawatch.quarantine.replay_result IS 'Why the last replay changed nothing.';
    """)
}
