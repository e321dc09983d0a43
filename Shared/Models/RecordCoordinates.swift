// Where a record stands in the log. Coordinates order records within a partition; between partitions the order is by name and number alone.

/// Topic (full name), partition and offset of one record.
public struct RecordCoordinates: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var topic: String
    public var partition: Int32
    public var recordOffset: Int64

    public init(topic: String, partition: Int32, recordOffset: Int64) {
        (self.topic, self.partition, self.recordOffset) = (topic, partition, recordOffset)
    }

    public static func < (a: RecordCoordinates, b: RecordCoordinates) -> Bool {
        (a.topic, a.partition, a.recordOffset) < (b.topic, b.partition, b.recordOffset)
    }

    /// `gigawatch.events/3/1042`.
    public var description: String { "\(topic)/\(partition)/\(recordOffset)" }

    /// Reads `topic/partition/offset`, as the query parameter `at_least` gives it.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, let partition = Int32(parts[1]), partition >= 0, let offset = Int64(parts[2]), offset >= 0
        else { return nil }
        self.init(topic: String(parts[0]), partition: partition, recordOffset: offset)
    }
}
