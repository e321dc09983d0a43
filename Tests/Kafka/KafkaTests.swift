// The Kafka face against a real broker (GIGAWATCH_TEST_KAFKA) and, for what a broker does not do on demand, librdkafka's mock cluster.
import Glibc
import Kafka
import Models
import Synchronization
import Testing
import TestServers

/// Collects deliveries.
final class Deliveries: Sendable {
    private let all = Mutex<[Delivery]>([])
    var collect: @Sendable (Delivery) -> Void { { [self] delivery in all.withLock { $0.append(delivery) } } }
    var list: [Delivery] { all.withLock { $0 } }
    var stored: Int { list.count { if case .stored = $0.outcome { true } else { false } } }
    var unknown: Int { list.count { if case .unknown = $0.outcome { true } else { false } } }
}

func wait(seconds: Double = 20, until condition: () throws -> Bool) rethrows -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
        if try condition() { return true }
        usleep(5000)
    }
    return try condition()
}

func withBytes<T>(_ text: String?, _ body: (UnsafeRawBufferPointer?) throws -> T) rethrows -> T {
    guard let text else { return try body(nil) }
    return try Array(text.utf8).withUnsafeBytes { try body($0) }
}

extension Producer {
    func send(_ topic: String, _ key: String?, _ value: String?, headers: RecordHeaders? = nil, token: UInt64 = 0) throws {
        try withBytes(key) { key in try withBytes(value) { value in
            try produce(topic: topic, key: key, value: value, headers: headers, token: token)
        } }
    }
}

@Suite struct KafkaTests {
    func readAll(_ places: [TopicPartition], from start: Int64 = 0, _ each: (RecordView) throws -> Void) throws {
        let consumer = try Consumer(TestKafka.configuration, group: nil)
        defer { consumer.close() }
        try consumer.assign(places.map { (place: $0, nextOffset: start) })
        let batch = RecordBatch(capacity: 1000)
        var ended = Set<TopicPartition>()
        let end = ContinuousClock.now + .seconds(20)
        while ended.count < places.count, ContinuousClock.now < end {
            _ = consumer.poll(milliseconds: 50)
            for place in places {
                batch.recycle()
                guard let queue = consumer.queue(of: place) else { continue }
                _ = queue.read(into: batch, upTo: 1000)
                for index in 0..<batch.count {
                    if batch[index].error?.isPartitionEnd == true { ended.insert(place) } else { try each(batch[index]) }
                }
            }
        }
        batch.recycle()
        #expect(ended.count == places.count, "came to the end of every partition")
    }

    @Test func `what is odd about a record is data: no key, no value, empty ones, headers without a value, broken UTF-8`() throws {
        let topic = try TestKafka.prefix(topics: [.control]) + ".control"
        let deliveries = Deliveries()
        let producer = try Producer(TestKafka.configuration, onDelivery: deliveries.collect)
        let headers = RecordHeaders([(name: "a", value: [0xff, 0xfe]), (name: "null", value: nil), (name: "empty", value: [])])
        // A repeated name is data too, but the local broker keeps only the last of them.
        try producer.send(topic, nil, nil)
        try producer.send(topic, "", "")
        try [0xc3, 0x28].withUnsafeBytes { try producer.produce(topic: topic, key: $0, value: $0, headers: headers, token: 7) }
        #expect(producer.close() == 0)
        #expect(deliveries.stored == 3)
        var seen: [String] = []
        try readAll([TopicPartition(topic: topic, partition: 0)]) { record in
            #expect(record.error == nil)
            #expect(record.isTimestampOfBroker)
            #expect(record.timestamp.microseconds > 1_700_000_000_000_000)
            var text = "\(record.key.map { "\($0.count)" } ?? "nil") \(record.value.map { "\($0.count)" } ?? "nil")"
            record.forEachHeader { name, value in text += " \(String(decoding: name, as: UTF8.self))=\(value.map { "\(Array($0))" } ?? "nil")" }
            if record.hasHeaders {
                #expect(record.header("a").map { Array($0) } == [0xff, 0xfe])
                #expect(record.header("none") == nil)
            }
            seen.append(text)
        }
        #expect(seen == ["nil nil", "0 0", "\(2 * MemoryLayout<Int>.size) \(2 * MemoryLayout<Int>.size) a=[255, 254] null=nil empty=[]"])
    }

    @Test func `every record that was taken has one delivery when close returns`() throws {
        let topic = try TestKafka.prefix(topics: [.events], partitions: 3) + ".events"
        let deliveries = Deliveries()
        let producer = try Producer(TestKafka.configuration, onDelivery: deliveries.collect)
        let handle = producer.topic(topic)
        for number in 0..<20_000 {
            try withBytes("key\(number % 50)") { key in try withBytes("value \(number)") { value in
                try producer.produce(topic: handle, key: key, value: value, token: UInt64(number))
            } }
        }
        #expect(producer.close(deadline: 30) == 0)
        #expect(deliveries.stored == 20_000)
        #expect(Set(deliveries.list.map(\.token)).count == 20_000)
        #expect(throws: KafkaError.self) { try producer.send(topic, "late", "late") }
        var count = 0
        try readAll((0..<3).map { TopicPartition(topic: topic, partition: $0) }) { _ in count += 1 }
        #expect(count == 20_000)
    }

