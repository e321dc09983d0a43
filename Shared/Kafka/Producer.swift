// The idempotent producer: acks=all, partitioner murmur2_random (the Java clients' own, so an entity has one partition number everywhere).
// Any thread may produce; one own thread serves delivery reports as they come, watches whether a broker is up, and rebuilds the client
// after a fatal idempotence error (librdkafka before 2.3 can run into one by a mere disconnect; its records are then outcome unknown).
// Invariant: every record that `produce` took gets exactly one Delivery, at the latest when `close` returns. Read next: Delivery.swift.
internal import CKafka
internal import Glibc
internal import Models
internal import Synchronization

/// Sends records. Thread-safe. Close it explicitly.
public final class Producer: @unchecked Sendable {  // `lock` guards the client and its topics; the rest is atomic or the poll thread's alone
    /// A topic to produce to, looked up once (`topic(_:)`), so that a record pays no lookup by name.
    public struct Topic: Sendable, Hashable {
        fileprivate let index: Int
        public let name: String
    }

    private let configuration: KafkaConfiguration
    private let onDelivery: @Sendable (Delivery) -> Void
    private let onRebuild: @Sendable (KafkaError) -> Void
    private let context: ClientContext

    // Guarded by `lock`: read to produce, written to rebuild, to add a topic, to close.
    private var client: OpaquePointer?
    private var topicHandles: [OpaquePointer?] = []
    private var topicNames: [String] = []
    private let lock: UnsafeMutablePointer<pthread_rwlock_t>

    // The poll thread's alone.
    private var queue: OpaquePointer?
    private var retainedContext: UnsafeMutableRawPointer?
    private var rebuilding = false
    private var reported = 0

    private let available = Atomic<Bool>(false)
    private let closing = Atomic<Bool>(false)
    private let closed = Atomic<Bool>(false)
    private let closeDeadline = Atomic<UInt64>(0)
    private let undelivered = Atomic<Int>(0)
    private var thread = pthread_t()

    /// Connects in the background; `isAvailable` turns true when a broker has answered.
    /// - Parameters:
    ///   - properties: of this role, such as `linger.ms`; `GIGAWATCH_KAFKA_…` overrides them.
    ///   - onDelivery: called once a record, on the producer's thread; it must be quick and must not call `close`.
    ///   - onRebuild: told when a fatal error made the producer start a new client (a line in the log; not ready meanwhile).
    public init(
        _ configuration: KafkaConfiguration, properties: [String: String] = [:], onRebuild: @escaping @Sendable (KafkaError) -> Void = { _ in },
        onDelivery: @escaping @Sendable (Delivery) -> Void
    ) throws(KafkaError) {
        var own = configuration
        // Role properties are defaults: put under the operator's.
        for (name, value) in properties where own.properties[name] == nil { own.properties[name] = value }
        self.configuration = own
        self.onDelivery = onDelivery
        self.onRebuild = onRebuild
        context = ClientContext(log: configuration.log)
        lock = .allocate(capacity: 1)
        pthread_rwlock_init(lock, nil)
        (client, retainedContext) = try Producer.connect(own, context)
        queue = client.flatMap { rd_kafka_queue_get_main($0) }
        let me = Unmanaged.passRetained(self)
        let result = pthread_create(&thread, nil, { argument in
            if let argument { Unmanaged<Producer>.fromOpaque(argument).takeRetainedValue().serve() }
            return nil
        }, me.toOpaque())
        guard result == 0 else {
            me.release()
            destroyClient()
            throw KafkaError(RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE, "start the producer's thread")
        }
    }

    deinit {
        // `close` was called, or init failed: the poll thread held a reference until its end.
        pthread_rwlock_destroy(lock)
        lock.deallocate()
    }

