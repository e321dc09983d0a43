// How far a consumer has come in a partition, as PostgreSQL holds it, and why it stands still when it does. Values only.
// Read next: PositionStore.swift.
public import Kafka
public import Models

/// Why a partition stands still, and which offsets are missing when the log has lost some: `from` up to, not including, `to`.
public struct Halt: Sendable, Hashable {
    public var reason: String
    public var from: Int64?
    public var to: Int64?

    public init(reason: String, from: Int64? = nil, to: Int64? = nil) {
        self.reason = reason
        self.from = from
        self.to = to
    }
}

/// A row of `stream_position`.
public struct StoredPosition: Sendable {
    public var place: TopicPartition
    /// The offset that is read next.
    public var nextOffset: Int64
    /// Rises with each claim; a writer with an older one changes nothing.
    public var epoch: Int64
    /// Acceptance time of the record before `nextOffset`.
    public var lastTimestamp: Instant?
    /// Digest of that record.
    public var lastDigest: StableDigest?
    /// Where reading began.
    public var firstOffset: Int64
    public var counts: RecordCounts
    public var halt: Halt?

    public init(
        place: TopicPartition, nextOffset: Int64, epoch: Int64 = 0, lastTimestamp: Instant? = nil, lastDigest: StableDigest? = nil,
        firstOffset: Int64 = 0, counts: RecordCounts = RecordCounts(), halt: Halt? = nil
    ) {
        self.place = place
        self.nextOffset = nextOffset
        self.epoch = epoch
        self.lastTimestamp = lastTimestamp
        self.lastDigest = lastDigest
        self.firstOffset = firstOffset
        self.counts = counts
        self.halt = halt
    }
}

/// What one transaction does to a position: from `expected` to `next`, adding `counts`.
public struct PositionAdvance: Sendable {
    public var place: TopicPartition
    public var epoch: Int64
    public var expected: Int64
    public var next: Int64
    public var counts: RecordCounts
    /// Of the last record before `next`.
    public var lastTimestamp: Instant
    public var lastDigest: StableDigest

    public init(
        place: TopicPartition, epoch: Int64, expected: Int64, next: Int64, counts: RecordCounts, lastTimestamp: Instant, lastDigest: StableDigest
    ) {
        self.place = place
        self.epoch = epoch
        self.expected = expected
        self.next = next
        self.counts = counts
        self.lastTimestamp = lastTimestamp
        self.lastDigest = lastDigest
    }
}
