// From touched entities to published figures: takes dirty entities and those whose next change by time alone has come, asks the read models' one
// function for their figures, compares with what was published last, and writes what changed: current value, numbered history with its cause, outbox.
// Invariants: `sequence` rises by one per metric and entity; a mark is removed only if no fact touched the entity since it was read, in
// the transaction that writes the figures. One process at a time (ElectedTask). Read next: Shared/Streaming/OutboxPublisher.swift, Schema/ReadModels.

internal import Models
internal import Operations
internal import Postgres
internal import Streaming

final class Deriver {
    private static let batch = 2000
    private let metricsTopic: String
    private let signals: ProjectionSignals

    init(prefix: String, signals: ProjectionSignals) {
        metricsTopic = TopicName.metrics.fullName(prefix: prefix)
        self.signals = signals
    }

    private struct Mark {
        var kind: String
        var entity: String
        var version: String
        var cause: MetricMessage.Cause
    }

    private struct EntityKey: Hashable {
        var kind: String
        var entity: String
    }

    /// Derives one batch of entities.
    func round(on connection: Connection) throws -> Bool {
        signals.deriver.touch()
        let now = wallClock()
        let marks = try marks(on: connection)
        let due = try wakeups(at: now, on: connection)
        signals.dirty.set(Double(marks.count))
        guard !marks.isEmpty || !due.isEmpty else { return false }

        var causes: [EntityKey: MetricMessage.Cause] = [:]
        for entity in due { causes[entity] = .passing(now) }
        for mark in marks { causes[EntityKey(kind: mark.kind, entity: mark.entity)] = mark.cause }
        try addRelated(to: &causes, on: connection)
        let figures = try figures(of: causes, asOf: now, on: connection)
        Failpoint.reached("projection.derive.before")
        let changed = try connection.transaction { connection in
            let changed = try store(figures, asOf: now, on: connection)
            try scheduleNext(Array(causes.keys), on: connection)
            try connection.query(
                """
                DELETE FROM gigawatch.dirty_entity d USING unnest($1::text[], $2::text[], $3::text[]) AS m (kind, entity, version)
                WHERE d.kind = m.kind AND d.entity = m.entity AND d.xmin::text = m.version
                """, [.textArray(marks.map(\.kind)), .textArray(marks.map(\.entity)), .textArray(marks.map(\.version))])
            return changed
        }
        signals.derived.add(changed)
        Failpoint.reached("projection.derive.after")
        // Never at once: while facts pour in, most marks come again anyway, and the workers need the cores.
        return false
    }

    private func marks(on connection: Connection) throws -> [Mark] {
        let rows = try connection.query(
            """
            SELECT kind, entity, xmin::text, cause_source, cause_id, cause_topic, cause_partition, cause_offset FROM gigawatch.dirty_entity
            ORDER BY since, kind, entity LIMIT \(Deriver.batch)
            """)
        return (0..<rows.count).compactMap { row in
            guard let kind = rows.text(row, 0), let entity = rows.text(row, 1), let version = rows.text(row, 2) else { return nil }
            var cause = MetricMessage.Cause.rebuild
            if let source = rows.text(row, 3), let id = rows.text(row, 4), let topic = rows.text(row, 5), let partition = rows.int64(row, 6),
                let recordOffset = rows.int64(row, 7)
            {
                let place = RecordCoordinates(topic: topic, partition: Int32(truncatingIfNeeded: partition), recordOffset: recordOffset)
                cause = .fact(source: source, id: id, place)
            }
            return Mark(kind: kind, entity: entity, version: version, cause: cause)
        }
    }

    private func wakeups(at now: Instant, on connection: Connection) throws -> [EntityKey] {
        let rows = try connection.query(
            "SELECT kind, entity FROM gigawatch.entity_wakeup WHERE at <= $1 ORDER BY at LIMIT \(Deriver.batch)", [.instant(now)])
        return (0..<rows.count).compactMap { row in
            rows.text(row, 0).flatMap { kind in rows.text(row, 1).map { EntityKey(kind: kind, entity: $0) } }
        }
    }

