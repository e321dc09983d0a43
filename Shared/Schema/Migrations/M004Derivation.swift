// What the deriver works from and leaves behind: entities whose figures may have changed, those whose next change comes with time alone,
// each metric's present value and its numbered history. Invariant: `sequence` rises by one per metric and entity, and a published value stays.

enum M004Derivation {
    static let step = Migration(
        4, "derivation: dirty entities, wake-ups, metrics",
        #"""
        CREATE TABLE gigawatch.dirty_entity (
            kind            text COLLATE "C" NOT NULL,
            entity          text COLLATE "C" NOT NULL,
            cause_source    text COLLATE "C",
            cause_id        text COLLATE "C",
            cause_topic     text COLLATE "C",
            cause_partition integer,
            cause_offset    bigint,
            since           timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (kind, entity)
        ) WITH (fillfactor = 70);
        CREATE INDEX dirty_entity_since ON gigawatch.dirty_entity (since);
        COMMENT ON TABLE gigawatch.dirty_entity IS 'Entities that a fact touched and whose figures were not derived again yet.';
        COMMENT ON COLUMN gigawatch.dirty_entity.kind IS 'site, contract, region, organization, plant, country, scenario, …';

        CREATE TABLE gigawatch.entity_wakeup (
            kind            text COLLATE "C" NOT NULL,
            entity          text COLLATE "C" NOT NULL,
            at              timestamptz NOT NULL,
            PRIMARY KEY (kind, entity)
        );
        CREATE INDEX entity_wakeup_at ON gigawatch.entity_wakeup (at);
        COMMENT ON TABLE gigawatch.entity_wakeup IS 'When an entity''s figures change next by time alone: a contract starts, a planned level is reached.';

        CREATE TABLE gigawatch.metric_current (
            metric          text COLLATE "C" NOT NULL,
            entity          text COLLATE "C" NOT NULL,
            labels          jsonb NOT NULL DEFAULT '{}',
            value           double precision,
            sequence        bigint NOT NULL,
            as_of           timestamptz NOT NULL,
            PRIMARY KEY (metric, entity)
        );
        COMMENT ON TABLE gigawatch.metric_current IS 'Each metric''s present value; its unit is the last word of its name.';

        CREATE TABLE gigawatch.metric_history (
            metric          text COLLATE "C" NOT NULL,
            entity          text COLLATE "C" NOT NULL,
            labels          jsonb NOT NULL DEFAULT '{}',
            value           double precision,
            previous        double precision,
            sequence        bigint NOT NULL,
            as_of           timestamptz NOT NULL,
            cause           jsonb,
            recorded_at     timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (metric, entity, sequence)
        );
        CREATE INDEX metric_history_recorded ON gigawatch.metric_history (recorded_at);
        COMMENT ON TABLE gigawatch.metric_history IS 'Every value of every metric that was published. Published is history: nothing changes here.';
        """#)
}
