// What is done to topics rather than with records: create, describe, delete, count partitions, find where logs begin and end.
// Every call blocks its thread until the broker answers or the time limit passes. Read next: Admin+Topics.swift.
internal import CKafka
internal import Glibc
public import Models

/// Talks to the cluster about topics. Thread-safe (librdkafka's handle is); close it explicitly.
public final class Admin: @unchecked Sendable {  // `client` is set once and cleared by `close`, which nobody may race
    private var client: OpaquePointer?
    private var retainedContext: UnsafeMutableRawPointer?
    private let context: ClientContext
    /// Milliseconds that one request may take.
    public let timeLimit: Int32

    public init(_ configuration: KafkaConfiguration, timeLimitMilliseconds: Int = 15_000) throws(KafkaError) {
        timeLimit = Int32(clamping: timeLimitMilliseconds)
        context = ClientContext(log: configuration.log)
        let conf = try configuration.makeConf(
            defaults: [
                "client.id": "gigawatch-admin", "socket.keepalive.enable": "true", "reconnect.backoff.max.ms": "1000",
                "allow.auto.create.topics": "false",
            ],
            fixed: ["group.id": "gigawatch-admin", "enable.auto.commit": "false", "auto.offset.reset": "error"])
        let retained = context.retained(by: conf)
        do {
            // A consumer client: offsets_for_times is refused to producers. It never joins its group.
            client = try makeClient(RD_KAFKA_CONSUMER, conf, "start a Kafka admin client")
            retainedContext = retained
        } catch {
            ClientContext.released(retained)
            throw error
        }
    }

    deinit { assert(client == nil, "an Admin must be closed") }

    public func close() {
        guard let client else { return }
        rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
        self.client = nil
        if let retainedContext { ClientContext.released(retainedContext) }
        retainedContext = nil
    }

    func open(_ operation: String) throws(KafkaError) -> OpaquePointer {
        guard let client else { throw KafkaError(RD_KAFKA_RESP_ERR__DESTROY, operation, "the admin client is closed") }
        return client
    }

    // MARK: Where logs begin and end

    /// Partitions of each topic that exists, by full name.
    public func partitionCounts() throws(KafkaError) -> [String: Int32] {
        let client = try open("list topics")
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(client, 1, nil, &metadata, timeLimit)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else { throw KafkaError(code, "list topics") }
        defer { rd_kafka_metadata_destroy(metadata) }
        var counts: [String: Int32] = [:]
        for topic in UnsafeBufferPointer(start: metadata.pointee.topics, count: Int(metadata.pointee.topic_cnt))
        where topic.err == RD_KAFKA_RESP_ERR_NO_ERROR {
            counts[text(topic.topic)] = topic.partition_cnt
        }
        return counts
    }

    /// Nil when the topic does not exist.
    public func partitionCount(of topic: String) throws(KafkaError) -> Int32? { try partitionCounts()[topic] }

    /// The cluster's brokers as host:port: for a status line.
    public func brokers() throws(KafkaError) -> [String] {
        let client = try open("list brokers")
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(client, 0, nil, &metadata, timeLimit)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else { throw KafkaError(code, "list brokers") }
        defer { rd_kafka_metadata_destroy(metadata) }
        return UnsafeBufferPointer(start: metadata.pointee.brokers, count: Int(metadata.pointee.broker_cnt)).map { "\(text($0.host)):\($0.port)" }
    }

    /// One past the last record of each partition, all in one request per broker (ListOffsets with timestamp -1).
    public func endOffsets(of places: [TopicPartition]) throws(KafkaError) -> [TopicPartition: Int64] {
        try offsets(of: places, timestamp: -1, "find where \(places.count) partitions end")
    }

    /// The first offset that each log still holds (ListOffsets with timestamp -2).
    public func firstOffsets(of places: [TopicPartition]) throws(KafkaError) -> [TopicPartition: Int64] {
        try offsets(of: places, timestamp: -2, "find where \(places.count) partitions begin")
    }

    /// The first record of each partition at or after `instant`; the end of the log when there is none.
    public func offsets(of places: [TopicPartition], at instant: Instant) throws(KafkaError) -> [TopicPartition: Int64] {
        var found = try offsets(of: places, timestamp: max(0, instant.milliseconds), "find offsets by time")
        let past = found.filter { $0.value < 0 }.map(\.key)
        if !past.isEmpty { found.merge(try endOffsets(of: past)) { $1 } }
        return found
    }

    public func watermarks(of places: [TopicPartition]) throws(KafkaError) -> [TopicPartition: Watermarks] {
        let low = try firstOffsets(of: places)
        let high = try endOffsets(of: places)
        return high.reduce(into: [:]) { $0[$1.key] = Watermarks(low: low[$1.key] ?? $1.value, high: $1.value) }
    }

    private func offsets(of places: [TopicPartition], timestamp: Int64, _ operation: String) throws(KafkaError) -> [TopicPartition: Int64] {
        try listOffsets(try open(operation), of: places, timestamp: timestamp, milliseconds: timeLimit, operation)
    }
}

/// ListOffsets for many partitions in one call; -1 asks for the end, -2 for the beginning (both tried on 2.0.2, whose header names neither).
func listOffsets(
    _ client: OpaquePointer, of places: [TopicPartition], timestamp: Int64, milliseconds: Int32, _ operation: String
) throws(KafkaError) -> [TopicPartition: Int64] {
    guard !places.isEmpty else { return [:] }
    do {
        return try listOffsetsOnce(client, of: places, timestamp: timestamp, milliseconds: milliseconds, operation)
    } catch {
        guard error.isUnknownTopic else { throw error }
        // librdkafka believes what it once heard of a topic for minutes; a topic made since then is known only after asking for all.
        var metadata: UnsafePointer<rd_kafka_metadata>?
        _ = rd_kafka_metadata(client, 1, nil, &metadata, milliseconds)
        if let metadata { rd_kafka_metadata_destroy(metadata) }
        return try listOffsetsOnce(client, of: places, timestamp: timestamp, milliseconds: milliseconds, operation)
    }
}

private func listOffsetsOnce(
    _ client: OpaquePointer, of places: [TopicPartition], timestamp: Int64, milliseconds: Int32, _ operation: String
) throws(KafkaError) -> [TopicPartition: Int64] {
    try withList(places.map { ($0, timestamp) }) { list throws(KafkaError) in
        let code = rd_kafka_offsets_for_times(client, list, milliseconds)
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(code, operation) }
        var found: [TopicPartition: Int64] = [:]
        for entry in entries(of: list) {
            let place = TopicPartition(topic: text(entry.topic), partition: entry.partition)
            if entry.err != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(entry.err, "\(operation) (\(place))") }
            found[place] = entry.offset
        }
        return found
    }
}

func usleepMilliseconds(_ milliseconds: UInt32) { usleep(milliseconds * 1000) }
