// A topic, a database and workers of one test. The processor writes each record into a table without a unique key: a record that is applied
// twice shows as a second row, one that is dropped as a missing one. Safe from any thread.
import Glibc
import Kafka
import Models
import Operations
import Postgres
import Streaming
import Synchronization
import TestServers

func wait(seconds: Double = 20, until condition: () throws -> Bool) rethrows -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
        if try condition() { return true }
        usleep(20_000)
    }
    return try condition()
}

final class Harness: Sendable {
    let prefix: String
    let kafka: KafkaConfiguration
    let database: TestDatabase
    let partitions: Int32
    /// Writes that fail with an error of kind retry, counted down.
    let failWrites = Atomic<Int>(0)
    /// Every record goes to quarantine.
    let refuseAll = Atomic<Bool>(false)

    init(partitions: Int32, topics: [TopicName] = [.events]) throws {
        self.partitions = partitions
        kafka = try TestKafka.configuration
        prefix = try TestKafka.prefix(topics: topics, partitions: partitions)
        database = try TestPostgres.database()
        try database.connect().run(
            """
            CREATE TABLE seen (n bigint GENERATED ALWAYS AS IDENTITY, topic text, partition int, record_offset bigint, number bigint);
            CREATE TABLE rejected (number text);
            """)
    }

    struct Unexpected: Error, CustomStringConvertible { let description: String }

    func topic(_ name: TopicName = .events) -> String { name.fullName(prefix: prefix) }

    func produce(_ count: Int, to name: TopicName = .events, bad: Set<Int> = [], pauseEvery: Int = .max) throws {
        let producer = try Producer(kafka) { _ in }
        let handle = producer.topic(topic(name))
        for number in 0..<count {
            let key = Array("key\(number % 100)".utf8), value = Array((bad.contains(number) ? "bad \(number)" : "\(number)").utf8)
            try key.withUnsafeBytes { key in
                try value.withUnsafeBytes { try producer.produce(topic: handle, key: key, value: $0, token: UInt64(number)) }
            }
            if number % pauseEvery == pauseEvery - 1 { usleep(50_000) }
        }
        let lost = producer.close(deadline: 20)
        if lost > 0 { throw Unexpected(description: "\(lost) records were not delivered") }
    }

    func worker(group: String, batchLimit: Int = 1000, topics: [TopicName] = [.events]) -> RunningWorker {
        var settings = WorkerSettings(
            consumer: "test", group: "\(prefix).\(group)", topics: topics.map { topic($0) }, kafka: kafka, postgres: database.conninfo,
            owner: "test")
        settings.batchLimit = batchLimit
        settings.censusSeconds = 0.5
        settings.kafkaProperties = ["session.timeout.ms": "6000", "heartbeat.interval.ms": "500"]
        return RunningWorker(settings, self)
    }

    /// Runs one worker until it has applied so much.
    func runUntil(_ count: Int64) throws {
        let running = worker(group: "g")
        let came = wait(seconds: 30) { seenCount() >= count }
        if let error = running.stop() { throw Unexpected(description: error) }
        if !came { throw Unexpected(description: "only \(seenCount()) of \(count) applied") }
    }

    func seenCount() -> Int64 {
        do { return try database.connect().int64("SELECT count(*) FROM seen") ?? -1 } catch { return -1 }
    }

    func rejected() throws -> [Int] {
        let rows = try database.connect().query("SELECT number FROM rejected")
        return (0..<rows.count).compactMap { rows.text($0, 0).flatMap { Int($0.dropFirst(4)) } }
    }

    func totals() throws -> RecordCounts {
        let connection = try database.connect()
        return try PositionStore(consumer: "test", owner: "").allPositions(on: connection).reduce(RecordCounts()) { $0 + $1.counts }
    }

    /// Every offset once, the counters as many, the positions at the end.
    func expectExact(_ count: Int64) throws {
        let connection = try database.connect()
        let rows = try connection.query("SELECT count(*), count(DISTINCT (topic, partition, record_offset)) FROM seen")
        let sums = try connection.query(
            "SELECT sum(read)::bigint, sum(applied)::bigint, sum(next_offset - first_offset)::bigint FROM gigawatch.stream_position")
        let found = [rows.int64(0, 0), rows.int64(0, 1), sums.int64(0, 0), sums.int64(0, 1), sums.int64(0, 2)]
        guard found.allSatisfy({ $0 == count }) else {
            throw Unexpected(description: "rows, distinct, read, applied, moved: \(found.map { $0 ?? -1 }), expected \(count) each")
        }
    }

