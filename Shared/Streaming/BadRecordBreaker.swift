// Tells a bad deployment from a bad record: more than 100 bad records and over half of the last 1,000 stop the partition, because a thousand
// records in quarantine help nobody when the program or the sender is at fault. Pure. Records of unknown types are not bad.

/// Watches one partition.
public struct BadRecordBreaker: Sendable {
    public static let limit: Int64 = 100
    public static let window: Int64 = 1000
    private var recent: [(read: Int64, bad: Int64)] = []

    public init() {}

    /// Whether storing these too would be a thousand bad records: then they must not be stored.
    public func trips(on counts: RecordCounts) -> Bool {
        var read = counts.read, bad = counts.quarantined
        for entry in recent.reversed() {
            if read >= Self.window { break }
            read += entry.read
            bad += entry.bad
        }
        return bad > Self.limit && bad * 2 > read
    }

    /// These were stored.
    public mutating func stored(_ counts: RecordCounts) {
        recent.append((counts.read, counts.quarantined))
        var kept: Int64 = 0
        var first = recent.count
        while first > 0, kept < Self.window {
            first -= 1
            kept += recent[first].read
        }
        recent.removeFirst(first)
    }
}
