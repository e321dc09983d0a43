// The generation of each consumer group: part of the group's name on the broker, so that the living can leave the dead behind.
// Read next: Shared/Streaming/GroupGeneration.swift.

enum M006ConsumerGroups {
    static let step = Migration(6, "consumer groups: generations", """
    CREATE TABLE gigawatch.consumer_group (
        name            text COLLATE "C" PRIMARY KEY,
        generation      bigint NOT NULL DEFAULT 0,
        changed_at      timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON TABLE gigawatch.consumer_group IS 'Kafka consumer groups and how often their members had to leave a dead member behind under a new name.';
    COMMENT ON COLUMN gigawatch.consumer_group.generation IS 'Part of the group''s name on the broker when it is not 0.';
    """)
}
