// Reads one partition in order, in slices, up to an end that the caller names: projection reads to where the log is, alerting to where a cut
// is. Checks the record before the stored position first (see LossDetector). Invariant: what it hands out is contiguous and in offset
// order, and nothing is handed out twice unless it is rewound. One thread. Read next: Assignment.swift.
public import Kafka
internal import Models

/// Reads a partition. Not Sendable: it belongs to its consumer's thread.
public final class PartitionReader {
    public enum State {
        case reading
        /// Standing still, for the reason that is (or will be) stored too.
        case halted(Halt)
        /// librdkafka cannot go on from here: the assignment must start anew, and will find out why.
        case failed(KafkaError)
    }

    public let place: TopicPartition
    /// The position as it was claimed.
    public let claimed: StoredPosition
    public internal(set) var state: State = .reading
    /// After the last record handed out: what the stored position is when all of them are stored.
    public private(set) var position: Int64
    /// Everything before it has been handed out or does not exist; beyond `position` where transaction markers leave a gap.
    public private(set) var nextOffset: Int64
    /// Where the log ended when this reader last came to its end; -1 before.
    public private(set) var endReached: Int64 = -1
    /// Where the log began at the assignment.
    public let logStart: Int64
    private let consumer: String
    private let queue: PartitionQueue?
    private let batch: RecordBatch
    private var cursor = 0
    private var verifies: Bool

    init(_ claimed: StoredPosition, from start: Int64, logStart: Int64, verifies: Bool, consumer: String, queue: PartitionQueue?, capacity: Int) {
        place = claimed.place
        self.claimed = claimed
        self.logStart = logStart
        self.consumer = consumer
        self.queue = queue
        position = start
        nextOffset = start
        self.verifies = verifies
        batch = RecordBatch(capacity: capacity)
    }

    /// Records that are here already, at most `limit`, with offsets before `end`; empty when there are none now. Never waits.
    /// The slice before becomes invalid.
    public func read(upTo limit: Int, before end: Int64 = .max) -> RecordSlice {
        guard case .reading = state, let queue, limit > 0 else { return slice(cursor..<cursor, next: position) }
        if cursor == batch.count {
            batch.recycle()
            cursor = 0
            _ = queue.read(into: batch, upTo: batch.capacity)
        }
        skipWhatIsNoRecord()
        var upper = cursor
        while upper < batch.count, upper - cursor < limit {
            let record = batch[upper]
            guard record.isRecord, record.recordOffset < end else { break }
            upper += 1
        }
        guard upper > cursor else {
            // A next record at or after `end` proves that nothing is left before it.
            if cursor < batch.count, batch[cursor].isRecord { nextOffset = max(nextOffset, min(batch[cursor].recordOffset, end)) }
            return slice(cursor..<cursor, next: position)
        }
        let result = slice(cursor..<upper, next: batch[upper - 1].recordOffset + 1)
        cursor = upper
        position = result.next
        nextOffset = result.next
        return result
    }

    /// Whether everything before `end` has been handed out.
    public func hasReached(_ end: Int64) -> Bool { nextOffset >= end }

    /// Hands the records of `slice` out again at the next `read`: its transaction was rolled back. Only for the slice read last.
    public func rewind(_ slice: RecordSlice) {
        guard slice.batch === batch, slice.range.upperBound <= batch.count else { return }
        cursor = slice.range.lowerBound
        position = slice.expected
        nextOffset = slice.expected
    }

    /// Records here or fetched, and not handed out yet (approximately).
    public var backlog: Int { batch.count - cursor + (queue?.backlog ?? 0) }

    private func slice(_ range: Range<Int>, next: Int64) -> RecordSlice {
        RecordSlice(place: place, expected: position, next: next, epoch: claimed.epoch, batch: batch, range: range)
    }

    /// Takes the end of the partition, errors, and the record before the position, which is compared and dropped.
    private func skipWhatIsNoRecord() {
        while cursor < batch.count {
            let record = batch[cursor]
            if record.isRecord {
                if verifies {
                    verifies = false
                    if let halt = LossDetector.judge(
                        claimed, foundOffset: record.recordOffset, timestamp: record.timestamp, digest: RecordDigest.of(record),
                        logStart: logStart, consumer: consumer)
                    {
                        state = .halted(halt)
                        cursor = batch.count
                        return
                    }
                }
                if record.recordOffset >= position { return }
            } else if let error = record.error {
                guard error.isPartitionEnd else {
                    // Whatever else librdkafka says of a partition: start anew there. Transient errors it retries by itself without saying so.
                    state = .failed(error)
                    cursor = batch.count
                    return
                }
                endReached = record.recordOffset
                nextOffset = max(nextOffset, record.recordOffset)
            }
            cursor += 1
        }
    }
}
