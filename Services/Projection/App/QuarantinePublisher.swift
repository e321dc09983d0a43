// The quarantine on its way to Kafka: the table is its own outbox, so a record and its reason are published from what was stored with the position. At
// least once, in order per key: a row is marked only when the broker has stored it and every earlier row of its key. One process at a time
// (ElectedTask). Read next: QuarantineTable.swift; the other outbox is Shared/Streaming/OutboxPublisher.swift.

internal import Kafka
internal import Models
internal import Operations
internal import Postgres
internal import Streaming
internal import Synchronization

final class QuarantinePublisher {
    private static let batch = 500
    private let topic: String
    private let producer: Producer
    private let outcomes: Outcomes
    private let signals: ProjectionSignals

    /// Deliveries of the round under way, by token.
    private final class Outcomes: Sendable {
        let stored = Mutex<[UInt64: Bool]>([:])
    }

    init(kafka: KafkaConfiguration, prefix: String, signals: ProjectionSignals) throws {
        topic = TopicName.quarantine.fullName(prefix: prefix)
        self.signals = signals
        let outcomes = Outcomes()
        self.outcomes = outcomes
        producer = try Producer(kafka, properties: ["linger.ms": "5"]) { delivery in
            var isStored = false
            if case .stored = delivery.outcome { isStored = true }
            outcomes.stored.withLock { $0[delivery.token] = isStored }
        }
    }

    func close() { producer.close(deadline: 5) }

    private struct Message {
        var number: Int64
        var key: [UInt8]?
        var value: [UInt8]?
        var headers: [(name: String, value: [UInt8]?)]
    }

    /// Publishes what waits. True when there may be more.
    func round(on connection: Connection) throws -> Bool {
        guard producer.isAvailable else { return false }
        let age = try connection.double("SELECT extract(epoch FROM now() - min(created_at)) FROM gigawatch.outbox WHERE published_at IS NULL")
        signals.outboxAge.set(age ?? 0)
        return try publish(waiting(on: connection), on: connection)
    }

    private func waiting(on connection: Connection) throws -> [Message] {
        let rows = try connection.query(
            """
            SELECT quarantine_id, key, value, headers, kind, code, pointer, expected, actual, reason, sqlstate, topic, partition, record_offset, accepted_at
            FROM gigawatch.quarantine WHERE published_at IS NULL ORDER BY quarantine_id LIMIT \(QuarantinePublisher.batch)
            """)
        let names = ["kind", "code", "pointer", "expected", "actual", "reason", "sqlstate", "topic", "partition", "offset"]
        return (0..<rows.count).compactMap { row in
            guard let number = rows.int64(row, 0) else { return nil }
            var headers = StoredHeaders.read(rows.text(row, 3))
            for (index, name) in names.enumerated() {
                if let text = rows.text(row, 4 + index) { headers.append(("quarantine_\(name)", Array(text.utf8))) }
            }
            if let accepted = rows.instant(row, 14) { headers.append(("quarantine_accepted_at", Array(accepted.description.utf8))) }
            return Message(
                number: number, key: rows.bytes(row, 1), value: rows.bytes(row, 2), headers: headers)
        }
    }

    /// Sends, waits for the broker, marks. True when the batch was full and all of it was stored.
    private func publish(_ messages: [Message], on connection: Connection) throws -> Bool {
        guard !messages.isEmpty else { return false }
        Failpoint.reached("projection.publish.before")
        outcomes.stored.withLock { $0.removeAll() }
        var sent = 0
        for (index, message) in messages.enumerated() {
            do {
                try send(message, token: UInt64(index))
                sent += 1
            } catch {
                signals.log.warning("a quarantined record could not be handed to Kafka", ["reason": .text("\(error)")])
                break
            }
        }
        let deadline = ContinuousClock.now + .seconds(120)
        while outcomes.stored.withLock({ $0.count }) < sent, ContinuousClock.now < deadline { pauseMilliseconds(2) }
        Failpoint.reached("projection.publish.after")
        let stored = outcomes.stored.withLock { $0 }
        var failedKeys = Set<[UInt8]>()
        var done: [Int64] = []
        for (index, message) in messages.enumerated() {
            let key = message.key ?? []
            if stored[UInt64(index)] == true, !failedKeys.contains(key) { done.append(message.number) } else { failedKeys.insert(key) }
        }
        signals.quarantinePublished.add(done.count)
        if !done.isEmpty {
            try connection.query("UPDATE gigawatch.quarantine SET published_at = clock_timestamp() WHERE quarantine_id = ANY ($1)", [.intArray(done)])
        }
        Failpoint.reached("projection.publish.marked")
        if done.count < messages.count { pauseMilliseconds(500) }
        return done.count == QuarantinePublisher.batch
    }

    private func send(_ message: Message, token: UInt64) throws {
        let headers = RecordHeaders(message.headers)
        let key = message.key ?? [], value = message.value ?? []
        // Arrays outlive the call: librdkafka copies inside `produce`.
        try key.withUnsafeBytes { key in
            try value.withUnsafeBytes { value in
                try producer.produce(
                    topic: topic, key: message.key == nil ? nil : key, value: message.value == nil ? nil : value, headers: headers,
                    token: token)
            }
        }
    }
}
