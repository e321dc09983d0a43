// Loss is seen: whether the log still holds what a stored position stands on. Pure: values in, a verdict out. A log that begins after the
// position has lost what we never read; one that ends before it, or whose record before the position is another, has lost what we read (a
// recreated topic, a broker that forgot acknowledged records). Each verdict names the missing range and the command that accepts it.
public import Kafka
public import Models

public enum LossDetector {
    /// Compares a position with where its log begins and ends now. Nil when nothing is missing.
    public static func judge(_ position: StoredPosition, _ marks: Watermarks, consumer: String) -> Halt? {
        if marks.low > position.nextOffset {
            return halt(
                position, consumer, from: position.nextOffset, to: marks.low,
                "the log begins at \(marks.low), after the stored position \(position.nextOffset): "
                    + "retention or a truncation removed records that were never read")
        }
        if marks.high < position.nextOffset {
            return halt(
                position, consumer, from: marks.high, to: position.nextOffset,
                "the log ends at \(marks.high), before the stored position \(position.nextOffset): "
                    + "the topic was recreated or emptied, or the broker lost records that it had acknowledged")
        }
        return nil
    }

    /// Compares the record found before the position with what was stored of it. Nil when it is the same.
    public static func judge(
        _ position: StoredPosition, foundOffset: Int64, timestamp: Instant, digest: StableDigest, logStart: Int64, consumer: String
    ) -> Halt? {
        guard foundOffset == position.nextOffset - 1, let lastDigest = position.lastDigest else { return nil }
        if lastDigest == digest && (position.lastTimestamp == nil || position.lastTimestamp == timestamp) { return nil }
        return halt(
            position, consumer, from: logStart, to: position.nextOffset,
            "the record at \(foundOffset) is not the one that was applied there: "
                + "the topic was recreated, or the broker lost acknowledged records and wrote others in their place")
    }

    /// A topic that has positions and is not there, or has fewer partitions than it had.
    public static func missing(_ position: StoredPosition, partitions: Int32?, consumer: String) -> Halt? {
        if let partitions, partitions > position.place.partition { return nil }
        let what = partitions.map { "the topic has \($0) partitions" } ?? "the topic does not exist"
        return halt(position, consumer, from: 0, to: position.nextOffset, "\(what), but \(position.place) was read up to \(position.nextOffset)")
    }

    private static func halt(_ position: StoredPosition, _ consumer: String, from: Int64, to: Int64, _ sentence: String) -> Halt {
        let place = position.place
        return Halt(
            reason: "\(sentence). Missing: \(place.topic) partition \(place.partition) offsets \(from) to \(max(from, to - 1)). "
                + "To go on without them: gigawatch audit --accept-loss \(consumer)/\(place.topic)/\(place.partition)",
            from: from, to: to)
    }
}

/// The digest that is stored with a position to know its record again: of acceptance time, key and value.
public enum RecordDigest {
    public static func of(_ record: RecordView) -> StableDigest {
        var builder = DigestBuilder(purpose: 7)
        builder.combine(record.timestamp)
        // Counts from 1, so that an absent key or value differs from an empty one.
        builder.combine(UInt64(record.key.map { $0.count + 1 } ?? 0))
        if let key = record.key { builder.combine(key) }
        builder.combine(UInt64(record.value.map { $0.count + 1 } ?? 0))
        if let value = record.value { builder.combine(value) }
        return builder.finished()
    }
}
