// The facts of one batch as rows of plain columns: the ledger's, and one typed cell per field of the fact's type. Texts are spans of the
// batch's arena. Invariant: each (source, id) has one row; a repeat in the same batch is a follower of that row and is settled with it, once
// the database has said what the ledger holds. Read next: FactDecoder.swift, which fills it; DirtyEntities.swift.

public import Models

/// A typed value of one field, in the shape of its SQL column.
public enum FactCell: Sendable {
    case null
    case text(ArenaSpan)
    case double(Double)
    case integer(Int64)
    /// US dollars, for a `numeric` column.
    case money(Double)
    case boolean(Bool)
    case day(Day)
    case instant(Instant)
    /// Elements `first ..< first + count` of `FactBatch.listElements`.
    case texts(first: Int32, count: Int32)
    /// JSON text, for a `jsonb` column.
    case json(ArenaSpan)
}

/// One fact.
public struct FactRow: Sendable {
    public var record: Int32
    /// Position of its type in `Catalogue.all`.
    public var type: Int32
    public var partition: Int32
    public var recordOffset: Int64
    public var source: ArenaSpan
    public var id: ArenaSpan
    public var subject: ArenaSpan
    public var occurredAt: Instant
    public var knownAt: Instant
    public var acceptedAt: Instant
    public var supersedes: ArenaSpan?
    public var confidence: Confidence?
    public var assertion: Assertion?
    public var evidence: ArenaSpan?
    public var acceptedBy: ArenaSpan?
    /// Unknown attributes as a JSON object; nil when there are none.
    public var extensions: ArenaSpan?
    public var data: ArenaSpan
    /// The payload's digest, 16 bytes.
    public var digest: ArenaSpan
    /// One per field of the type, in the type's order.
    public var cells: Range<Int32>
    public var entities: Range<Int32>
    /// What it corrects, if it is a correction.
    public var correction: Correction?
}

/// A fact that corrects another one.
public struct Correction: Sendable {
    public enum Kind: String, Sendable { case supersedes, withdraws }
    public var kind: Kind
    public var victimSource: ArenaSpan
    public var victimID: ArenaSpan
}

/// A repeat of a row of the same batch.
public struct Follower: Sendable {
    public var record: Int32
    public var row: Int32
    public var digest: ArenaSpan
}

/// The facts of one batch. Emptied and used again.
public struct FactBatch: Sendable {
    public var rows: [FactRow] = []
    public var followers: [Follower] = []
    public var cells: [FactCell] = []
    public var listElements: [ArenaSpan] = []
    /// What the rows touch, each row's one after the other.
    public var entities: [TouchedEntity] = []
    public var texts = ByteArena()
    private var rowOfIdentity: [UInt64: Int32] = [:]

    public init() {}

    public var isEmpty: Bool { rows.isEmpty }

    public mutating func removeAll() {
        rows.removeAll(keepingCapacity: true)
        followers.removeAll(keepingCapacity: true)
        cells.removeAll(keepingCapacity: true)
        listElements.removeAll(keepingCapacity: true)
        entities.removeAll(keepingCapacity: true)
        texts.removeAll()
        rowOfIdentity.removeAll(keepingCapacity: true)
    }

    /// The row of this identity in the batch, if there is one.
    func row(source: UnsafeRawBufferPointer, id: UnsafeRawBufferPointer) -> Int32? {
        guard let row = rowOfIdentity[FactBatch.identity(source, id)] else { return nil }
        let known = rows[Int(row)]
        let same = texts.withAllBytes { all in
            ByteArena.slice(all, known.source).hasSameBytes(as: source) && ByteArena.slice(all, known.id).hasSameBytes(as: id)
        }
        return same ? row : nil
    }

    /// Remembers that the newest row has this identity.
    mutating func registerNewestRow(source: UnsafeRawBufferPointer, id: UnsafeRawBufferPointer) {
        rowOfIdentity[FactBatch.identity(source, id)] = Int32(truncatingIfNeeded: rows.count - 1)
    }

    private static func identity(_ source: UnsafeRawBufferPointer, _ id: UnsafeRawBufferPointer) -> UInt64 {
        IdentityDigest(source: source, id: id).value
    }

    public func sameBytes(_ a: ArenaSpan, _ b: ArenaSpan) -> Bool {
        texts.withAllBytes { ByteArena.slice($0, a).hasSameBytes(as: ByteArena.slice($0, b)) }
    }
}
