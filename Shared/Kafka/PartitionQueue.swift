// The records that librdkafka has fetched of one partition, read in batches in the order the owner wants. Used instead of pausing
// partitions: pause and resume is where 2.0.2 has its bugs. One thread: the consumer's. Read next: RecordBatch.swift.
internal import CKafka
internal import Models

/// Valid until the consumer's next `assign`, `unassign` or `close`; then it reads nothing.
public final class PartitionQueue {
    public let place: TopicPartition
    private var queue: OpaquePointer?

    init(_ place: TopicPartition, _ queue: OpaquePointer) {
        self.place = place
        self.queue = queue
    }

    /// Appends up to `limit` records that are here already; returns how many. Never waits. What comes may be an error value.
    public func read(into batch: RecordBatch, upTo limit: Int) -> Int {
        guard let queue else { return 0 }
        return batch.append(from: queue, limit: limit)
    }

    /// Records fetched and not read yet (approximately).
    public var backlog: Int { queue.map { Int(rd_kafka_queue_length($0)) } ?? 0 }

    func close() {
        guard let queue else { return }
        // Without this a late element would still write into the eventfd, whose number another file may have by then.
        rd_kafka_queue_io_event_enable(queue, -1, nil, 0)
        rd_kafka_queue_destroy(queue)
        self.queue = nil
    }
}
