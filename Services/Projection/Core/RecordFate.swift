// What becomes of a record. Invariant (accounting): each record of a batch ends with exactly one fate, and a partition's counters are the
// tally of fates: read = applied + duplicate + quarantined + unapplied + ignored. Read next: RecordDecoder.swift.

public import Models

/// The end of a record. `undecided` until the batch is settled.
public enum RecordFate: UInt8, Sendable, CaseIterable {
    case undecided, applied, duplicate, quarantined, unapplied, ignored
}

/// A record that is not applied, and why. Its bytes stay where they are; `record` says which one it is.
public struct Refusal: Sendable, Equatable {
    /// Index of the record in its batch.
    public var record: Int32
    public var violation: Violation
    /// A sentence for people: the violations after the first, or what the database said.
    public var reason: String
    /// Set when it was the database that refused.
    public var sqlState: String?
    /// Waits for a release that knows its type; not counted as bad.
    public var isUnapplied: Bool

    public init(record: Int32, _ violation: Violation, reason: String? = nil, sqlState: String? = nil, isUnapplied: Bool = false) {
        self.record = record
        self.violation = violation
        self.reason = reason ?? violation.description
        self.sqlState = sqlState
        self.isUnapplied = isUnapplied
    }

    public var fate: RecordFate { isUnapplied ? .unapplied : .quarantined }
}

/// A partition's counters of one batch.
public struct FateTally: Sendable, Equatable {
    public var read: Int64 = 0
    public var applied: Int64 = 0
    public var duplicate: Int64 = 0
    public var quarantined: Int64 = 0
    public var unapplied: Int64 = 0
    public var ignored: Int64 = 0

    public init() {}

    /// Counts one record. A record that nobody decided is counted as read alone, so that the books do not balance and the batch is refused.
    public mutating func count(_ fate: RecordFate) {
        read += 1
        switch fate {
        case .undecided: break
        case .applied: applied += 1
        case .duplicate: duplicate += 1
        case .quarantined: quarantined += 1
        case .unapplied: unapplied += 1
        case .ignored: ignored += 1
        }
    }

    public var balances: Bool { read == applied + duplicate + quarantined + unapplied + ignored }
}
