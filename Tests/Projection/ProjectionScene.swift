// A database, topics and running projections of one test: what it sends, how far it waits, what it compares. The executable is the real one.

import Glibc
import Kafka
import Models
import Postgres
import Streaming
import Synchronization
import TestServers

/// A record to be sent: key, value, headers as they shall stand in the log.
struct TestRecord {
    var topic: TopicName
    var key: String?
    var value: String?
    var headers: [(name: String, value: String)] = []
}

/// Topics of one test.
struct TestLog {
    let prefix: String
    let partitions: Int32

    init(partitions: Int32 = 4) throws {
        self.partitions = partitions
        prefix = try TestKafka.prefix(topics: [.events, .telemetry, .control, .clock, .metrics, .alerts, .quarantine], partitions: partitions)
    }

    /// Sends records in order and waits until the broker has them all.
    func send(_ records: [TestRecord]) throws {
        let stored = Atomic<Int>(0)
        let failed = Atomic<Int>(0)
        try withoutActuallyEscaping({ (delivery: Delivery) in
            if case .stored = delivery.outcome { stored.add(1, ordering: .relaxed) } else { failed.add(1, ordering: .relaxed) }
        }) { note in
            let box = DeliveryBox(note)
            let producer = try Producer(try TestKafka.configuration) { box.note($0) }
            for (index, record) in records.enumerated() {
                let key = record.key.map { Array($0.utf8) }, value = record.value.map { Array($0.utf8) }
                let headers = RecordHeaders(record.headers)
                while true {
                    do {
                        try key.withBytes { key in
                            try value.withBytes { value in
                                try producer.produce(
                                    topic: record.topic.fullName(prefix: prefix), key: key, value: value, headers: record.headers.isEmpty ? nil : headers,
                                    token: UInt64(index))
                            }
                        }
                        break
                    } catch let error as KafkaError where error.isQueueFull { usleep(1000) }
                }
            }
            _ = producer.close(deadline: 60)
        }
        guard stored.load(ordering: .relaxed) == records.count else { throw SceneError("\(failed.load(ordering: .relaxed)) of \(records.count) records were not stored") }
    }

    /// Records in the log of each partition of `topic`.
    func ends(_ topics: [TopicName] = [.events, .telemetry]) throws -> [TopicPartition: Int64] {
        let admin = try Admin(try TestKafka.configuration)
        defer { admin.close() }
        return try admin.endOffsets(of: topics.flatMap { topic in (0..<partitions).map { TopicPartition(topic: topic.fullName(prefix: prefix), partition: $0) } })
    }
}

struct SceneError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

private final class DeliveryBox: @unchecked Sendable {     // called on the producer's thread while `send` waits in `close`
    let note: (Delivery) -> Void
    init(_ note: @escaping (Delivery) -> Void) { self.note = note }
}

extension Optional where Wrapped == [UInt8] {
    fileprivate func withBytes(_ body: (UnsafeRawBufferPointer?) throws -> Void) throws {
        guard let bytes = self else { return try body(nil) }
        try bytes.withUnsafeBytes { try body($0) }
    }
}

/// A database and the projections that fill it from a log.
struct ProjectionScene {
    let log: TestLog
    let database: TestDatabase

    init(_ log: TestLog) throws {
        self.log = log
        database = try TestPostgres.database()
    }

    /// Starts the real executable.
    func start(_ environment: [String: String] = [:]) throws -> TestProcess {
        var variables = [
            "GIGAWATCH_KAFKA": try TestKafka.bootstrap, "GIGAWATCH_POSTGRES": database.conninfo, "GIGAWATCH_TOPIC_PREFIX": log.prefix,
            "GIGAWATCH_PROJECTION_LISTEN": "127.0.0.1:\(try TestSocket.freePort())", "GIGAWATCH_PARTITIONS": "\(log.partitions)",
            "GIGAWATCH_GROUP_PATIENCE_SECONDS": "4",
            // The brokers' least: a killed member holds its partitions so long.
            "GIGAWATCH_KAFKA_SESSION_TIMEOUT_MS": "6000", "GIGAWATCH_KAFKA_HEARTBEAT_INTERVAL_MS": "1000",
        ]
        for (name, value) in environment { variables[name] = value }
        return try TestProcess("projection", environment: variables)
    }

    /// Stored positions of the log's partitions.
    func positions() throws -> [TopicPartition: Int64] {
        let rows = try database.connect().query("SELECT topic, partition, next_offset FROM gigawatch.stream_position WHERE consumer = 'projection'")
        var found: [TopicPartition: Int64] = [:]
        for row in 0..<rows.count {
            found[TopicPartition(topic: rows[row, 0] ?? "", partition: Int32(rows.int64(row, 1) ?? -1))] = rows.int64(row, 2)
        }
        return found
    }

    /// Waits until everything in the log is stored.
    func waitUntilStored(seconds: Double = 90, _ process: TestProcess? = nil) throws {
        let ends = try log.ends()
        let isStored = try TestProcess.poll(seconds: seconds, every: 50) {
            if let process, !process.isRunning { throw SceneError("projection ended: \(process.log.suffix(3000))") }
            let positions = try positions()
            return ends.allSatisfy { positions[$0.key] == $0.value || ($0.value == 0 && positions[$0.key] == nil) }
        }
        guard isStored else { throw SceneError("not stored within \(seconds) s: \(try positions()) of \(ends); \(process?.log.suffix(3000) ?? "")") }
    }

    /// Runs one projection over the whole log and stops it.
    func runToEnd(_ environment: [String: String] = [:]) throws {
        let process = try start(environment)
        try waitUntilStored(process)
        _ = try process.terminate()
    }

    /// Rows as texts, for comparison.
    func rows(_ sql: String) throws -> [[String]] {
        let rows = try database.connect().query(sql)
        return (0..<rows.count).map { row in rows.columns.indices.map { rows[row, $0] ?? "null" } }
    }
}
