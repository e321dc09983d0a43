// One partition of one topic, and the C lists that librdkafka wants them in. Lists are copied before their owner is destroyed.
internal import CKafka
internal import Models

/// One partition of a topic (the topic's full name, with its prefix).
public struct TopicPartition: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var topic: String
    public var partition: Int32

    public init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    public static func < (a: TopicPartition, b: TopicPartition) -> Bool { (a.topic, a.partition) < (b.topic, b.partition) }
    public var description: String { "\(topic)/\(partition)" }
}

/// What the log of a partition holds now: `low` is the first offset there, `high` one past the last.
public struct Watermarks: Hashable, Sendable {
    public var low: Int64
    public var high: Int64

    public init(low: Int64, high: Int64) {
        self.low = low
        self.high = high
    }
}

func partitions(of list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?) -> [TopicPartition] {
    entries(of: list).map { TopicPartition(topic: text($0.topic), partition: $0.partition) }
}

func entries(of list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?) -> UnsafeBufferPointer<rd_kafka_topic_partition_t> {
    guard let list, list.pointee.cnt > 0 else { return UnsafeBufferPointer(start: nil, count: 0) }
    return UnsafeBufferPointer(start: list.pointee.elems, count: Int(list.pointee.cnt))
}

/// Lends `body` a C list of partitions, each with an offset.
func withList<Result, Failure: Error>(
    _ items: some Collection<(TopicPartition, Int64)>, _ body: (UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?) throws(Failure) -> Result
) throws(Failure) -> Result {
    let list = rd_kafka_topic_partition_list_new(Int32(clamping: items.count))
    defer { if let list { rd_kafka_topic_partition_list_destroy(list) } }
    for (place, recordOffset) in items {
        rd_kafka_topic_partition_list_add(list, place.topic, place.partition)?.pointee.offset = recordOffset
    }
    return try body(list)
}
