// The worker's invariants (design: runtime.md, section 1), on a real broker and a real PostgreSQL: each test fails when its invariant is broken.
// Serialized: failpoint observers are one set per process, and the machine is small. Read next: WorkerHarness.swift.
import Glibc
import Kafka
import Models
import Operations
import Postgres
import Streaming
import Synchronization
import Testing
import TestServers

@Suite(.serialized) struct StreamingTests {
    // MARK: 1. Fenced exactly-once

    @Test func `two workers forced onto the same partitions end in the state of one`() throws {
        let harness = try Harness(partitions: 2)
        try harness.produce(3000)
        // Two groups, one consumer name: each group gives its worker every partition.
        let a = harness.worker(group: "a", batchLimit: 50), b = harness.worker(group: "b", batchLimit: 70)
        #expect(wait(seconds: 60) { harness.seenCount() >= 3000 })
        try harness.produce(1000)
        #expect(wait(seconds: 60) { harness.seenCount() >= 4000 })
        #expect(a.stop() == nil)
        #expect(b.stop() == nil)
        try harness.expectExact(4000)
        #expect(a.progress.current.fenced + b.progress.current.fenced > 0, "they met")
    }

    @Test func `a stale owner stores nothing`() throws {
        let harness = try Harness(partitions: 1)
        let connection = try harness.database.connect()
        let store = PositionStore(consumer: "c", owner: "first")
        let place = TopicPartition(topic: "t", partition: 0)
        let first = try #require(try store.claim([place: 0], on: connection).first)
        let second = try #require(try PositionStore(consumer: "c", owner: "second").claim([place: 0], on: connection).first)
        #expect(second.epoch > first.epoch)
        func advance(_ epoch: Int64, _ expected: Int64, _ next: Int64) -> PositionAdvance {
            PositionAdvance(
                place: place, epoch: epoch, expected: expected, next: next, counts: RecordCounts(applied: next - expected),
                lastTimestamp: Instant(milliseconds: 1), lastDigest: .zero)
        }
        #expect(throws: StreamError.self) { try connection.transaction { try store.advance([advance(first.epoch, 0, 5)], on: $0) } }
        try connection.transaction { try store.advance([advance(second.epoch, 0, 5)], on: $0) }
        #expect(throws: StreamError.self, "not from where it was") {
            try connection.transaction { try store.advance([advance(second.epoch, 0, 7)], on: $0) }
        }
        let end = try #require(try store.positions(of: [place], on: connection).first)
        #expect(end.nextOffset == 5)
        #expect(end.counts.read == 5)
    }

    // MARK: 2. Accounting, through rebalances and through errors at every step

    @Test func `two workers, then three, then one, under load: every record once`() throws {
        let harness = try Harness(partitions: 6)
        let producing = OwnThread("producing") { try harness.produce(12_000, pauseEvery: 200) }
        let first = harness.worker(group: "g", batchLimit: 100), second = harness.worker(group: "g", batchLimit: 100)
        #expect(wait(seconds: 40) { harness.seenCount() > 2000 })
        let third = harness.worker(group: "g", batchLimit: 100)
        #expect(wait(seconds: 40) { harness.seenCount() > 6000 })
        #expect(first.stop() == nil)
        #expect(third.stop() == nil)
        #expect(producing.join() == nil)
        #expect(wait(seconds: 60) { harness.seenCount() >= 12_000 })
        #expect(wait { second.progress.current.partitions.count == 6 })
        #expect(wait { second.progress.current.complaint(at: wallClock()) == nil })
        #expect(wait { second.progress.current.partitions.allSatisfy { $0.lagRecords == 0 } })
        #expect(second.stop() == nil)
        try harness.expectExact(12_000)
    }

    @Test(arguments: ["worker.begin.before", "worker.begin.after", "worker.write.after", "worker.position.after", "worker.commit.after"])
    func `a connection that breaks at any step loses and doubles nothing`(_ place: String) throws {
        let harness = try Harness(partitions: 3)
        try harness.produce(2000)
        let passages = Atomic<Int>(0)
        Failpoint.observe(place) {
            // Every fifth time the server ends our session: at position.after the COMMIT meets a broken connection.
            if passages.add(1, ordering: .relaxed).newValue % 5 == 0 { harness.endWorkerSessions() }
        }
        defer { Failpoint.observe(place, nil) }
        let worker = harness.worker(group: "g", batchLimit: 100)
        #expect(wait(seconds: 60) { harness.seenCount() >= 2000 })
        Failpoint.observe(place, nil)
        try harness.produce(100)
        #expect(wait(seconds: 60) { harness.seenCount() >= 2100 })
        #expect(worker.stop() == nil)
        #expect(worker.progress.current.retries > 0)
        try harness.expectExact(2100)
    }

    @Test func `a worker whose processor fails for a while goes on where it was`() throws {
        let harness = try Harness(partitions: 2)
        try harness.produce(1000)
        harness.failWrites.store(5, ordering: .relaxed)
        let worker = harness.worker(group: "g", batchLimit: 300)
        #expect(wait(seconds: 60) { harness.seenCount() >= 1000 })
        #expect(worker.stop() == nil)
        #expect(worker.progress.current.retries >= 5)
        try harness.expectExact(1000)
    }

    // MARK: 3. Nothing is dropped, nothing wedges

    @Test func `one bad record never takes its batch`() throws {
        let harness = try Harness(partitions: 1)
        try harness.produce(400, bad: [0, 137, 138, 399])
        let worker = harness.worker(group: "g", batchLimit: 1000)
        #expect(wait(seconds: 30) { harness.seenCount() >= 396 })
        #expect(wait(seconds: 30) { worker.progress.current.partitions.first?.counts.read == 400 })
        #expect(worker.stop() == nil)
        let counts = try harness.totals()
        #expect(counts == RecordCounts(applied: 396, quarantined: 4))
        #expect(try Set(harness.rejected()) == [0, 137, 138, 399])
    }

    @Test func `mostly bad records stop the partition, and nothing of them is stored`() throws {
        let harness = try Harness(partitions: 1)
        try harness.produce(300)
        harness.refuseAll.store(true, ordering: .relaxed)
        let worker = harness.worker(group: "g", batchLimit: 1000)
        #expect(wait(seconds: 30) { worker.progress.current.partitions.first?.halt != nil })
        #expect(worker.progress.current.complaint(at: wallClock())?.contains("bad deployment") == true)
        #expect(try harness.totals().read < 101)
        // The deployment is mended and a person lets it go on.
        harness.refuseAll.store(false, ordering: .relaxed)
        try harness.release(0)
        #expect(try wait(seconds: 30) { try harness.totals().read == 300 })
        #expect(worker.stop() == nil)
    }

    // MARK: 6. Loss is seen

    @Test func `a log cut off beyond the position halts with the missing range, and goes on when the loss is accepted`() throws {
        let harness = try Harness(partitions: 1)
        try harness.produce(100)
        try harness.runUntil(100)
        try harness.produce(100)
        try harness.deleteRecords(before: 150)
        let worker = harness.worker(group: "g")
        #expect(wait(seconds: 30) { worker.progress.current.partitions.first?.halt != nil })
        let halt = try #require(worker.progress.current.partitions.first?.halt)
        #expect(halt.from == 100 && halt.to == 150)
        #expect(halt.reason.contains("--accept-loss"))
        #expect(harness.seenCount() == 100)
        try harness.release(0)
        #expect(wait(seconds: 30) { harness.seenCount() >= 150 })
        #expect(worker.stop() == nil)
        let connection = try harness.database.connect()
        let loss = try connection.query("SELECT from_offset, to_offset, accepted_by FROM gigawatch.accepted_loss")
        #expect(loss.count == 1)
        #expect(loss.int64(0, 0) == 100 && loss.int64(0, 1) == 150)
    }

    @Test func `an emptied topic halts`() throws {
        let harness = try Harness(partitions: 1)
        try harness.produce(60)
        try harness.runUntil(60)
        try harness.recreateTopic()
        let worker = harness.worker(group: "g")
        #expect(wait(seconds: 40) { worker.progress.current.partitions.first?.halt != nil })
        let halt = try #require(worker.progress.current.partitions.first?.halt)
        #expect(halt.from == 0 && halt.to == 60)
        #expect(worker.stop() == nil)
        #expect(harness.seenCount() == 60)
    }

    @Test func `a topic that is gone halts its positions, although nobody is assigned them`() throws {
        let harness = try Harness(partitions: 2)
        try harness.produce(60)
        try harness.runUntil(60)
        try harness.deleteTopic()
        let worker = harness.worker(group: "g")
        #expect(wait(seconds: 40) { worker.progress.current.missing != nil })
        let connection = try harness.database.connect()
        let store = PositionStore(consumer: "test", owner: "")
        #expect(try wait(seconds: 20) { try store.allPositions(on: connection).allSatisfy { $0.halt?.reason.contains("does not exist") == true } })
        #expect(worker.progress.current.phase != .stopped)
        #expect(worker.stop() == nil)
    }

    @Test func `a topic emptied and filled under a running worker halts`() throws {
        let harness = try Harness(partitions: 1)
        try harness.produce(60)
        let worker = harness.worker(group: "g")
        #expect(wait(seconds: 30) { harness.seenCount() == 60 })
        try harness.recreateTopic()
        try harness.produce(20)
        #expect(wait(seconds: 60) { worker.progress.current.partitions.first?.halt != nil })
        #expect(worker.stop() == nil)
        #expect(harness.seenCount() == 60)
    }

    @Test func `a recreated topic with as many records halts: the record before the position is another`() throws {
        let harness = try Harness(partitions: 1)
        try harness.produce(60)
        try harness.runUntil(60)
        try harness.recreateTopic()
        try harness.produce(80)
        let worker = harness.worker(group: "g")
        #expect(wait(seconds: 40) { worker.progress.current.partitions.first?.halt != nil })
        #expect(worker.progress.current.partitions.first?.halt?.reason.contains("is not the one") == true)
        #expect(harness.seenCount() == 60, "nothing of the other log was applied")
        // Accepted: the new log is read from its beginning.
        try harness.release(0)
        #expect(wait(seconds: 30) { harness.seenCount() >= 140 })
        #expect(worker.stop() == nil)
    }

    @Test func `a first start accepts a log that begins above 0`() throws {
        let harness = try Harness(partitions: 1)
        try harness.produce(100)
        try harness.deleteRecords(before: 40)
        let worker = harness.worker(group: "g")
        #expect(wait(seconds: 30) { harness.seenCount() >= 60 })
        #expect(worker.stop() == nil)
        let connection = try harness.database.connect()
        #expect(try connection.int64("SELECT first_offset FROM gigawatch.stream_position") == 40)
        #expect(try connection.int64("SELECT next_offset - first_offset - read FROM gigawatch.stream_position") == 0)
    }

    // MARK: 8. Health is progress

    @Test func `a worker that cannot store is not ready, however alive its thread`() throws {
        let harness = try Harness(partitions: 1)
        try harness.produce(10)
        harness.failWrites.store(.max, ordering: .relaxed)
        let worker = harness.worker(group: "g")
        #expect(wait(seconds: 30) { worker.progress.current.retries > 1 })
        #expect(worker.progress.current.complaint(at: wallClock()) != nil)
        harness.failWrites.store(0, ordering: .relaxed)
        #expect(wait(seconds: 30) { worker.progress.current.complaint(at: wallClock()) == nil && harness.seenCount() >= 10 })
        #expect(worker.stop() == nil)
    }

    @Test func `facts come before readings`() throws {
        let harness = try Harness(partitions: 1, topics: [.telemetry, .events])
        try harness.produce(20_000, to: .telemetry)
        try harness.produce(100, to: .events)
        let worker = harness.worker(group: "g", batchLimit: 200, topics: [.events, .telemetry])
        #expect(wait(seconds: 60) { harness.seenCount() >= 20_100 })
        #expect(worker.stop() == nil)
        let connection = try harness.database.connect()
        // Facts may arrive from the broker a little later than the first readings, but never after the backlog.
        let after = try connection.int64("SELECT count(*) FROM seen WHERE n < (SELECT max(n) FROM seen WHERE topic LIKE '%events')")
        #expect(after ?? .max < 18_000)
    }

    // MARK: Outbox

    @Test func `the outbox is published in order per key, by one at a time, and marked after the delivery`() throws {
        let harness = try Harness(partitions: 3, topics: [.metrics])
        let connection = try harness.database.connect()
        try connection.query(
            """
            INSERT INTO gigawatch.outbox (topic, key, value, headers)
            SELECT $1, convert_to('key' || n % 7, 'UTF8'), convert_to(n::text, 'UTF8'), '{"content-type":"application/json"}'
            FROM generate_series(1, 2500) n
            """, [.text(harness.topic(.metrics))])
        let publishers = (0..<2).map { _ in OutboxPublisher(kafka: harness.kafka, postgres: harness.database.conninfo) }
        let shutdown = Shutdown()
        let threads = publishers.map { publisher in OwnThread("outbox") { try publisher.run(until: shutdown) } }
        #expect(try wait(seconds: 30) { try connection.int64("SELECT count(*) FROM gigawatch.outbox WHERE published_at IS NULL") == 0 })
        shutdown.request()
        for thread in threads { #expect(thread.join() == nil) }
        #expect(publishers.filter { $0.status.published > 0 }.count == 1, "one at a time")
        var last: [String: Int] = [:]
        var count = 0
        try harness.readAll(.metrics) { record in
            let key = record.key.map { String(decoding: $0, as: UTF8.self) } ?? ""
            let number = record.value.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
            #expect(number > last[key] ?? 0)
            last[key] = number
            count += 1
            if count == 1 { #expect(record.header("content-type").map { String(decoding: $0, as: UTF8.self) } == "application/json") }
        }
        #expect(count == 2500)
    }
}

@Suite struct StreamingValueTests {
    @Test func `the breaker trips on more than 100 bad ones that are over half of the last 1,000`() {
        var breaker = BadRecordBreaker()
        #expect(!breaker.trips(on: RecordCounts(quarantined: 100)))
        #expect(breaker.trips(on: RecordCounts(quarantined: 101)))
        #expect(!breaker.trips(on: RecordCounts(applied: 101, quarantined: 101)))
        breaker.stored(RecordCounts(quarantined: 90))
        #expect(breaker.trips(on: RecordCounts(quarantined: 20)))
        breaker.stored(RecordCounts(applied: 2000))
        #expect(!breaker.trips(on: RecordCounts(quarantined: 101)), "the last 1,000 were good")
        #expect(!BadRecordBreaker().trips(on: RecordCounts(unapplied: 5000)), "unknown types are not bad")
    }

    @Test func `pauses grow, are jittered and end at ten seconds`() {
        var pause = OutagePause()
        #expect(pause.isOver)
        let pauses = (0..<30).map { _ in pause.next() }
        #expect(pauses[0] >= 50 && pauses[0] <= 100)
        #expect(pauses.suffix(10).allSatisfy { $0 >= 5000 && $0 <= 10_000 })
        #expect(Set(pauses.suffix(10)).count > 1)
    }

    @Test func `loss is named by its range`() {
        let position = StoredPosition(
            place: TopicPartition(topic: "t", partition: 3), nextOffset: 50, lastTimestamp: Instant(milliseconds: 9), lastDigest: .zero)
        #expect(LossDetector.judge(position, Watermarks(low: 0, high: 50), consumer: "c") == nil)
        #expect(LossDetector.judge(position, Watermarks(low: 50, high: 50), consumer: "c") == nil)
        #expect(LossDetector.judge(position, Watermarks(low: 51, high: 60), consumer: "c")?.to == 51)
        #expect(LossDetector.judge(position, Watermarks(low: 0, high: 49), consumer: "c")?.from == 49)
        func found(_ milliseconds: Int64) -> Halt? {
            LossDetector.judge(
                position, foundOffset: 49, timestamp: Instant(milliseconds: milliseconds), digest: .zero, logStart: 0, consumer: "c")
        }
        #expect(found(9) == nil)
        #expect(found(8)?.to == 50)
        #expect(LossDetector.missing(position, partitions: 4, consumer: "c") == nil)
        #expect(LossDetector.missing(position, partitions: 3, consumer: "c")?.to == 50)
        #expect(LossDetector.missing(position, partitions: nil, consumer: "c") != nil)
    }

    @Test func `errors say what to do about them`() {
        #expect(FailureKind(of: StreamError.fenced([])) == .fenced)
        #expect(FailureKind(of: KafkaError(code: -185, name: "", kind: .retry, operation: "", message: "")) == .retry)
        struct Strange: Error {}
        #expect(FailureKind(of: Strange()) == .fatal)
    }
}