    /// A fact names few entities, its effect reaches more: a site's level changes its region, its country's share and the scenario. The read models
    /// know what (Schema/ReadModels/Metrics.swift, `affected`).
    private func addRelated(to causes: inout [EntityKey: MetricMessage.Cause], on connection: Connection) throws {
        let known = Array(causes.keys)
        let rows = try connection.query(
            """
            SELECT DISTINCT ON (r.kind, r.entity) r.kind, r.entity, m.kind, m.entity
            FROM unnest($1::text[], $2::text[]) AS m (kind, entity) CROSS JOIN LATERAL gigawatch.affected(m.kind, m.entity) r
            ORDER BY r.kind, r.entity, m.kind, m.entity
            """, [.textArray(known.map(\.kind)), .textArray(known.map(\.entity))])
        for row in 0..<rows.count {
            guard let kind = rows.text(row, 0), let entity = rows.text(row, 1), let fromKind = rows.text(row, 2), let from = rows.text(row, 3),
                let cause = causes[EntityKey(kind: fromKind, entity: from)]
            else { continue }
            let key = EntityKey(kind: kind, entity: entity)
            if causes[key] == nil { causes[key] = cause }
        }
    }

    // MARK: Figures

    private struct Figure {
        var metric: String
        var entity: String
        var labels: String
        var value: Double?
        var cause: MetricMessage.Cause
    }

    private func figures(of causes: [EntityKey: MetricMessage.Cause], asOf now: Instant, on connection: Connection) throws -> [Figure] {
        var figures: [Figure] = []
        for (kind, keys) in Dictionary(grouping: causes.keys, by: \.kind).sorted(by: { $0.key < $1.key }) {
            let rows = try connection.query(
                "SELECT metric, entity, labels, value FROM gigawatch.metric_values($1, $2::text[], $3)",
                [.text(kind), .textArray(keys.map(\.entity).sorted()), .instant(now)])
            for row in 0..<rows.count {
                guard let metric = rows.text(row, 0), let entity = rows.text(row, 1) else { continue }
                let cause = causes[EntityKey(kind: kind, entity: entity)] ?? keys.first.flatMap { causes[$0] } ?? .rebuild
                figures.append(Figure(metric: metric, entity: entity, labels: rows.text(row, 2) ?? "{}", value: rows.double(row, 3), cause: cause))
            }
        }
        return figures
    }

