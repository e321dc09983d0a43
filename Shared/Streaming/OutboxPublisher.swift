// Publishes what transactions decided: rows of `outbox` go to Kafka in the order of outbox_id per key, at least once, and are marked after
// the delivery report. One publisher at a time in the whole installation, by advisory lock; projection and alerting both run one, so either
// going away stops nothing. Invariant: a row is marked only when it and every earlier row of its key are in the log. One own thread.
// A row whose transaction commits late gets a lower id than rows already published: order holds per key because one transaction at a time
// writes a key (its worker or the deriver). Read next: Kafka/Producer.swift.
public import Kafka
internal import Models
public import Operations
public import Postgres
internal import Glibc
internal import Synchronization

/// Runs on the thread that calls `run`; `status` may be read from any.
public final class OutboxPublisher: Sendable {
    public struct Status: Sendable {
        /// Whether this process holds the lock.
        public var isPublishing = false
        public var published: Int64 = 0
        /// Rows that wait, as last seen (at most one batch is looked at).
        public var waiting = 0
        public var error: String?
        public init() {}
    }

    private let kafka: KafkaConfiguration
    private let postgres: String
    private let limits: ConnectionLimits
    private let report: @Sendable (String) -> Void
    private let state = Mutex(Status())
    /// Outcomes of the batch under way: token is the place in the batch.
    private let outcomes = Mutex<(stored: [Bool], open: Int, error: KafkaError?)>(([], 0, nil))
    /// The advisory lock: "gwoutbox" as a number.
    private static let lockKey: Int64 = 0x6777_6F75_7462_6F78
    static let batchLimit = 1000

    /// - Parameter report: told in one sentence of what hinders it, once per change.
    public init(kafka: KafkaConfiguration, postgres: String, limits: ConnectionLimits = ConnectionLimits(), report: @escaping @Sendable (String) -> Void = { _ in }) {
        self.kafka = kafka
        self.postgres = postgres
        self.limits = limits
        self.report = report
    }

    public var status: Status { state.withLock { $0 } }

    /// Publishes until a stop is requested, through every outage. Throws what waiting cannot mend.
    public func run(until shutdown: Shutdown) throws {
        let producer = try Producer(kafka, properties: ["client.id": "gigawatch-outbox", "linger.ms": "5"]) { [self] delivery in
            outcomes.withLock { outcomes in
                guard let place = Int(exactly: delivery.token), place < outcomes.stored.count else { return }
                outcomes.open -= 1
                switch delivery.outcome {
                case .stored: outcomes.stored[place] = true
                case .failed(let error), .unknown(let error): outcomes.error = error
                }
            }
        }
        defer { producer.close(deadline: 5) }
        var connection: Connection?
        defer { connection?.close() }
        var outage = OutagePause()
        var nextSweep = monotonicSeconds() + 60
        while !shutdown.isRequested {
            do {
                if let connection, connection.isBroken {
                    state.withLock { $0.isPublishing = false }
                    try connection.reconnect()
                }
                let open = try connection ?? Connection(postgres, applicationName: "gigawatch-outbox", limits: limits)
                connection = open
                let count = try step(open, producer)
                if !outage.isOver {
                    outage.reset()
                    state.withLock { $0.error = nil }
                    report("publishing goes on")
                }
                if status.isPublishing, monotonicSeconds() > nextSweep {
                    nextSweep = monotonicSeconds() + 60
                    try sweep(open)
                }
                if count < Self.batchLimit { shutdown.wait(seconds: status.isPublishing ? 0.05 : 1) }
            } catch {
                switch FailureKind(of: error) {
                case .configuration, .fatal: throw error
                case .retry, .quarantine, .fenced, .outcomeUnknown: break
                }
                if outage.isOver { report("publishing waits: \(error)") }
                state.withLock { $0.error = "\(error)" }
                shutdown.wait(seconds: Double(outage.next()) / 1000)
            }
        }
    }

