// A meter reading as plain columns, and a batch of them. A reading costs no object: its texts are spans of the batch's arena, its subject a
// number, its digests two words. Invariant: a reading that is in a batch has passed the same checks as at the door and is unknown to the
// digests in memory (or marked `isBeyond`, then the database is asked before it counts). Read next: RecordDecoder.swift, RollupReducer.swift.

public import Models

/// One reading of `site.telemetry.v1`. Absent numbers are NaN; `gpus` uses `Int64.min`.
public struct Reading: Sendable {
    public var source: ArenaSpan
    public var id: ArenaSpan
    /// Other attributes and unknown fields as a JSON object; empty when there are none.
    public var rest: ArenaSpan
    /// Index of its record in the batch.
    public var record: Int32
    public var subject: Int32
    public var partition: Int32
    public var recordOffset: Int64
    public var occurredAt: Instant
    /// When it became known: `knownat`, else the acceptance.
    public var knownAt: Instant
    public var acceptedAt: Instant
    public var powerKW: Double
    public var energyKWh: Double
    public var utilization: Double
    public var pue: Double
    public var gpus: Int64
    /// Of (source, id).
    public var digest: UInt64
    /// Of all that the event says.
    public var content: UInt64
    /// Older than the digests in memory: only the database knows whether it is new.
    public var isBeyond: Bool
    /// Its row in the batch's roll-up; -1 until it is reduced.
    var row: Int32 = -1

    public static let absentCount = Int64.min
}

/// The readings of one batch and their texts. Emptied and used again.
public struct ReadingBatch: Sendable {
    public var readings: [Reading] = []
    public var texts = ByteArena()

    public init() {}

    public var isEmpty: Bool { readings.isEmpty }

    public mutating func removeAll() {
        readings.removeAll(keepingCapacity: true)
        texts.removeAll()
    }
}
