// Finds where each element of a JSON array begins and ends in the text, so that every event is written to the log byte for byte as its sender
// wrote it. The text has been parsed before: this only looks for brackets and the ends of strings. On a text that is not JSON it ends early with
// wrong slices but never reads outside the text or loops.

internal import Models

/// One pass over the elements of a top-level array.
public struct BatchSplitter {
    private let text: UnsafeRawBufferPointer
    private var position: Int

    /// - Parameter text: a JSON text whose root is an array.
    public init(_ text: UnsafeRawBufferPointer) {
        self.text = text
        position = 0
        skipBlanks()
        if position < text.count, text[position] == UInt8(ascii: "[") { position += 1 } else { position = text.count }
    }

    /// The bytes of the next element without the blanks around it; nil after the last.
    public mutating func next() -> UnsafeRawBufferPointer? {
        guard let base = text.baseAddress else { return nil }
        let count = text.count
        var at = position
        while at < count, Self.isBlank(base.load(fromByteOffset: at, as: UInt8.self)) || base.load(fromByteOffset: at, as: UInt8.self) == UInt8(ascii: ",") {
            at &+= 1
        }
        guard at < count, base.load(fromByteOffset: at, as: UInt8.self) != UInt8(ascii: "]") else { position = count; return nil }
        let start = at
        var depth = 0
        scan: while at < count {
            switch base.load(fromByteOffset: at, as: UInt8.self) {
            case UInt8(ascii: "\""):
                at = Self.endOfString(base, at &+ 1, count)
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth &+= 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { break scan }   // the array's own end, after a number or a word
                depth &-= 1
                if depth == 0 { at &+= 1; break scan }
            case UInt8(ascii: ","):
                if depth == 0 { break scan }
            default: break
            }
            at &+= 1
        }
        var end = at
        while end > start, Self.isBlank(base.load(fromByteOffset: end &- 1, as: UInt8.self)) { end &-= 1 }
        guard end > start else { position = count; return nil }   // a stray bracket: not JSON, and nothing to go on with
        position = at
        return UnsafeRawBufferPointer(rebasing: text[start..<end])
    }

    /// The position after the quote that ends the string whose first character is at `start`. Eight bytes at a time: most of an event is strings.
    @inline(__always)
    private static func endOfString(_ base: UnsafeRawPointer, _ start: Int, _ count: Int) -> Int {
        var at = start
        while at &+ 8 <= count {
            let word = base.loadUnaligned(fromByteOffset: at, as: UInt64.self).littleEndian
            let marks = zeroBytes(word ^ 0x2222_2222_2222_2222) | zeroBytes(word ^ 0x5C5C_5C5C_5C5C_5C5C)
            if marks == 0 { at &+= 8; continue }
            at &+= marks.trailingZeroBitCount / 8
            if base.load(fromByteOffset: at, as: UInt8.self) == UInt8(ascii: "\"") { return at &+ 1 }
            at &+= 2   // a backslash and what it escapes
        }
        while at < count {
            let byte = base.load(fromByteOffset: at, as: UInt8.self)
            if byte == UInt8(ascii: "\"") { return at &+ 1 }
            at &+= byte == UInt8(ascii: "\\") ? 2 : 1
        }
        return count
    }

    /// The lowest mark is exact: a borrow can only make false marks above it.
    @inline(__always)
    private static func zeroBytes(_ word: UInt64) -> UInt64 { (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080 }

    @inline(__always)
    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    private mutating func skipBlanks() {
        while position < text.count, Self.isBlank(text[position]) { position += 1 }
    }
}
