// A run of records of one partition, and the batch a worker makes of such runs. Views: nothing is copied.
// Read next: PartitionReader.swift, which hands them out.
public import Kafka
internal import Models

/// Records of one partition, in order. Valid until its reader's next `read`.
public struct RecordSlice {
    public let place: TopicPartition
    /// Position before and after these records.
    public let expected: Int64
    public let next: Int64
    /// Of the claim under which they were read.
    public let epoch: Int64
    let batch: RecordBatch
    let range: Range<Int>

    public var count: Int { range.count }
    public var isEmpty: Bool { range.isEmpty }
    /// 0 ..< `count`.
    public subscript(index: Int) -> RecordView { batch[range.lowerBound + index] }
    public var last: RecordView? { range.isEmpty ? nil : batch[range.upperBound - 1] }

    /// The records `lower` ..< `upper` of these, as a slice of its own.
    func part(_ lower: Int, _ upper: Int) -> RecordSlice {
        let start = range.lowerBound + lower, end = range.lowerBound + upper
        return RecordSlice(
            place: place, expected: lower == 0 ? expected : batch[start].recordOffset,
            next: upper == count ? next : batch[end].recordOffset, epoch: epoch, batch: batch, range: start..<end)
    }

    /// What storing these records does to the position. Nil for none.
    public func advance(_ counts: RecordCounts) -> PositionAdvance? {
        guard let last else { return nil }
        return PositionAdvance(
            place: place, epoch: epoch, expected: expected, next: next, counts: counts, lastTimestamp: last.timestamp,
            lastDigest: RecordDigest.of(last))
    }
}

/// What is applied in one transaction: slices of different partitions, those of earlier topics first.
public struct StreamBatch {
    public let slices: [RecordSlice]
    /// Records in all slices.
    public let count: Int

    public init(_ slices: [RecordSlice]) {
        self.slices = slices
        count = slices.reduce(0) { $0 + $1.count }
    }

    public var isEmpty: Bool { count == 0 }
    public var places: [TopicPartition] { slices.map(\.place) }

    /// The first and the second half of the records, each a batch of its own: how one bad record is found.
    func halves() -> (StreamBatch, StreamBatch) {
        var first: [RecordSlice] = [], second: [RecordSlice] = []
        var left = count / 2
        for slice in slices {
            let taken = min(left, slice.count)
            if taken > 0 { first.append(slice.part(0, taken)) }
            if taken < slice.count { second.append(slice.part(taken, slice.count)) }
            left -= taken
        }
        return (StreamBatch(first), StreamBatch(second))
    }
}