    /// Writes the figures that differ from what was said last; answers how many.
    private func store(_ figures: [Figure], asOf now: Instant, on connection: Connection) throws -> Int {
        guard !figures.isEmpty else { return 0 }
        // One figure may come from two kinds of entity; the first counts.
        var seen = Set<EntityKey>()
        let figures = figures.filter { seen.insert(EntityKey(kind: $0.metric, entity: $0.entity)).inserted }
            .sorted { ($0.metric, $0.entity) < ($1.metric, $1.entity) }
        let changed = try connection.query(
            """
            WITH i AS (SELECT * FROM unnest($1::text[], $2::text[], $3::jsonb[], $4::float8[]) WITH ORDINALITY AS i (metric, entity, labels, value, place)),
            was AS (SELECT i.*, c.value AS previous, coalesce(c.sequence, 0) AS sequence FROM i
                LEFT JOIN gigawatch.metric_current c ON c.metric = i.metric AND c.entity = i.entity
                WHERE CASE WHEN c.metric IS NULL THEN i.value IS NOT NULL ELSE c.value IS DISTINCT FROM i.value END),
            stored AS (
                INSERT INTO gigawatch.metric_current AS c (metric, entity, labels, value, sequence, as_of)
                SELECT metric, entity, labels, value, 1, $5 FROM was ORDER BY metric, entity
                ON CONFLICT (metric, entity) DO UPDATE SET labels = EXCLUDED.labels, value = EXCLUDED.value, sequence = c.sequence + 1, as_of = EXCLUDED.as_of
                RETURNING metric, entity, sequence)
            SELECT was.place, was.previous, stored.sequence, was.labels FROM was JOIN stored USING (metric, entity) ORDER BY was.place
            """,
            [
                .textArray(figures.map(\.metric)), .textArray(figures.map(\.entity)), .jsonArray(figures.map { Array($0.labels.utf8) }),
                .doubleArray(figures.map(\.value)), .instant(now),
            ])
        var messages: [(figure: Figure, message: MetricMessage, cause: [UInt8], json: [UInt8])] = []
        for row in 0..<changed.count {
            guard let place = changed.int64(row, 0), figures.indices.contains(Int(place) - 1), let sequence = changed.int64(row, 2) else { continue }
            let figure = figures[Int(place) - 1]
            let message = MetricMessage(
                metric: figure.metric, entity: figure.entity, labels: labels(changed.text(row, 3)), value: figure.value, previous: changed.double(row, 1),
                sequence: sequence, asOf: now, cause: figure.cause)
            var json = JSONWriter(), cause = JSONWriter()
            message.write(to: &json)
            figure.cause.write(to: &cause)
            messages.append((figure, message, cause.bytes, json.bytes))
        }
        guard !messages.isEmpty else { return 0 }
        try connection.query(
            """
            INSERT INTO gigawatch.metric_history (metric, entity, labels, value, previous, sequence, as_of, cause)
            SELECT i.metric, i.entity, i.labels, i.value, i.previous, i.sequence, $1, i.cause
            FROM unnest($2::text[], $3::text[], $4::jsonb[], $5::float8[], $6::float8[], $7::bigint[], $8::jsonb[])
                AS i (metric, entity, labels, value, previous, sequence, cause)
            """,
            [
                .instant(now), .textArray(messages.map(\.message.metric)), .textArray(messages.map(\.message.entity)),
                .jsonArray(messages.map { Array($0.figure.labels.utf8) }), .doubleArray(messages.map(\.message.value)),
                .doubleArray(messages.map(\.message.previous)), .intArray(messages.map(\.message.sequence)), .jsonArray(messages.map(\.cause)),
            ])
        try connection.query(
            """
            INSERT INTO gigawatch.outbox (topic, key, value, headers)
            SELECT $1, i.key, i.value, '{"content-type":"application/json"}' FROM unnest($2::bytea[], $3::bytea[]) WITH ORDINALITY AS i (key, value, place)
            ORDER BY i.place
            """, [.text(metricsTopic), .bytesArray(messages.map { Array($0.message.entity.utf8) }), .bytesArray(messages.map(\.json))])
        return messages.count
    }

    private func labels(_ json: String?) -> [String: String] {
        guard let json else { return [:] }
        return LabelReader.labels(of: json)
    }

    /// When these entities' figures change next by time alone.
    private func scheduleNext(_ entities: [EntityKey], on connection: Connection) throws {
        let ordered = entities.sorted { ($0.kind, $0.entity) < ($1.kind, $1.entity) }
        try connection.query(
            """
            DELETE FROM gigawatch.entity_wakeup w USING unnest($1::text[], $2::text[]) AS i (kind, entity) WHERE w.kind = i.kind AND w.entity = i.entity
            """, [.textArray(ordered.map(\.kind)), .textArray(ordered.map(\.entity))])
        for (kind, keys) in Dictionary(grouping: ordered, by: \.kind).sorted(by: { $0.key < $1.key }) {
            try connection.query(
                """
                INSERT INTO gigawatch.entity_wakeup (kind, entity, at)
                SELECT $1, n.entity, min(n.at) FROM gigawatch.next_change($1, $2::text[]) n WHERE n.at IS NOT NULL GROUP BY n.entity
                ON CONFLICT (kind, entity) DO UPDATE SET at = EXCLUDED.at
                """, [.text(kind), .textArray(keys.map(\.entity))])
        }
    }
}