    @Test func `a key has the partition that the Java clients give it`() throws {
        let topic = try TestKafka.prefix(topics: [.events], partitions: 12) + ".events"
        let deliveries = Deliveries()
        let producer = try Producer(TestKafka.configuration, onDelivery: deliveries.collect)
        // Reference: org.apache.kafka.common.utils.Utils.murmur2, toPositive, modulo 12.
        let keys = ["21", "foobar", "a-little-bit-long-string"]
        let murmur: [Int32] = [-973_932_308, -790_332_482, -985_981_536]
        for (index, key) in keys.enumerated() { try producer.send(topic, key, "x", token: UInt64(index)) }
        producer.close()
        for delivery in deliveries.list {
            guard case .stored(let partition, _, _) = delivery.outcome else { continue }
            #expect(partition == (murmur[Int(delivery.token)] & 0x7fff_ffff) % 12)
        }
        #expect(deliveries.stored == 3)
    }

    @Test func `a full local queue says so at once`() throws {
        let configuration = KafkaConfiguration(bootstrap: "127.0.0.1:1", properties: ["queue.buffering.max.messages": "10"], log: { _ in })
        let deliveries = Deliveries()
        let producer = try Producer(configuration, onDelivery: deliveries.collect)
        let start = ContinuousClock.now
        var full: KafkaError?
        for number in 0..<20 where full == nil {
            do { try producer.send("t", "k", "v", token: UInt64(number)) } catch let error as KafkaError { full = error }
        }
        #expect(full?.isQueueFull == true)
        #expect(full?.kind == .retry)
        #expect(ContinuousClock.now - start < .seconds(1))
        #expect(!producer.isAvailable)
        #expect(producer.outstanding >= 10)
        #expect(producer.close(deadline: 0.2) == 10, "the undelivered are counted")
        #expect(deliveries.list.count == 10)
        #expect(deliveries.unknown == 10)
    }

    @Test func `after a fatal idempotence error the producer goes on with a new client`() throws {
        let topic = try TestKafka.prefix(topics: [.control]) + ".control"
        let deliveries = Deliveries()
        let rebuilt = Atomic<Int>(0)
        let producer = try Producer(TestKafka.configuration, onRebuild: { _ in rebuilt.add(1, ordering: .relaxed) }, onDelivery: deliveries.collect)
        try producer.send(topic, "k", "before", token: 1)
        #expect(wait { deliveries.stored == 1 })
        producer.provokeFatalError()
        #expect(wait { rebuilt.load(ordering: .relaxed) == 1 })
        #expect(wait { producer.isAvailable })
        try producer.send(topic, "k", "after", token: 2)
        #expect(wait { deliveries.stored == 2 })
        #expect(producer.close() == 0)
    }

    @Test func `topics are created once, and differences come with the command that mends them`() throws {
        let prefix = TestKafka.newPrefix()
        let admin = try Admin(TestKafka.configuration)
        defer { admin.close() }
        let plans = TopicPlan.all.filter { $0.name == .events || $0.name == .control }
        #expect(try admin.differences(from: plans, prefix: prefix).map(\.property) == ["existence", "existence"])
        #expect(try admin.createTopics(plans, prefix: prefix).sorted() == ["\(prefix).control", "\(prefix).events"])
        #expect(try admin.createTopics(plans, prefix: prefix) == [])
        #expect(try admin.differences(from: plans, prefix: prefix) == [])
        #expect(try admin.partitionCount(of: "\(prefix).events") == 12)
        let other = TestKafka.newPrefix()
        try admin.createTopics([(name: "\(other).events", partitions: 3, configuration: [(name: "retention.ms", value: "60000")])])
        let differences = try admin.differences(from: plans.filter { $0.name == .events }, prefix: other)
        #expect(differences.contains { $0.property == "partitions" && $0.actual == "3" })
        #expect(differences.contains { $0.property == "retention.ms" && $0.mend.contains("--add-config retention.ms=-1") })
        for topic in ["\(prefix).events", "\(prefix).control", "\(other).events"] { try admin.deleteTopic(topic) }
        try admin.deleteTopic("\(prefix).never-there")
    }

    @Test func `log starts and ends of many partitions come in one call`() throws {
        let topic = try TestKafka.prefix(topics: [.events], partitions: 4) + ".events"
        let producer = try Producer(TestKafka.configuration) { _ in }
        for number in 0..<400 { try producer.send(topic, "key\(number)", "v") }
        producer.close()
        let admin = try Admin(TestKafka.configuration)
        defer { admin.close() }
        let places = (0..<4).map { TopicPartition(topic: topic, partition: Int32($0)) }
        let ends = try admin.endOffsets(of: places)
        #expect(ends.values.reduce(0, +) == 400)
        #expect(try admin.firstOffsets(of: places).values.allSatisfy { $0 == 0 })
        try admin.deleteRecords(before: [places[1]: ends[places[1]] ?? 0, places[2]: 5])
        let marks = try admin.watermarks(of: places)
        #expect(marks[places[1]] == Watermarks(low: ends[places[1]] ?? -1, high: ends[places[1]] ?? -1))
        #expect(marks[places[2]]?.low == 5)
        #expect(marks[places[0]]?.low == 0)
    }

