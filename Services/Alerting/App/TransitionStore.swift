// Writes transitions and snapshots to PostgreSQL. A transition's key is its digest, so what is made again after a crash collapses there; the
// current state of an alert moves forward only. Everything is fenced by the owner's epoch: a stale owner's transaction rolls back. One thread.

import AlertingCore
import Kafka
import Models
import Postgres
import Streaming

struct TransitionStore {
    let settings: AlertingSettings
    let positions: PositionStore

    /// Stores the transitions of shards in one transaction.
    /// - Parameter anchors: per shard, the claimed position that proves ownership.
    func store(_ shards: [EvaluationShard], anchors: [Int32: StoredPosition], on connection: Connection) throws {
        let rows = shards.flatMap { shard in shard.unstored.map { (shard.number, $0.transition, $0.sequence) } }
        guard !rows.isEmpty else { return }
        Failpoint.reached("alerting.transitions.before")
        try connection.transaction { connection in
            try fence(shards.filter { !$0.unstored.isEmpty }.compactMap { anchors[$0.number] }, on: connection)
            for start in stride(from: 0, to: rows.count, by: 5000) {
                try insert(Array(rows[start..<min(start + 5000, rows.count)]), on: connection)
            }
            Failpoint.reached("alerting.transitions.written")
            try connection.notify("gigawatch_alerts")
        }
        Failpoint.reached("alerting.transitions.after")
    }

    /// Throws `fenced` unless every position is still ours; holds them until the transaction ends.
    private func fence(_ claimed: [StoredPosition], on connection: Connection) throws {
        let rows = try connection.query(
            """
            SELECT 1 FROM gigawatch.stream_position p
            JOIN unnest($2::text[], $3::bigint[], $4::bigint[]) AS mine(topic, partition, epoch)
              ON p.topic = mine.topic AND p.partition = mine.partition AND p.owner_epoch = mine.epoch
            WHERE p.consumer = $1 FOR SHARE OF p
            """,
            [
                .text(positions.consumer), .textArray(claimed.map(\.place.topic)), .intArray(claimed.map { Int64($0.place.partition) }),
                .intArray(claimed.map(\.epoch)),
            ])
        guard rows.count == claimed.count else { throw StreamError.fenced(claimed.map(\.place)) }
    }

    private func insert(_ rows: [(shard: Int32, transition: Transition, sequence: Int64)], on connection: Connection) throws {
        let messages = rows.map { $0.transition.message(prefix: settings.prefix) }
        func json(_ labels: [String: String]) -> [UInt8] {
            var writer = JSONWriter()
            writer.labels(labels)
            return writer.bytes
        }
        let bodies = messages.map { message -> [UInt8] in
            var writer = JSONWriter(reserving: 768)
            message.write(to: &writer)
            return writer.bytes
        }
        let ids = messages.map(\.id)
        try connection.query(
            """
            INSERT INTO gigawatch.alert_transition (id, rule, rule_version, fingerprint, labels, annotations, from_state, to_state, from_level, level,
              value, threshold, event_at, accepted_at, started_at, topic, partition, record_offset, event_source, event_id, first_topic,
              first_partition, first_offset, first_event_source, first_event_id, kind, cut, shard, sequence, delivered, undelivered, route, owner, message)
            SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::jsonb[], $6::jsonb[], $7::text[], $8::text[], $9::text[],
              $10::text[], $11::float8[], $12::float8[], $13::timestamptz[], $14::timestamptz[], $15::timestamptz[], $16::text[], $17::bigint[],
              $18::bigint[], $19::text[], $20::text[], $21::text[], $22::bigint[], $23::bigint[], $24::text[], $25::text[], $26::text[],
              $27::bigint[], $28::bigint[], $29::bigint[], $30::boolean[], $31::text[], $32::text[], $33::text[], $34::jsonb[])
            ON CONFLICT (id) DO NOTHING
            """,
            [
                .textArray(ids), .textArray(messages.map(\.rule)), .intArray(messages.map(\.ruleVersion)), .textArray(messages.map(\.fingerprint)),
                .jsonArray(messages.map { json($0.labels) }), .jsonArray(messages.map { json($0.annotations) }),
                .textArray(messages.map(\.from.rawValue)), .textArray(messages.map(\.to.rawValue)), .textArray(rows.map(\.transition.fromLevel)),
                .textArray(messages.map(\.level)), .doubleArray(messages.map(\.value)), .doubleArray(messages.map(\.threshold)),
                .instantArray(messages.map(\.eventAt)), .instantArray(messages.map(\.acceptedAt)), .instantArray(messages.map(\.startedAt)),
                .textArray(messages.map(\.deciding.coordinates.topic)), .intArray(messages.map { Int64($0.deciding.coordinates.partition) }),
                .intArray(messages.map(\.deciding.coordinates.recordOffset)), .textArray(messages.map(\.deciding.source)),
                .textArray(messages.map(\.deciding.id)), .textArray(messages.map(\.firstBreach?.coordinates.topic)),
                .intArray(messages.map { $0.firstBreach.map { Int64($0.coordinates.partition) } }),
                .intArray(messages.map(\.firstBreach?.coordinates.recordOffset)), .textArray(messages.map(\.firstBreach?.source)),
                .textArray(messages.map(\.firstBreach?.id)), .textArray(messages.map(\.kind.rawValue)), .intArray(messages.map(\.cut)),
                .intArray(rows.map { Int64($0.shard) }), .intArray(rows.map(\.sequence)), .boolArray(messages.map(\.isDelivered)),
                .textArray(rows.map { $0.transition.isDelivered ? nil : $0.transition.undelivered.name }), .textArray(rows.map(\.transition.route)),
                .textArray(rows.map(\.transition.owner)), .jsonArray(bodies),
            ])
        // The newest of each alert: the same row twice in one ON CONFLICT fails.
        var newest: [String: Int] = [:]
        for index in rows.indices { newest[messages[index].fingerprint] = index }
        try connection.query(
            """
            INSERT INTO gigawatch.alert_state AS s (fingerprint, rule, rule_version, labels, annotations, state, level, value, threshold, started_at,
              changed_at, accepted_at, transition, shard, sequence, delivered, route, owner)
            SELECT t.fingerprint, t.rule, t.rule_version, t.labels, t.annotations, t.to_state, t.level, t.value, t.threshold, t.started_at, t.event_at,
              t.accepted_at, t.id, t.shard, t.sequence, t.delivered, t.route, t.owner
            FROM gigawatch.alert_transition t WHERE t.id = ANY($1::text[]) ORDER BY t.fingerprint
            ON CONFLICT (fingerprint) DO UPDATE SET rule = EXCLUDED.rule, rule_version = EXCLUDED.rule_version, labels = EXCLUDED.labels,
              annotations = EXCLUDED.annotations, state = EXCLUDED.state, level = EXCLUDED.level, value = EXCLUDED.value,
              threshold = EXCLUDED.threshold, started_at = EXCLUDED.started_at, changed_at = EXCLUDED.changed_at, accepted_at = EXCLUDED.accepted_at,
              transition = EXCLUDED.transition, shard = EXCLUDED.shard, sequence = EXCLUDED.sequence, delivered = EXCLUDED.delivered,
              route = EXCLUDED.route, owner = EXCLUDED.owner
            WHERE s.sequence < EXCLUDED.sequence
            """, [.textArray(newest.values.map { ids[$0] })])
    }

