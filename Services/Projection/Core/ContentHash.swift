// The 64-bit hash behind the digests of readings: multiply-and-fold over 8-byte words (the scheme of wyhash). It is stored in
// `reading_digest`, so it must never change: ContentHashTests holds its values. It guards against repeats, not against forgers: a sender who
// finds two ids with one hash only has his second reading quarantined as a conflict. Read next: DigestWindow.swift.

/// A running hash of words and byte strings. The order in which they are added matters.
public struct ContentHash: Sendable {
    private var state: UInt64

    public init(seed: UInt64 = 0x9E37_79B9_7F4A_7C15) { state = seed }

    public mutating func add(_ word: UInt64) {
        state = ContentHash.fold(state ^ word, 0xA076_1D64_78BD_642F)
    }

    /// Adds the bytes and their count, so that "ab","c" and "a","bc" differ.
    public mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var position = 0
        let count = bytes.count
        while position &+ 8 <= count {
            add(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)))
            position &+= 8
        }
        var tail: UInt64 = 0
        var shift: UInt64 = 0
        while position < count {
            tail |= UInt64(bytes[position]) << shift
            shift &+= 8
            position &+= 1
        }
        state = ContentHash.fold(state ^ tail, 0xE703_7ED1_A0B4_28DB ^ UInt64(truncatingIfNeeded: count))
    }

    /// The hash so far; never 0, which marks an empty slot.
    public var value: UInt64 {
        let folded = ContentHash.fold(state ^ 0x8EBC_6AF0_9C88_C6E3, 0x5899_65CC_7537_4CC3)
        return folded == 0 ? 1 : folded
    }

    private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }
}
