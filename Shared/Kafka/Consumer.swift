// A consumer of one thread: the thread that made it polls, reads, assigns and closes it. The group decides which partitions are ours
// (`range`, eager); where to start is the caller's word, from PostgreSQL, given in the list of `assign`. Records come only from partition
// queues (forwarding disabled before the assignment, so none slips into the consumer's own queue); `poll` brings rebalances and errors.
// Invariant: nothing is read past what the caller asked for, nothing is committed but the advisory mirror. Read next: PartitionQueue.swift.
internal import CKafka
internal import Glibc
internal import Models

/// What `Consumer.poll` brings.
public enum ConsumerEvent: Sendable {
    /// The group gave us these: answer with `assign`. It may be answered later, while polling on; no record comes meanwhile.
    case assigned([TopicPartition])
    /// The group takes these away: answer with `unassign`. With `lost` they may already be another's.
    case revoked([TopicPartition], lost: Bool)
    /// Said about the client as a whole; librdkafka goes on trying by itself. `kind` says whether waiting can help.
    case failed(KafkaError)
}

/// Not Sendable: it belongs to one thread.
public final class Consumer {
    private let context: ClientContext
    private var client: OpaquePointer?
    private var retainedContext: UnsafeMutableRawPointer?
    private var consumerQueue: OpaquePointer?
    private let wake: Int32
    private var queues: [TopicPartition: PartitionQueue] = [:]
    private var pendingEvents: [ConsumerEvent] = []
    private let group: String?

    /// librdkafka's local queue, per partition. 2.0.2 postpones the next fetch by a whole second when a queue is over either bound, so the
    /// bounds hold a second's worth of a partition: 50,000 records or 24 MB each. Memory is at most partitions x min(24 MB, 50,000 x (size
    /// + 250 bytes)) + one fetch of 1 MB each: 12 partitions of 333-byte readings 350 MB while far behind, next to nothing when caught up.
    static let defaults = [
        "client.id": "gigawatch", "queued.min.messages": "50000", "queued.max.messages.kbytes": "24576", "fetch.queue.backoff.ms": "50",
        "fetch.wait.max.ms": "100", "fetch.min.bytes": "1", "fetch.message.max.bytes": "1048576", "session.timeout.ms": "10000",
        "heartbeat.interval.ms": "2000", "socket.keepalive.enable": "true", "reconnect.backoff.max.ms": "1000", "fetch.error.backoff.ms": "200",
        "topic.metadata.refresh.interval.ms": "5000", "allow.auto.create.topics": "false", "check.crcs": "true",
    ]

    /// - Parameters:
    ///   - group: the consumer group, or nil for partitions assigned by hand.
    ///   - properties: of this role; `GIGAWATCH_KAFKA_…` overrides them.
    public init(_ configuration: KafkaConfiguration, group: String?, properties: [String: String] = [:]) throws(KafkaError) {
        self.group = group
        context = ClientContext(log: configuration.log)
        wake = gigawatch_eventfd()
        guard wake >= 0 else { throw KafkaError(RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE, "make an eventfd for the consumer") }
        let conf: OpaquePointer
        do {
            conf = try configuration.makeConf(
                defaults: Consumer.defaults.merging(properties) { $1 },
                fixed: [
                    "group.id": group ?? "gigawatch-unmanaged", "enable.auto.commit": "false", "enable.auto.offset.store": "false",
                    "auto.offset.reset": "error", "partition.assignment.strategy": "range", "enable.partition.eof": "true",
                ])
        } catch {
            Glibc.close(wake)
            throw error
        }
        rd_kafka_conf_set_rebalance_cb(conf, noteRebalance)
        rd_kafka_conf_set_offset_commit_cb(conf, noteMirror)
        let retained = context.retained(by: conf)
        do {
            let made = try makeClient(RD_KAFKA_CONSUMER, conf, "start a Kafka consumer")
            client = made
            retainedContext = retained
            rd_kafka_poll_set_consumer(made)
            consumerQueue = rd_kafka_queue_get_consumer(made)
            if let consumerQueue { enableWake(consumerQueue) }
        } catch {
            ClientContext.released(retained)
            Glibc.close(wake)
            throw error
        }
    }

    deinit { assert(client == nil, "a Consumer must be closed by its thread") }

