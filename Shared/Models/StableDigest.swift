// A 128-bit digest that never changes: it is stored beside facts, in readings' compact rows and in alert ids, and compared across machines,
// releases and years. Not Swift's Hasher, which is seeded per process, and not a cryptographic hash: it finds accidents, not forgeries (what
// the owner of a token may write, he may also write openly). Two lanes of folded 64 × 64 → 128 bit multiplications with different constants,
// as in wyhash. The test vectors in Tests/Models are its definition: a change that breaks them breaks every ledger.

/// Sixteen bytes.
public struct StableDigest: Hashable, Sendable, CustomStringConvertible {
    public var high: UInt64
    public var low: UInt64

    @inlinable public init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

    /// Big-endian, high word first.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        for word in [high, low] {
            for shift in stride(from: UInt64(56), through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
        }
        return bytes
    }

    /// The digest that these 16 bytes are.
    public init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 16 else { return nil }
        high = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
        low = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }

    /// 32 lower-case hexadecimal digits.
    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(32)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    public init?(hexadecimal text: String) {
        let digits = text.utf8.map(\.hexadecimalDigit)
        guard digits.count == 32 else { return nil }
        var words: [UInt64] = [0, 0]
        for (index, digit) in digits.enumerated() {
            guard let digit else { return nil }
            words[index / 16] = words[index / 16] << 4 | UInt64(digit)
        }
        (high, low) = (words[0], words[1])
    }

    /// Adds as 128-bit numbers, carry dropped: the digest of a set is the sum of its members' digests, in any order.
    public static func + (a: StableDigest, b: StableDigest) -> StableDigest {
        let (low, carry) = a.low.addingReportingOverflow(b.low)
        return StableDigest(high: a.high &+ b.high &+ (carry ? 1 : 0), low: low)
    }
    public static let zero = StableDigest(high: 0, low: 0)
}

/// Takes bytes and numbers in order and answers their digest. Each part carries its length, so ("a", "bc") and ("ab", "c") differ.
public struct DigestBuilder: Sendable {
    @usableFromInline var first: UInt64
    @usableFromInline var second: UInt64

    /// - Parameter purpose: digests of different purposes never mix.
    @inlinable public init(purpose: UInt64 = 0) {
        first = 0xA076_1D64_78BD_642F ^ purpose
        second = 0xE703_7ED1_A0B4_28DB &+ purpose
    }

    @inlinable @inline(__always)
    public mutating func combine(_ word: UInt64) {
        first = folded(first ^ word, 0x8EBC_6AF0_9C88_C6E3)
        second = folded(second ^ word, 0x5899_65CC_7537_4CC3) &+ word
    }

    @inlinable public mutating func combine(_ value: Int64) { combine(UInt64(bitPattern: value)) }
    @inlinable public mutating func combine(_ instant: Instant) { combine(UInt64(bitPattern: instant.microseconds)) }

    @inlinable @inline(__always)
    public mutating func combine(_ bytes: UnsafeRawBufferPointer) {
        let count = bytes.count
        guard let start = bytes.baseAddress, count > 0 else { combine(UInt64(0x656D_7074_79)); return }
        var position = 0
        while position &+ 16 < count {
            absorb(word(start, position), word(start, position &+ 8))
            position &+= 16
        }
        // The last 1 to 16 bytes: two words that overlap when there are fewer than 16.
        let rest = count &- position
        let (a, b): (UInt64, UInt64)
        if rest >= 8 {
            (a, b) = (word(start, position), word(start, count &- 8))
        } else if rest >= 4 {
            (a, b) = (half(start, position), half(start, count &- 4))
        } else {
            a = UInt64(byte(start, position)) << 16 | UInt64(byte(start, position &+ rest / 2)) << 8 | UInt64(byte(start, count &- 1))
            b = 0
        }
        absorb(a ^ UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15, b)
    }

    public mutating func combine(_ text: String) {
        var text = text
        text.withUTF8 { combine(UnsafeRawBufferPointer($0)) }
    }

    @inlinable @inline(__always)
    mutating func absorb(_ a: UInt64, _ b: UInt64) {
        first = folded(first ^ a, b ^ 0x8EBC_6AF0_9C88_C6E3)
        second = folded(second ^ b, a ^ 0x5899_65CC_7537_4CC3) &+ (a ^ (b << 32 | b >> 32))
    }

    @inlinable @inline(__always)
    public func finished() -> StableDigest {
        StableDigest(
            high: folded(first ^ 0x1D8E_4E27_C47D_124F, second ^ 0xEB44_ACCA_B455_D165),
            low: folded(second ^ 0x2D35_8DCC_AA6C_78A5, first ^ 0x8BB8_4B93_962E_ACC9))
    }

    @inlinable @inline(__always)
    func folded(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let (high, low) = a.multipliedFullWidth(by: b)
        return high ^ low
    }
    @inlinable @inline(__always)
    func word(_ start: UnsafeRawPointer, _ position: Int) -> UInt64 {
        UInt64(littleEndian: start.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    }
    @inlinable @inline(__always)
    func half(_ start: UnsafeRawPointer, _ position: Int) -> UInt64 {
        UInt64(UInt32(littleEndian: start.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
    }
    @inlinable @inline(__always)
    func byte(_ start: UnsafeRawPointer, _ position: Int) -> UInt8 { start.load(fromByteOffset: position, as: UInt8.self) }
}
