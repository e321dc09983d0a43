// The `ops` views that stand over the ledger itself: every event, the records that could not be applied, and how far the consumers are.
// Read next: OpsViews.swift.

extension Views {
    /// Every fact for ever, and every reading within its retention, whose data is put together again from its columns.
    static let events = SQLObject(
        "ops_events",
        #"""
        DROP VIEW IF EXISTS ops.events CASCADE;
        CREATE VIEW ops.events AS
          SELECT f.source, f.id, f.type, f.subject, f.occurred_at, f.known_at, f.accepted_at, f.topic, f.partition, f.record_offset, f.data
          FROM gigawatch.fact f
          UNION ALL
          SELECT r.source, r.id, 'site.telemetry.v1', r.subject, r.occurred_at, r.known_at, r.accepted_at,
            (SELECT min(p.topic) FROM gigawatch.stream_position p WHERE p.topic LIKE '%.telemetry'), r.partition, r.record_offset,
            jsonb_strip_nulls(jsonb_build_object('power_kw', r.power_kw, 'energy_kwh_total', r.energy_kwh_total, 'gpu_utilization', r.gpu_utilization,
              'gpus', r.gpus, 'pue', r.pue)) || coalesce(r.rest::jsonb -> 'data', '{}')
          FROM gigawatch.reading r;
        """#)

    static let quarantine = SQLObject(
        "ops_quarantine",
        #"""
        DROP VIEW IF EXISTS ops.quarantine CASCADE;
        CREATE VIEW ops.quarantine AS
          SELECT q.quarantine_id, q.topic, q.partition, q.record_offset, q.accepted_at, q.kind, q.code, q.pointer, q.expected, q.actual, q.reason, q.sqlstate,
            q.state, q.state_reason, q.state_at, q.published_at, q.created_at, q.headers, q.key, q.value
          FROM gigawatch.quarantine q;
        """#)

    static let positions = SQLObject(
        "ops_positions",
        #"""
        DROP VIEW IF EXISTS ops.positions CASCADE;
        CREATE VIEW ops.positions AS
          SELECT p.consumer, p.topic, p.partition, p.next_offset, p.first_offset, p.read, p.applied, p.duplicate, p.quarantined, p.unapplied, p.ignored,
            p.last_timestamp, p.halted_reason, p.halted_from, p.halted_to, p.updated_at
          FROM gigawatch.stream_position p;
        """#)

    static let metrics = SQLObject(
        "ops_metrics",
        #"""
        DROP VIEW IF EXISTS ops.metrics CASCADE;
        CREATE VIEW ops.metrics AS SELECT m.metric, m.entity, m.labels, m.value, m.sequence, m.as_of FROM gigawatch.metric_current m;
        DROP VIEW IF EXISTS ops.metric_history CASCADE;
        CREATE VIEW ops.metric_history AS
          SELECT h.metric, h.entity, h.labels, h.value, h.previous, h.sequence, h.as_of, h.cause, h.recorded_at FROM gigawatch.metric_history h;
        """#)

    static let assumptions = SQLObject(
        "ops_assumptions",
        #"""
        DROP VIEW IF EXISTS ops.assumptions CASCADE;
        CREATE VIEW ops.assumptions AS
          SELECT p.name, p.value, p.unit, p.source, p.meaning FROM gigawatch.parameter p
          UNION ALL SELECT 'capacity_credit_' || c.fuel, c.credit, '1', c.source, 'Share of a unit''s power that counts as firm.' FROM gigawatch.capacity_credit c;
        DROP VIEW IF EXISTS ops.ladder CASCADE;
        CREATE VIEW ops.ladder AS SELECT l.series, l.year, l.point_on, l.value, l.unit, l.source FROM gigawatch.ladder l;
        """#)
}
