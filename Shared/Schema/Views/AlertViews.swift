// `ops.alerts` and `ops.alert_transitions`: where each alert stands and every change of it, with the records that decided.

extension Views {
    static let alerts: [SQLObject] = [
        SQLObject(
            "ops_alert_transitions",
            #"""
            CREATE SCHEMA IF NOT EXISTS ops;
            CREATE OR REPLACE VIEW ops.alert_transitions AS
            SELECT t.id, t.rule, t.rule_version, t.fingerprint, t.labels, t.from_state, t.to_state, t.level, t.value, t.threshold, t.event_at,
              t.topic, t.partition, t.record_offset, t.from_level, t.accepted_at, t.started_at, t.event_source, t.event_id, t.first_topic,
              t.first_partition, t.first_offset, t.first_event_id, t.kind, t.cut, t.shard, t.sequence, t.ordinal, t.delivered, t.undelivered,
              t.annotations, t.owner, t.recorded_at
            FROM gigawatch.alert_transition t;
            COMMENT ON VIEW ops.alert_transitions IS 'Every change of every alert, under the digest of what decided it.';
            COMMENT ON COLUMN ops.alert_transitions.id IS 'Digest of what decided; the same in every replay.';
            COMMENT ON COLUMN ops.alert_transitions.rule IS 'Rule id.';
            COMMENT ON COLUMN ops.alert_transitions.rule_version IS 'How-manieth publication of the rule.';
            COMMENT ON COLUMN ops.alert_transitions.fingerprint IS 'The alert: FNV-1a 64 of its identity labels, hexadecimal.';
            COMMENT ON COLUMN ops.alert_transitions.labels IS 'Identity labels, constants and the entity''s own fields.';
            COMMENT ON COLUMN ops.alert_transitions.from_state IS 'State before.';
            COMMENT ON COLUMN ops.alert_transitions.to_state IS 'State after.';
            COMMENT ON COLUMN ops.alert_transitions.level IS 'Level after; null where there is none.';
            COMMENT ON COLUMN ops.alert_transitions.from_level IS 'Level before; null where there was none.';
            COMMENT ON COLUMN ops.alert_transitions.topic IS 'Topic of the deciding record.';
            COMMENT ON COLUMN ops.alert_transitions.partition IS 'Partition of the deciding record.';
            COMMENT ON COLUMN ops.alert_transitions.started_at IS 'When the alert began to fire, in the world; null while it never did.';
            COMMENT ON COLUMN ops.alert_transitions.event_source IS 'Source of the deciding event; the name of a metric; clock.';
            COMMENT ON COLUMN ops.alert_transitions.event_id IS 'Id of the deciding event; the number of a metric or a tick.';
            COMMENT ON COLUMN ops.alert_transitions.first_topic IS 'Topic of the first breach.';
            COMMENT ON COLUMN ops.alert_transitions.first_partition IS 'Partition of the first breach.';
            COMMENT ON COLUMN ops.alert_transitions.first_offset IS 'Offset of the first breach.';
            COMMENT ON COLUMN ops.alert_transitions.first_event_id IS 'Id of the first breach''s event.';
            COMMENT ON COLUMN ops.alert_transitions.kind IS 'What decided: record, timer, absence, rule, revised.';
            COMMENT ON COLUMN ops.alert_transitions.cut IS 'Number of the tick at whose cut it was made.';
            COMMENT ON COLUMN ops.alert_transitions.shard IS 'Partition number whose evaluator made it.';
            COMMENT ON COLUMN ops.alert_transitions.sequence IS 'How-manieth transition of its shard, count; the same in every replay.';
            COMMENT ON COLUMN ops.alert_transitions.ordinal IS 'Order of insertion.';
            COMMENT ON COLUMN ops.alert_transitions.delivered IS 'Whether receivers are told.';
            COMMENT ON COLUMN ops.alert_transitions.annotations IS 'Texts of the rule, filled in.';
            COMMENT ON COLUMN ops.alert_transitions.owner IS 'Who owns the rule.';
            COMMENT ON COLUMN ops.alert_transitions.recorded_at IS 'When it was written here.';
            COMMENT ON COLUMN ops.alert_transitions.value IS 'What was measured, in the unit of the rule''s value.';
            COMMENT ON COLUMN ops.alert_transitions.threshold IS 'The bound that was passed, in the unit of the rule''s value.';
            COMMENT ON COLUMN ops.alert_transitions.event_at IS 'When it was true in the world.';
            COMMENT ON COLUMN ops.alert_transitions.accepted_at IS 'When the deciding record was accepted.';
            COMMENT ON COLUMN ops.alert_transitions.record_offset IS 'Offset of the deciding record, or of the tick that decided.';
            COMMENT ON COLUMN ops.alert_transitions.undelivered IS 'Why nobody was told: unspoken (a state nobody hears of), shadow, backfill; null when told.';
            """#),
        SQLObject(
            "ops_alerts",
            #"""
            CREATE OR REPLACE VIEW ops.alerts AS
            SELECT s.fingerprint, s.rule, s.rule_version, s.state, s.level, s.value, s.threshold, s.labels, s.annotations, s.started_at, s.changed_at,
              s.accepted_at, s.transition, s.delivered, s.route, s.owner
            FROM gigawatch.alert_state s;
            COMMENT ON VIEW ops.alerts IS 'Where each alert stands now; one row per alert that ever was.';
            COMMENT ON COLUMN ops.alerts.fingerprint IS 'The alert: FNV-1a 64 of its identity labels, hexadecimal.';
            COMMENT ON COLUMN ops.alerts.rule IS 'Rule id.';
            COMMENT ON COLUMN ops.alerts.rule_version IS 'How-manieth publication of the rule.';
            COMMENT ON COLUMN ops.alerts.level IS 'Level that fires; null when none does.';
            COMMENT ON COLUMN ops.alerts.labels IS 'Identity labels, constants and the entity''s own fields.';
            COMMENT ON COLUMN ops.alerts.annotations IS 'Texts of the rule, filled in.';
            COMMENT ON COLUMN ops.alerts.changed_at IS 'When it came to this state, in the world.';
            COMMENT ON COLUMN ops.alerts.accepted_at IS 'When the deciding record was accepted.';
            COMMENT ON COLUMN ops.alerts.transition IS 'The transition that led here.';
            COMMENT ON COLUMN ops.alerts.delivered IS 'Whether receivers were told of that transition.';
            COMMENT ON COLUMN ops.alerts.route IS 'Route of its notifications.';
            COMMENT ON COLUMN ops.alerts.owner IS 'Who owns the rule.';
            COMMENT ON COLUMN ops.alerts.state IS 'inactive, pending, firing, recovering, resolved, no_data or error.';
            COMMENT ON COLUMN ops.alerts.started_at IS 'When it began to fire, in the world; null while it never did.';
            COMMENT ON COLUMN ops.alerts.value IS 'What was measured, in the unit of the rule''s value.';
            COMMENT ON COLUMN ops.alerts.threshold IS 'The bound that was passed, in the unit of the rule''s value.';
            """#),
    ]
}