    /// Publishes one batch; returns how many rows it held.
    func step(_ connection: Connection, _ producer: Producer) throws -> Int {
        if !status.isPublishing {
            guard try connection.bool("SELECT pg_try_advisory_lock($1)", [.int(Self.lockKey)]) == true else { return 0 }
            state.withLock { $0.isPublishing = true }
        }
        // Header names and values are joined by characters that headers do not hold: this module has no JSON parser, PostgreSQL has.
        let rows = try connection.query(
            """
            SELECT outbox_id, topic, key, value, (SELECT string_agg(h.key || E'\\x1f' || h.value, E'\\x1e') FROM jsonb_each_text(headers) h)
            FROM gigawatch.outbox WHERE published_at IS NULL ORDER BY outbox_id LIMIT \(Self.batchLimit)
            """)
        state.withLock { $0.waiting = rows.count }
        guard rows.count > 0 else { return 0 }
        Failpoint.reached("outbox.publish.before")
        outcomes.withLock { $0 = (Array(repeating: false, count: rows.count), rows.count, nil) }
        var headerCache: [String: RecordHeaders] = [:]
        for row in 0..<rows.count {
            let headers = rows.text(row, 4).map { text -> RecordHeaders in
                if let known = headerCache[text] { return known }
                let made = RecordHeaders(text.split(separator: "\u{1e}").map { pair in
                    let parts = pair.split(separator: "\u{1f}", maxSplits: 1, omittingEmptySubsequences: false)
                    return (name: String(parts[0]), value: parts.count > 1 ? String(parts[1]) : "")
                })
                headerCache[text] = made
                return made
            }
            try send(rows.text(row, 1) ?? "", rows.bytes(row, 2), rows.bytes(row, 3), headers, row, producer)
        }
        // Every record has its outcome within message.timeout.ms.
        while outcomes.withLock({ $0.open }) > 0 { usleep(500) }
        Failpoint.reached("outbox.publish.after")
        let (stored, error) = outcomes.withLock { ($0.stored, $0.error) }
        var failedKeys = Set<[UInt8]>()
        var done: [Int64?] = []
        for row in 0..<rows.count {
            let key = Array((rows.text(row, 1) ?? "").utf8) + [0] + (rows.bytes(row, 2) ?? [])
            // A later row of a key that failed is sent again after it, so that the last word of the key is the last in the log.
            if stored[row], !failedKeys.contains(key) { done.append(rows.int64(row, 0)) } else { failedKeys.insert(key) }
        }
        if !done.isEmpty {
            try connection.query("UPDATE gigawatch.outbox SET published_at = clock_timestamp() WHERE outbox_id = ANY($1)", [.intArray(done)])
            let count = Int64(done.count)
            state.withLock { $0.published += count }
        }
        Failpoint.reached("outbox.mark.after")
        if let error { throw error }
        return rows.count
    }

    private func send(
        _ topic: String, _ key: [UInt8]?, _ value: [UInt8]?, _ headers: RecordHeaders?, _ token: Int, _ producer: Producer
    ) throws {
        do {
            try lend(key) { key in
                try lend(value) { value in
                    try producer.produce(topic: topic, key: key, value: value, headers: headers, token: UInt64(token))
                }
            }
        } catch let error as KafkaError {
            // Not taken: the row stays; the others of this batch are awaited.
            outcomes.withLock {
                $0.open -= 1
                $0.error = error
            }
        }
    }

    private func lend(_ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) throws -> Void) rethrows {
        guard let bytes else { return try body(nil) }
        try bytes.withUnsafeBytes { try body($0) }
    }

    /// Published rows are kept for a day, for people who ask what was said.
    private func sweep(_ connection: Connection) throws {
        try connection.query(
            """
            DELETE FROM gigawatch.outbox WHERE outbox_id IN (SELECT outbox_id FROM gigawatch.outbox
              WHERE published_at < now() - interval '1 day' ORDER BY published_at LIMIT 10000)
            """)
    }
}