    /// Stores a shard's snapshot with the positions it was taken at.
    func store(snapshotOf shard: EvaluationShard, anchor: StoredPosition, on connection: Connection) throws {
        let state = shard.evaluator.snapshot()
        Failpoint.reached("alerting.snapshot.before")
        try connection.transaction { connection in
            try fence([anchor], on: connection)
            try positions.advance(shard.advances.compactMap { $0 }, on: connection)
            Failpoint.reached("alerting.snapshot.positions")
            try connection.query(
                """
                INSERT INTO gigawatch.alert_snapshot (partition, cut, clock_next, control_next, state, digest, transitions, taken_at)
                VALUES ($1::bigint, $2, $3, $4, $5, $6, $7, clock_timestamp())
                ON CONFLICT (partition) DO UPDATE SET cut = EXCLUDED.cut, clock_next = EXCLUDED.clock_next, control_next = EXCLUDED.control_next,
                  state = EXCLUDED.state, digest = EXCLUDED.digest, transitions = EXCLUDED.transitions, taken_at = EXCLUDED.taken_at
                """,
                [
                    .int(Int64(shard.number)), .int(shard.evaluator.cut), .int(shard.clockNext), .int(shard.controlNext), .bytes(state),
                    .text(shard.evaluator.digest.value.description), .int(shard.evaluator.digest.count),
                ])
        }
        Failpoint.reached("alerting.snapshot.after")
    }

    struct StoredSnapshot {
        let clockNext: Int64
        let controlNext: Int64
        let state: [UInt8]
    }

    func snapshots(of partitions: [Int32], on connection: Connection) throws -> [Int32: StoredSnapshot] {
        let rows = try connection.query(
            "SELECT partition, clock_next, control_next, state FROM gigawatch.alert_snapshot WHERE partition = ANY($1::bigint[])",
            [.intArray(partitions.map { Int64($0) })])
        var found: [Int32: StoredSnapshot] = [:]
        for row in 0..<rows.count {
            guard let partition = rows.int64(row, 0), let clockNext = rows.int64(row, 1), let controlNext = rows.int64(row, 2),
                let state = rows.bytes(row, 3)
            else { continue }
            found[Int32(truncatingIfNeeded: partition)] = StoredSnapshot(clockNext: clockNext, controlNext: controlNext, state: state)
        }
        return found
    }
}
