// A reusable buffer of records read from partition queues. It owns librdkafka's messages from the read until `recycle()` or deinit, so the
// views handed out stay valid between the two. One thread. Read next: Consumer.swift (PartitionQueue).
internal import CKafka
internal import Models

/// Records read in batches. Reuse one per worker: reading allocates nothing in Swift.
public final class RecordBatch {
    private let messages: UnsafeMutablePointer<UnsafeMutablePointer<rd_kafka_message_t>?>
    public let capacity: Int
    public private(set) var count = 0

    public init(capacity: Int) {
        self.capacity = max(1, capacity)
        messages = .allocate(capacity: self.capacity)
        messages.initialize(repeating: nil, count: self.capacity)
    }

    deinit {
        recycle()
        messages.deallocate()
    }

    public var isEmpty: Bool { count == 0 }

    /// The record at `index`, 0 ..< `count`.
    public subscript(index: Int) -> RecordView {
        precondition(index >= 0 && index < count, "record index outside the batch")
        guard let message = messages[index] else { preconditionFailure("librdkafka handed out no message") }
        return RecordView(message: message)
    }

    /// Gives the messages back to librdkafka; every view of this batch ends here.
    public func recycle() {
        gigawatch_destroy_messages(messages, count)
        count = 0
    }

    /// Appends what `queue` has ready, at most `limit` records; returns how many. Does not wait.
    func append(from queue: OpaquePointer, limit: Int) -> Int {
        let room = min(limit, capacity - count)
        guard room > 0 else { return 0 }
        let read = max(0, gigawatch_consume_batch(queue, messages + count, room))
        count += read
        return read
    }
}