    @Test func `a position outside the log surfaces as an error of that partition alone`() throws {
        let topic = try TestKafka.prefix(topics: [.control]) + ".control"
        let producer = try Producer(TestKafka.configuration) { _ in }
        try producer.send(topic, nil, "only")
        producer.close()
        let consumer = try Consumer(TestKafka.configuration, group: nil)
        defer { consumer.close() }
        let place = TopicPartition(topic: topic, partition: 0)
        try consumer.assign([(place: place, nextOffset: 1000)])
        let batch = RecordBatch(capacity: 10)
        var error: KafkaError?
        _ = wait {
            _ = consumer.poll(milliseconds: 50)
            batch.recycle()
            if consumer.queue(of: place)?.read(into: batch, upTo: 10) ?? 0 > 0 { error = batch[0].error }
            return error != nil
        }
        #expect(error?.isOutOfRange == true)
    }

    @Test func `assigning anew reads again from where the caller says`() throws {
        let topic = try TestKafka.prefix(topics: [.control]) + ".control"
        let producer = try Producer(TestKafka.configuration) { _ in }
        for number in 0..<5000 { try producer.send(topic, nil, "\(number)") }
        producer.close()
        let consumer = try Consumer(TestKafka.configuration, group: nil)
        defer { consumer.close() }
        let place = TopicPartition(topic: topic, partition: 0)
        let batch = RecordBatch(capacity: 700)
        for start in [Int64(0), 1200, 300, 4999, 0] {
            try consumer.assign([(place: place, nextOffset: start)])
            var expected = start
            var inOrder = true
            let came = wait {
                _ = consumer.poll(milliseconds: 20)
                batch.recycle()
                _ = consumer.queue(of: place)?.read(into: batch, upTo: 700)
                for index in 0..<batch.count where batch[index].isRecord {
                    if batch[index].recordOffset != expected { inOrder = false }
                    expected += 1
                }
                return expected > min(start + 800, 4999)
            }
            #expect(came && inOrder, "from \(start)")
        }
        batch.recycle()
    }

    @Test func `polling alone keeps a member in its group beyond max.poll.interval.ms`() throws {
        let topic = try TestKafka.prefix(topics: [.control]) + ".control"
        let consumer = try Consumer(
            TestKafka.configuration, group: "\(topic)-group",
            properties: ["max.poll.interval.ms": "6000", "session.timeout.ms": "6000", "heartbeat.interval.ms": "500"])
        defer { consumer.close() }
        try consumer.subscribe(to: [topic])
        var events = 0
        var failures: [KafkaError] = []
        let end = ContinuousClock.now + .seconds(9)
        while ContinuousClock.now < end {
            switch consumer.poll(milliseconds: 100) {
            case .assigned(let places):
                events += 1
                try consumer.assign(places.map { (place: $0, nextOffset: 0) })
            case .revoked:
                events += 100
                try consumer.unassign()
            case .failed(let error): failures.append(error)
            case nil: break
            }
        }
        #expect(events == 1, "one assignment, no revocation")
        #expect(failures.isEmpty)
    }

    @Test func `a wrong property stops at start, with the name of its variable`() throws {
        let configuration = try #require(KafkaConfiguration(environment: ["GIGAWATCH_KAFKA": "b:1", "GIGAWATCH_KAFKA_SECURITY_PROTOCOL": "nonsense"]))
        #expect(configuration.properties == ["security.protocol": "nonsense"])
        do throws(KafkaError) {
            try configuration.check()
            Issue.record("accepted")
        } catch {
            #expect(error.kind == .configuration)
            #expect(error.message.contains("GIGAWATCH_KAFKA_SECURITY_PROTOCOL"))
        }
    }

    @Test func `a broker that answers with errors in between loses and doubles nothing`() throws {
        let mock = try #require(MockCluster(brokers: 1))
        defer { mock.destroy() }
        let configuration = KafkaConfiguration(bootstrap: mock.bootstrap, log: { _ in })
        let deliveries = Deliveries()
        let producer = try Producer(configuration, onDelivery: deliveries.collect)
        try producer.send("mocked", "k", "0", token: 0)
        #expect(wait { deliveries.stored == 1 })
        mock.failProduce(notLeader: 2, timedOut: 1)
        for number in 1..<200 { try producer.send("mocked", "k", "\(number)", token: UInt64(number)) }
        #expect(producer.close(deadline: 20) == 0)
        #expect(deliveries.stored == 200)
        let offsets = deliveries.list.compactMap { if case .stored(_, let offset, _) = $0.outcome { offset } else { nil } }
        #expect(Set(offsets).count == 200)
    }
}
