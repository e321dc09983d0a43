// What one request may hold. Values only; the bytes in flight over all requests are App's to count.

/// Bounds of the door.
public struct IngestionLimits: Sendable, Equatable {
    public var bodyBytes: Int
    /// Events in one batch.
    public var batchEvents: Int
    /// One event, as it is written to the log. Kafka's own limit is a little under 1 MB.
    public var eventBytes: Int

    public init(bodyBytes: Int = 8 * 1024 * 1024, batchEvents: Int = 10_000, eventBytes: Int = 256 * 1024) {
        (self.bodyBytes, self.batchEvents, self.eventBytes) = (bodyBytes, batchEvents, eventBytes)
    }
}
