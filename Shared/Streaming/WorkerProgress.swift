// Health is progress: what a worker says of itself, read by other threads for /readyz, /metrics and `gigawatch status`. Computed from stored
// positions against the log's end, of the partitions owned now, never from a thread being alive.
public import Kafka
public import Models
internal import Synchronization

/// How one owned partition stands.
public struct PartitionProgress: Sendable {
    public var place: TopicPartition
    /// Stored in PostgreSQL.
    public var nextOffset: Int64
    /// The log's end as the last fetch told.
    public var endOffset: Int64
    /// Acceptance time of the last stored record.
    public var lastTimestamp: Instant?
    /// When this worker last stored something of it, or came to its end.
    public var caughtUpOrStoredAt: Instant
    public var counts: RecordCounts
    public var halt: Halt?

    /// Records in the log that are not stored yet; never negative.
    public var lagRecords: Int64 { max(0, endOffset - nextOffset) }
    /// Seconds between the acceptance of the last stored record and `now`, 0 when there is nothing left to store.
    public func lagSeconds(at now: Instant) -> Double {
        lagRecords == 0 ? 0 : max(0, now.seconds(since: lastTimestamp ?? caughtUpOrStoredAt))
    }
    /// Seconds without progress while there is something to do.
    public func stalledSeconds(at now: Instant) -> Double { lagRecords == 0 && halt == nil ? 0 : max(0, now.seconds(since: caughtUpOrStoredAt)) }
}

/// How a worker stands.
public struct WorkerProgress: Sendable {
    public enum Phase: String, Sendable {
        case starting, waitingForPartitions = "waiting_for_partitions", running, outage, stopped
    }
    public var phase: Phase = .starting
    public var partitions: [PartitionProgress] = []
    /// Of the outage under way, or the reason why the worker stopped.
    public var error: String?
    public var outageSince: Instant?
    /// A topic or partition with a stored position that the cluster does not have.
    public var missing: String?
    /// Since the worker's start.
    public var batches: Int64 = 0
    public var records: Int64 = 0
    public var rebalances: Int64 = 0
    public var fenced: Int64 = 0
    public var retries: Int64 = 0
    /// Seconds spent in transactions.
    public var transactionSeconds: Double = 0
    /// When the worker's loop last came round.
    public var loopedAt = Instant(microseconds: 0)

    public init() {}

    /// Nil when ready; else what is wrong, for /readyz. A worker without partitions is ready: others have them.
    public func complaint(at now: Instant, stallLimitSeconds: Double = 60) -> String? {
        if phase == .stopped { return error ?? "stopped" }
        if phase == .starting { return "starting" }
        if phase == .outage, let error { return error }
        if let missing { return missing }
        if now.seconds(since: loopedAt) > stallLimitSeconds { return "the worker has not come round for \(Int(now.seconds(since: loopedAt))) s" }
        for partition in partitions {
            if let halt = partition.halt { return "\(partition.place) is halted: \(halt.reason)" }
            if partition.stalledSeconds(at: now) > stallLimitSeconds {
                return "\(partition.place) is \(partition.lagRecords) records behind and has not moved for \(Int(partition.stalledSeconds(at: now))) s"
            }
        }
        return nil
    }
}

/// A worker's progress, for any thread.
public final class ProgressBoard: Sendable {
    private let value = Mutex(WorkerProgress())
    public init() {}
    public var current: WorkerProgress { value.withLock { $0 } }
    func update(_ change: (inout WorkerProgress) -> Void) { value.withLock { change(&$0) } }
}

/// What a worker tells while it runs: lines for the log.
public enum WorkerEvent: Sendable {
    case assigned([TopicPartition])
    case revoked([TopicPartition], lost: Bool)
    case halted(TopicPartition, Halt)
    case fenced(String)
    /// An outage began or goes on; the next try comes after the pause.
    case outage(String, FailureKind, pauseMilliseconds: Int)
    case recovered
    case rejected(RecordCoordinates, String)
    case kafka(KafkaError)
}