    private static func connect(_ configuration: KafkaConfiguration, _ context: ClientContext) throws(KafkaError) -> (OpaquePointer, UnsafeMutableRawPointer) {
        let conf = try configuration.makeConf(
            defaults: [
                "client.id": "gigawatch", "linger.ms": "2", "compression.codec": "lz4", "queue.buffering.max.messages": "1000000",
                "queue.buffering.max.kbytes": "262144", "batch.num.messages": "10000", "message.timeout.ms": "30000",
                "socket.keepalive.enable": "true", "reconnect.backoff.max.ms": "1000", "message.max.bytes": "4000000",
            ],
            fixed: ["enable.idempotence": "true", "acks": "all", "partitioner": "murmur2_random"])
        rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR)
        let retained = context.retained(by: conf)
        do {
            return (try makeClient(RD_KAFKA_PRODUCER, conf, "start a Kafka producer"), retained)
        } catch {
            ClientContext.released(retained)
            throw error
        }
    }

    // MARK: Producing

    /// Looks a topic up, once.
    public func topic(_ name: String) -> Topic {
        pthread_rwlock_wrlock(lock)
        defer { pthread_rwlock_unlock(lock) }
        if let index = topicNames.firstIndex(of: name) { return Topic(index: index, name: name) }
        topicNames.append(name)
        topicHandles.append(client.flatMap { rd_kafka_topic_new($0, name, nil) })
        return Topic(index: topicNames.count - 1, name: name)
    }

    /// Hands one record over; the bytes are copied. Returns at once: the outcome comes as a Delivery with `token`.
    /// Throws when the record was not taken: the local queue is full (`isQueueFull`: answer 503), the record is larger than allowed, the
    /// client is being rebuilt or closed. A thrown record gets no Delivery.
    public func produce(
        topic: Topic, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?, headers: RecordHeaders? = nil, token: UInt64
    ) throws(KafkaError) {
        pthread_rwlock_rdlock(lock)
        let code = produceLocked(topic, key, value, headers, token)
        pthread_rwlock_unlock(lock)
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw refusal(code, topic.name) }
    }

    /// As `produce(topic:…)` with the topic by name: for what is not hot.
    public func produce(
        topic name: String, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?, headers: RecordHeaders? = nil, token: UInt64
    ) throws(KafkaError) {
        try produce(topic: topic(name), key: key, value: value, headers: headers, token: token)
    }

    /// Hands several records over under one lock, each with its own key and partition. Returns how many were taken: the first that was not
    /// stops it, with its reason.
    public func produceBatch(
        topic: Topic, count: Int, headers: RecordHeaders? = nil,
        record: (Int) -> (key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?, token: UInt64)
    ) -> (taken: Int, refused: KafkaError?) {
        pthread_rwlock_rdlock(lock)
        var taken = 0
        var code = RD_KAFKA_RESP_ERR_NO_ERROR
        while taken < count {
            let item = record(taken)
            code = produceLocked(topic, item.key, item.value, headers, item.token)
            if code != RD_KAFKA_RESP_ERR_NO_ERROR { break }
            taken += 1
        }
        pthread_rwlock_unlock(lock)
        return (taken, code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : refusal(code, topic.name))
    }

    @inline(__always)
    private func produceLocked(
        _ topic: Topic, _ key: UnsafeRawBufferPointer?, _ value: UnsafeRawBufferPointer?, _ headers: RecordHeaders?, _ token: UInt64
    ) -> rd_kafka_resp_err_t {
        guard let client, topic.index < topicHandles.count, let handle = topicHandles[topic.index] else { return RD_KAFKA_RESP_ERR__DESTROY }
        let opaque = UnsafeMutableRawPointer(bitPattern: UInt(token))
        let value = value.map(nonNull)
        let key = key.map(nonNull)
        guard let template = headers?.pointer else {
            return gigawatch_produce(handle, value?.baseAddress, value?.count ?? 0, key?.baseAddress, key?.count ?? 0, opaque)
        }
        let copy = rd_kafka_headers_copy(template)
        let code = gigawatch_produce_with_headers(
            client, handle, value?.baseAddress, value?.count ?? 0, key?.baseAddress, key?.count ?? 0, copy, opaque)
        if code != RD_KAFKA_RESP_ERR_NO_ERROR, let copy { rd_kafka_headers_destroy(copy) }
        return code
    }

    private func refusal(_ code: rd_kafka_resp_err_t, _ name: String) -> KafkaError {
        let sentence: String?
        if code == RD_KAFKA_RESP_ERR__DESTROY {
            sentence = closing.load(ordering: .relaxed) ? "the producer is closing" : "the producer is starting anew; try again in a moment"
        } else if code == RD_KAFKA_RESP_ERR__QUEUE_FULL {
            sentence = "the local queue is full: the brokers are away or slower than the senders; try again later"
        } else {
            sentence = nil
        }
        return KafkaError(code, "produce to \(name)", sentence)
    }

    /// False while no broker is known to be up (a service answers 503 at once), while the client is rebuilt, and after `close`.
    public var isAvailable: Bool { available.load(ordering: .relaxed) }

    /// Records taken whose Delivery has not come yet; librdkafka counts a few of its own events too.
    public var outstanding: Int {
        pthread_rwlock_rdlock(lock)
        defer { pthread_rwlock_unlock(lock) }
        return client.map { Int(rd_kafka_outq_len($0)) } ?? 0
    }

    /// Stops taking records, delivers what was taken until `deadline` seconds from now, then gives the rest up (each gets a Delivery with
    /// outcome unknown) and returns how many that were. Never from the `onDelivery` closure. A second call returns the same number.
    @discardableResult
    public func close(deadline seconds: Double = 10) -> Int {
        closeDeadline.store(monotonicNanoseconds() &+ UInt64(max(0, seconds) * 1e9), ordering: .relaxed)
        if !closing.exchange(true, ordering: .acquiringAndReleasing) {
            pthread_join(thread, nil)
            closed.store(true, ordering: .releasing)
        } else {
            while !closed.load(ordering: .acquiring) { usleep(1000) }
        }
        return undelivered.load(ordering: .relaxed)
    }

    /// Makes the client fail as if the broker had refused its sequence numbers: for tests of the rebuild.
    public func provokeFatalError() {
        pthread_rwlock_rdlock(lock)
        defer { pthread_rwlock_unlock(lock) }
        if let client { rd_kafka_test_fatal_error(client, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "provoked by a test") }
    }

    // MARK: The producer's own thread

    private func serve() {
        gigawatch_name_thread("kafka-producer")
        var nextProbe: UInt64 = 0
        while !closing.load(ordering: .acquiring) {
            _ = serveEvents(milliseconds: 100)
            if context.notes.withLock({ notes in
                defer { notes.allBrokersDown = false; notes.errors.removeAll() }
                return notes.allBrokersDown
            }) {
                available.store(false, ordering: .relaxed)
                nextProbe = 0
            }
            if let fatal = fatalError() { rebuild(after: fatal) }
            let now = monotonicNanoseconds()
            if !available.load(ordering: .relaxed), now >= nextProbe, let client {
                if probe(client) { available.store(true, ordering: .relaxed) }
                nextProbe = now &+ 500_000_000
            }
        }
        available.store(false, ordering: .relaxed)
        // Served here until empty: rd_kafka_flush would wait for reports that only this thread takes off the queue.
        while let client, rd_kafka_outq_len(client) > 0, monotonicNanoseconds() < closeDeadline.load(ordering: .relaxed), fatalError() == nil {
            _ = serveEvents(milliseconds: 20)
        }
        if let client { undelivered.store(abandon(client), ordering: .relaxed) }
        destroyClient()
    }

    /// A metadata request of no topics makes librdkafka connect to any broker: how an outage's end is noticed without traffic.
    private func probe(_ client: OpaquePointer) -> Bool {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(client, 0, nil, &metadata, 250)
        if let metadata { rd_kafka_metadata_destroy(metadata) }
        return code == RD_KAFKA_RESP_ERR_NO_ERROR
    }

    private func fatalError() -> KafkaError? {
        guard let client else { return KafkaError(RD_KAFKA_RESP_ERR__FATAL, "produce", "the client could not be started") }
        var reason = [CChar](repeating: 0, count: 256)
        let code = rd_kafka_fatal_error(client, nil, 0)
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        rd_kafka_fatal_error(client, &reason, reason.count)
        var error = KafkaError(code, "produce", text(reason))
        error.kind = .fatal
        return error
    }

    /// Takes one event; true when there was one.
    private func serveEvents(milliseconds: Int32) -> Bool {
        guard let queue else {
            usleep(useconds_t(max(1, milliseconds)) * 1000)
            return false
        }
        guard let event = rd_kafka_queue_poll(queue, milliseconds) else { return false }
        if rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR {
            while let message = rd_kafka_event_message_next(event) { report(message) }
        }
        rd_kafka_event_destroy(event)
        return true
    }

    private func report(_ message: UnsafePointer<rd_kafka_message_t>) {
        let token = UInt64(UInt(bitPattern: message.pointee._private))
        let code = message.pointee.err
        reported += 1
        if code == RD_KAFKA_RESP_ERR_NO_ERROR {
            let milliseconds = rd_kafka_message_timestamp(message, nil)
            available.store(true, ordering: .relaxed)
            onDelivery(
                Delivery(
                    token: token,
                    outcome: .stored(
                        partition: message.pointee.partition, recordOffset: message.pointee.offset,
                        timestamp: Instant(milliseconds: max(0, milliseconds)))))
            return
        }
        let name = message.pointee.rkt.map { text(rd_kafka_topic_name($0)) } ?? "a topic"
        let error = KafkaError(code, "produce to \(name)")
        // librdkafka knows whether the record was ever on its way; while rebuilding nothing is certain any more.
        let certain = !rebuilding && rd_kafka_message_status(message) == RD_KAFKA_MSG_STATUS_NOT_PERSISTED
        onDelivery(Delivery(token: token, outcome: certain ? .failed(error) : .unknown(error)))
    }

    /// Gives up all that is outstanding, as unknown, and returns how many that were.
    private func abandon(_ client: OpaquePointer) -> Int {
        let before = reported
        rebuilding = true
        rd_kafka_purge(client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
        let end = monotonicNanoseconds() &+ 5_000_000_000
        while rd_kafka_outq_len(client) > 0, monotonicNanoseconds() < end { _ = serveEvents(milliseconds: 50) }
        rebuilding = false
        return reported - before
    }

    private func rebuild(after error: KafkaError) {
        available.store(false, ordering: .relaxed)
        onRebuild(error)
        pthread_rwlock_wrlock(lock)
        let old = client
        client = nil  // produce refuses from here on
        let handles = topicHandles
        topicHandles = Array(repeating: nil, count: handles.count)
        pthread_rwlock_unlock(lock)
        if let old { _ = abandon(old) }
        release(old, handles)
        guard let (fresh, retained) = try? Producer.connect(configuration, context) else {
            usleep(200_000)  // this thread's own pause; the next round tries again
            return
        }
        queue = rd_kafka_queue_get_main(fresh)
        retainedContext = retained
        pthread_rwlock_wrlock(lock)
        client = fresh
        topicHandles = topicNames.map { rd_kafka_topic_new(fresh, $0, nil) }
        pthread_rwlock_unlock(lock)
    }

    private func destroyClient() {
        pthread_rwlock_wrlock(lock)
        let old = client
        let handles = topicHandles
        client = nil
        topicHandles = []
        pthread_rwlock_unlock(lock)
        release(old, handles)
    }

    private func release(_ client: OpaquePointer?, _ handles: [OpaquePointer?]) {
        if let queue { rd_kafka_queue_destroy(queue) }
        queue = nil
        for handle in handles { if let handle { rd_kafka_topic_destroy(handle) } }
        if let client { rd_kafka_destroy(client) }
        if let retainedContext { ClientContext.released(retainedContext) }
        retainedContext = nil
    }
}

/// librdkafka takes a null pointer for "no value" (a tombstone); an empty one must point somewhere.
@inline(__always)
private func nonNull(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    bytes.baseAddress != nil ? bytes : UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: 1), count: 0)
}

/// CLOCK_MONOTONIC, in nanoseconds: deadlines never jump with the wall clock.
func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(bitPattern: Int64(time.tv_sec)) &* 1_000_000_000 &+ UInt64(bitPattern: Int64(time.tv_nsec))
}
