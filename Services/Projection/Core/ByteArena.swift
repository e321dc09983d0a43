// The texts of one batch, one after the other in one growing buffer: a record's strings live in its parser only until the next record, and
// a String each would cost more than everything else. A Span is a place in the arena; it is valid until the arena is emptied.

/// Where a text lies in an arena.
public struct ArenaSpan: Sendable {
    var start: UInt32
    public var count: UInt32

    static let empty = ArenaSpan(start: 0, count: 0)
}

/// Append-only bytes, emptied per batch, memory kept.
public struct ByteArena: Sendable {
    private var bytes: [UInt8] = []

    public init(reserving capacity: Int = 1 << 16) { bytes.reserveCapacity(capacity) }

    public var count: Int { bytes.count }

    public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Copies `text` behind what is there. Texts of more than 4 GiB a batch cannot come: a batch is bounded far below.
    public mutating func append(_ text: UnsafeRawBufferPointer) -> ArenaSpan {
        let start = UInt32(truncatingIfNeeded: bytes.count)
        bytes.append(contentsOf: text)
        return ArenaSpan(start: start, count: UInt32(truncatingIfNeeded: text.count))
    }

    public mutating func append(_ text: [UInt8]) -> ArenaSpan {
        text.withUnsafeBytes { append($0) }
    }

    /// The bytes of a text, for the length of `body`. A span of another batch reads as empty, never beyond the end.
    public func withBytes<Result>(_ span: ArenaSpan, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try bytes.withUnsafeBytes { all in
            let start = Int(span.start), end = start &+ Int(span.count)
            guard end <= all.count else { return try body(UnsafeRawBufferPointer(start: nil, count: 0)) }
            return try body(UnsafeRawBufferPointer(rebasing: all[start..<end]))
        }
    }

    /// All bytes at once, for a loop over many spans: cut them with `slice`.
    public func withAllBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try bytes.withUnsafeBytes(body)
    }

    /// The text of `span` within the bytes of `withAllBytes`.
    public static func slice(_ all: UnsafeRawBufferPointer, _ span: ArenaSpan) -> UnsafeRawBufferPointer {
        let start = Int(span.start), end = start &+ Int(span.count)
        guard end <= all.count else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(rebasing: all[start..<end])
    }

    public func string(_ span: ArenaSpan) -> String {
        withBytes(span) { String(decoding: $0, as: UTF8.self) }
    }
}
