// The accounting of a partition: what became of each record that was read. Cumulative counters stand beside the position and move in the
// same transaction. Invariant: read = applied + duplicate + quarantined + unapplied + ignored, which the table checks too.

/// What became of records. Also a difference: what one batch adds.
public struct RecordCounts: Sendable, Hashable {
    /// Changed the state.
    public var applied: Int64
    /// Had been applied before: the same source, id and payload.
    public var duplicate: Int64
    /// Cannot be applied: set aside with the reason.
    public var quarantined: Int64
    /// Of a type or version that this release does not know: waits for one that does. Not bad.
    public var unapplied: Int64
    /// Meant for somebody else.
    public var ignored: Int64

    public init(applied: Int64 = 0, duplicate: Int64 = 0, quarantined: Int64 = 0, unapplied: Int64 = 0, ignored: Int64 = 0) {
        self.applied = applied
        self.duplicate = duplicate
        self.quarantined = quarantined
        self.unapplied = unapplied
        self.ignored = ignored
    }

    public var read: Int64 { applied + duplicate + quarantined + unapplied + ignored }

    public static func + (a: RecordCounts, b: RecordCounts) -> RecordCounts {
        RecordCounts(
            applied: a.applied + b.applied, duplicate: a.duplicate + b.duplicate, quarantined: a.quarantined + b.quarantined,
            unapplied: a.unapplied + b.unapplied, ignored: a.ignored + b.ignored)
    }
    public static func += (a: inout RecordCounts, b: RecordCounts) { a = a + b }
}
