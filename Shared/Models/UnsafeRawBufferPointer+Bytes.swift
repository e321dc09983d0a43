// Comparing and scanning short byte strings, eight bytes at a time: names and identifiers of the hot path are compared where the parser left
// them, without a String. Loads never pass the end of the buffer.

extension UnsafeRawBufferPointer {
    /// Byte-wise equality.
    @inlinable
    public func hasSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard count > 0, let a = baseAddress, let b = other.baseAddress else { return true }
        return sameBytes(a, b, count)
    }

    /// Whether these bytes are the UTF-8 of `text`; for code that is not hot.
    public func hasSameBytes(as text: String) -> Bool {
        var text = text
        return text.withUTF8 { hasSameBytes(as: UnsafeRawBufferPointer($0)) }
    }

    /// Whether these bytes are those of a literal.
    @inlinable
    public func hasSameBytes(as literal: StaticString) -> Bool {
        hasSameBytes(as: UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Whether a byte is zero. PostgreSQL can store NUL neither in text nor in jsonb.
    @inlinable
    public var containsNUL: Bool {
        guard let start = baseAddress, count > 0 else { return false }
        if count >= 8 {
            var position = 0
            var found: UInt64 = 0
            while position &+ 8 <= count {
                found |= start.loadUnaligned(fromByteOffset: position, as: UInt64.self).zeroByteMarks
                position &+= 8
            }
            return (found | start.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self).zeroByteMarks) != 0
        }
        for position in 0..<count where start.load(fromByteOffset: position, as: UInt8.self) == 0 { return true }
        return false
    }

    /// Whether a byte is a control character of ASCII (below blank, or DEL).
    @inlinable
    public var containsControl: Bool {
        guard let start = baseAddress, count > 0 else { return false }
        if count >= 8 {
            var position = 0
            var found: UInt64 = 0
            while position &+ 8 <= count {
                found |= start.loadUnaligned(fromByteOffset: position, as: UInt64.self).controlByteMarks
                position &+= 8
            }
            return (found | start.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self).controlByteMarks) != 0
        }
        for position in 0..<count {
            let byte = start.load(fromByteOffset: position, as: UInt8.self)
            if byte < 0x20 || byte == 0x7F { return true }
        }
        return false
    }

    /// A copy as text; broken UTF-8 is repaired, never trapped on.
    public var text: String { String(decoding: self, as: UTF8.self) }
}

@inlinable @inline(__always)
func sameBytes(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int) -> Bool {
    if count >= 8 {
        var position = 0
        while position &+ 8 <= count {
            guard a.loadUnaligned(fromByteOffset: position, as: UInt64.self) == b.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            else { return false }
            position &+= 8
        }
        return a.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self) == b.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
    }
    for position in 0..<count {
        guard a.load(fromByteOffset: position, as: UInt8.self) == b.load(fromByteOffset: position, as: UInt8.self) else { return false }
    }
    return true
}

extension UInt64 {
    /// Non-zero if and only if one of the eight bytes is zero (Hacker's Delight, 6-1).
    @inlinable var zeroByteMarks: UInt64 { (self &- 0x0101_0101_0101_0101) & ~self & 0x8080_8080_8080_8080 }

    /// Non-zero if and only if one of the eight bytes is below 0x20 or is 0x7F.
    @inlinable var controlByteMarks: UInt64 {
        (self &- 0x2020_2020_2020_2020) & ~self & 0x8080_8080_8080_8080 | (self ^ 0x7F7F_7F7F_7F7F_7F7F).zeroByteMarks
    }
}
