// What became of a produced record, told once per record on the producer's own thread.
public import Models

/// The outcome of one produced record.
public struct Delivery: Sendable {
    public enum Outcome: Sendable {
        /// In the log of `partition` at `recordOffset`; `timestamp` is the broker's (LogAppendTime) where the topic says so.
        case stored(partition: Int32, recordOffset: Int64, timestamp: Instant)
        /// Not in the log.
        case failed(KafkaError)
        /// Perhaps in the log: a repeat is right, since the same event is applied once.
        case unknown(KafkaError)
    }

    /// The number that the caller gave to `produce`.
    public var token: UInt64
    public var outcome: Outcome

    public init(token: UInt64, outcome: Outcome) {
        self.token = token
        self.outcome = outcome
    }
}