    func endWorkerSessions() {
        do {
            try database.connect().query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'gigawatch-test'")
        } catch { /* the session will live; the test then sees no retries and fails */ }
    }

    func release(_ partition: Int32) throws {
        try PositionStore(consumer: "test", owner: "").release(
            TopicPartition(topic: topic(), partition: partition), acceptedBy: "a person", reason: "a test", on: database.connect())
    }

    func deleteRecords(before offset: Int64) throws {
        let admin = try Admin(kafka)
        defer { admin.close() }
        try admin.deleteRecords(before: [TopicPartition(topic: topic(), partition: 0): offset])
    }

    func deleteTopic() throws {
        let admin = try Admin(kafka)
        defer { admin.close() }
        try admin.deleteTopic(topic())
        // A deleted topic takes a moment to be gone.
        _ = try wait(seconds: 20) { try admin.partitionCount(of: topic()) == nil }
    }

    func recreateTopic() throws {
        try deleteTopic()
        let admin = try Admin(kafka)
        defer { admin.close() }
        try admin.createTopics([(name: topic(), partitions: partitions, configuration: TopicPlan.plan(for: .events).configuration)])
    }

    func readAll(_ name: TopicName, _ each: (RecordView) throws -> Void) throws {
        let consumer = try Consumer(kafka, group: nil)
        defer { consumer.close() }
        let places = (0..<partitions).map { TopicPartition(topic: topic(name), partition: $0) }
        try consumer.assign(places.map { (place: $0, nextOffset: 0) })
        let batch = RecordBatch(capacity: 1000)
        var ended = Set<TopicPartition>()
        let end = ContinuousClock.now + .seconds(20)
        while ended.count < places.count, ContinuousClock.now < end {
            _ = consumer.poll(milliseconds: 50)
            for place in places {
                batch.recycle()
                _ = consumer.queue(of: place)?.read(into: batch, upTo: 1000)
                for index in 0..<batch.count {
                    if batch[index].error?.isPartitionEnd == true { ended.insert(place) } else { try each(batch[index]) }
                }
            }
        }
        batch.recycle()
    }
}

/// A worker on its thread.
final class RunningWorker: Sendable {
    let progress = ProgressBoard()
    private let shutdown = Shutdown()
    private let thread: OwnThread

    init(_ settings: WorkerSettings, _ harness: Harness) {
        let (progress, shutdown) = (progress, shutdown)
        thread = OwnThread("worker") {
            try Worker(settings, processor: SeenProcessor(harness), progress: progress).run(until: shutdown)
        }
    }

    /// The error that ended it, or nil.
    func stop() -> String? {
        shutdown.request()
        return thread.join().map { "\($0)" }
    }
}

/// Writes each record into `seen`; a value that is no number is a data error of PostgreSQL.
final class SeenProcessor: BatchProcessor {
    private let harness: Harness
    init(_ harness: Harness) { self.harness = harness }

    func write(_ batch: StreamBatch, on connection: Connection) throws -> [RecordCounts] {
        if harness.failWrites.load(ordering: .relaxed) > 0 {
            harness.failWrites.subtract(1, ordering: .relaxed)
            throw PostgresError(sqlState: "53100", kind: .retry, operation: "write", message: "disk full, says the test")
        }
        if harness.refuseAll.load(ordering: .relaxed) { return batch.slices.map { RecordCounts(quarantined: Int64($0.count)) } }
        var topics: [String?] = [], partitions: [Int64?] = [], offsets: [Int64?] = [], values: [String?] = []
        for slice in batch.slices {
            for index in 0..<slice.count {
                let record = slice[index]
                topics.append(slice.place.topic)
                partitions.append(Int64(slice.place.partition))
                offsets.append(record.recordOffset)
                values.append(record.value.map { String(decoding: $0, as: UTF8.self) })
            }
        }
        try connection.query(
            """
            INSERT INTO seen (topic, partition, record_offset, number)
            SELECT t, p, o, v::bigint FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[]) AS r(t, p, o, v)
            """, [.textArray(topics), .intArray(partitions), .intArray(offsets), .textArray(values)])
        return batch.slices.map { RecordCounts(applied: Int64($0.count)) }
    }

    func reject(_ record: RecordView, because error: any Error, on connection: Connection) throws -> RecordCounts {
        try connection.query("INSERT INTO rejected VALUES ($1)", [.text(record.value.map { String(decoding: $0, as: UTF8.self) } ?? "")])
        return RecordCounts(quarantined: 1)
    }
}
