// Publishes transitions on the alerts topic, from their rows: the row is the outbox. In order of insertion, keyed by fingerprint, at least once;
// a row is marked after Kafka has acknowledged it. One process at a time, on the notifier's thread.

import Kafka
import Models
import Operations
import Postgres
import Streaming
import Synchronization

final class AlertPublisher {
    private let settings: AlertingSettings
    private let signals: AlertingSignals
    private var producer: Producer?
    private let outcomes = Outcomes()

    /// Deliveries come on the producer's thread.
    private final class Outcomes: Sendable {
        let state = Mutex<(stored: Int, failed: Int)>((0, 0))
    }

    init(_ settings: AlertingSettings, signals: AlertingSignals) { (self.settings, self.signals) = (settings, signals) }

    /// Publishes what waits, at most one batch. Returns how many.
    func publish(on connection: Connection) throws -> Int {
        let rows = try connection.query(
            "SELECT ordinal, fingerprint, message::text FROM gigawatch.alert_transition WHERE published_at IS NULL ORDER BY ordinal LIMIT 2000")
        guard !rows.isEmpty else { return 0 }
        let outcomes = outcomes
        let producer = try self.producer ?? Producer(settings.kafka, properties: ["linger.ms": "2"]) { delivery in
            outcomes.state.withLock { state in
                if case .stored = delivery.outcome { state.stored += 1 } else { state.failed += 1 }
            }
        }
        self.producer = producer
        outcomes.state.withLock { $0 = (0, 0) }
        let headers = RecordHeaders([("content-type", Array("application/json".utf8))])
        let topic = producer.topic(settings.topic(.alerts))
        var ordinals: [Int64] = []
        for row in 0..<rows.count {
            guard let ordinal = rows.int64(row, 0), let key = rows.utf8(row, 1), let value = rows.utf8(row, 2) else { continue }
            try producer.produce(topic: topic, key: key, value: value, headers: headers, token: UInt64(truncatingIfNeeded: ordinal))
            ordinals.append(ordinal)
        }
        let deadline = monotonicSeconds() + 30
        while true {
            let (stored, failed) = outcomes.state.withLock { $0 }
            if failed > 0 || monotonicSeconds() > deadline {
                // All of them again: the order per alert counts more than a repeat.
                self.producer = nil
                _ = producer.close(deadline: 1)
                throw PublishError()
            }
            if stored == ordinals.count { break }
            _ = settings.shutdown.wait(seconds: 0.001)
        }
        Failpoint.reached("alerting.publish.after")
        try connection.query("UPDATE gigawatch.alert_transition SET published_at = clock_timestamp() WHERE ordinal = ANY($1::bigint[])", [.intArray(ordinals)])
        signals.published.add(ordinals.count)
        return ordinals.count
    }

    func close() { _ = producer?.close(deadline: 2) }
}

struct PublishError: ClassifiedError, CustomStringConvertible {
    var kind: FailureKind { .retry }
    var description: String { "Kafka did not acknowledge the alerts" }
}