    /// librdkafka writes 8 bytes into the eventfd when an element arrives in an empty queue, so one wait covers all queues.
    private func enableWake(_ queue: OpaquePointer) {
        var one: UInt64 = 1
        rd_kafka_queue_io_event_enable(queue, wake, &one, 8)
    }

    private func open(_ operation: String) throws(KafkaError) -> OpaquePointer {
        guard let client else { throw KafkaError(RD_KAFKA_RESP_ERR__DESTROY, operation, "the consumer is closed") }
        return client
    }

    // MARK: Group

    /// Joins the group for these topics (full names).
    public func subscribe(to topics: [String]) throws(KafkaError) {
        let operation = "subscribe to \(topics.joined(separator: ", "))"
        let client = try open(operation)
        let code = withList(topics.map { (TopicPartition(topic: $0, partition: -1), Int64(-1001)) }) { rd_kafka_subscribe(client, $0) }
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(code, operation) }
    }

    /// Serves the consumer and waits up to `milliseconds` for something to happen: a rebalance, an error, or records in a partition queue
    /// (then it returns nil and the queues are worth reading). Call it at least every `max.poll.interval.ms`.
    public func poll(milliseconds: Int) -> ConsumerEvent? {
        guard let client else { return nil }
        if let event = nextEvent(client) { return event }
        if milliseconds > 0 {
            var descriptor = pollfd(fd: wake, events: Int16(POLLIN), revents: 0)
            if Glibc.poll(&descriptor, 1, Int32(clamping: milliseconds)) > 0 {
                var counter: UInt64 = 0
                _ = read(wake, &counter, 8)
            }
            return nextEvent(client)
        }
        return nil
    }

    private func nextEvent(_ client: OpaquePointer) -> ConsumerEvent? {
        // consumer_poll and nothing else: it is what resets max.poll.interval.ms in every version.
        var served = 0
        while served < 64, let message = rd_kafka_consumer_poll(client, 0) {
            let view = RecordView(message: message)
            if let error = view.error, !error.isPartitionEnd { pendingEvents.append(.failed(error)) }
            rd_kafka_message_destroy(message)
            served += 1
        }
        context.notes.withLock { notes in
            pendingEvents += notes.rebalances.map { $0.assigned ? .assigned($0.partitions) : .revoked($0.partitions, lost: $0.lost) }
            pendingEvents += notes.errors.map { .failed($0) }
            notes.rebalances.removeAll()
            notes.errors.removeAll()
        }
        return pendingEvents.isEmpty ? nil : pendingEvents.removeFirst()
    }

    /// Starts reading exactly these partitions, each at the offset given: the answer to `.assigned`, or an assignment by hand. Queues of an
    /// earlier assignment end here.
    public func assign(_ starts: [(place: TopicPartition, nextOffset: Int64)]) throws(KafkaError) {
        let client = try open("assign partitions")
        closeQueues()
        for start in starts {
            // Before the assignment: a queue whose forwarding the application disabled stays its own.
            guard let queue = rd_kafka_queue_get_partition(client, start.place.topic, start.place.partition) else {
                throw KafkaError(RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, "open the queue of \(start.place)")
            }
            rd_kafka_queue_forward(queue, nil)
            enableWake(queue)
            queues[start.place] = PartitionQueue(start.place, queue)
        }
        let code = withList(starts.map { ($0.place, $0.nextOffset) }) { rd_kafka_assign(client, $0) }
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(code, "assign \(starts.count) partitions") }
    }

    /// Gives all partitions up: the answer to `.revoked`.
    public func unassign() throws(KafkaError) {
        let client = try open("give partitions up")
        closeQueues()
        let code = rd_kafka_assign(client, nil)
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(code, "give partitions up") }
    }

    /// The queue of an assigned partition, until the next `assign` or `unassign`.
    public func queue(of place: TopicPartition) -> PartitionQueue? { queues[place] }

    private func closeQueues() {
        for queue in queues.values { queue.close() }
        queues.removeAll(keepingCapacity: true)
    }

    // MARK: Positions

    /// Writes the positions to Kafka as a mirror for other people's tools. Asynchronous and advisory: it never fails the caller.
    public func commitMirror(_ positions: [(place: TopicPartition, nextOffset: Int64)]) {
        guard let client, group != nil, !positions.isEmpty else { return }
        let code = withList(positions.map { ($0.place, $0.nextOffset) }) { rd_kafka_commit(client, $0, 1) }
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { context.notes.withLock { $0.mirrorFailures += 1 } }
    }
    /// Mirror commits that failed so far.
    public var mirrorFailures: Int { context.notes.withLock { $0.mirrorFailures } }

    /// Asks the broker, waiting at most `milliseconds`.
    public func watermarks(of place: TopicPartition, milliseconds: Int = 5000) throws(KafkaError) -> Watermarks {
        let client = try open("ask for the watermarks of \(place)")
        var marks = Watermarks(low: 0, high: 0)
        let code = rd_kafka_query_watermark_offsets(client, place.topic, place.partition, &marks.low, &marks.high, Int32(clamping: milliseconds))
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(code, "ask for the watermarks of \(place)") }
        return marks
    }

    /// Asks the broker for many partitions at once, waiting at most `milliseconds` for each of the two questions.
    public func watermarks(of places: [TopicPartition], milliseconds: Int = 5000) throws(KafkaError) -> [TopicPartition: Watermarks] {
        let operation = "ask for the watermarks of \(places.count) partitions"
        let client = try open(operation)
        let low = try listOffsets(client, of: places, timestamp: -2, milliseconds: Int32(clamping: milliseconds), operation)
        let high = try listOffsets(client, of: places, timestamp: -1, milliseconds: Int32(clamping: milliseconds), operation)
        return high.reduce(into: [:]) { $0[$1.key] = Watermarks(low: low[$1.key] ?? $1.value, high: $1.value) }
    }

    /// Partitions of those of these topics that exist, as the cluster says now.
    public func partitionCounts(of topics: [String], milliseconds: Int = 2000) throws(KafkaError) -> [String: Int32] {
        let client = try open("list topics")
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(client, 1, nil, &metadata, Int32(clamping: milliseconds))
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else { throw KafkaError(code, "list topics") }
        defer { rd_kafka_metadata_destroy(metadata) }
        var counts: [String: Int32] = [:]
        for topic in UnsafeBufferPointer(start: metadata.pointee.topics, count: Int(metadata.pointee.topic_cnt))
        where topic.err == RD_KAFKA_RESP_ERR_NO_ERROR {
            let name = text(topic.topic)
            if topics.contains(name) { counts[name] = topic.partition_cnt }
        }
        return counts
    }

    /// As the last fetch told; nil before the first. `low` is refreshed rarely: for loss, ask with `watermarks`.
    public func cachedWatermarks(of place: TopicPartition) -> Watermarks? {
        guard let client else { return nil }
        var marks = Watermarks(low: 0, high: 0)
        let code = rd_kafka_get_watermark_offsets(client, place.topic, place.partition, &marks.low, &marks.high)
        return code == RD_KAFKA_RESP_ERR_NO_ERROR && marks.high >= 0 ? marks : nil
    }

    // MARK: Close

    /// Leaves the group and frees everything, answering rebalances meanwhile. After `seconds` it stops being polite: librdkafka before 2.1
    /// hangs here when a topic was deleted, so then the client is destroyed without leaving (the group notices by session time-out).
    /// Returns false when the deadline passed.
    @discardableResult
    public func close(deadline seconds: Double = 10) -> Bool {
        guard let client else { return true }
        let end = monotonicNanoseconds() &+ UInt64(max(0, seconds) * 1e9)
        closeQueues()
        var polite = true
        if let queue = consumerQueue, group != nil {
            if let error = rd_kafka_consumer_close_queue(client, queue) {
                rd_kafka_error_destroy(error)
            } else {
                while rd_kafka_consumer_closed(client) == 0 {
                    guard monotonicNanoseconds() < end else {
                        polite = false
                        break
                    }
                    if let message = rd_kafka_consumer_poll(client, 20) { rd_kafka_message_destroy(message) }
                    let asked = context.notes.withLock { notes in
                        defer { notes.rebalances.removeAll() }
                        return !notes.rebalances.isEmpty
                    }
                    // Whatever is asked while closing, the answer is the same: nothing is ours.
                    if asked { rd_kafka_assign(client, nil) }
                }
            }
        }
        if let consumerQueue { rd_kafka_queue_destroy(consumerQueue) }
        consumerQueue = nil
        rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
        self.client = nil
        if let retainedContext { ClientContext.released(retainedContext) }
        retainedContext = nil
        Glibc.close(wake)
        return polite
    }
}
