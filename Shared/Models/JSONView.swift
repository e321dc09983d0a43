// Reads a parsed JSON document where the parser left it: a tape of 64-bit words and a buffer of strings, in simdjson's published format
// (https://github.com/simdjson/simdjson/blob/v3.0.1/doc/tape.md). Nothing is copied and no object is made, so a record can be checked and
// decoded without allocation. A view is valid until its parser parses again; keep values, never views. Pure Swift: this file needs no C library.

/// The kind of a JSON value, named as in errors ("expected number, actual string").
public enum JSONKind: String, Sendable {
    case null, boolean, number, string, array, object
}

/// One value of a parsed document. Valid until its parser's next parse.
public struct JSONView {
    @usableFromInline let tape: UnsafePointer<UInt64>
    @usableFromInline let strings: UnsafePointer<UInt8>
    @usableFromInline let index: Int

    /// The root value of the document on this tape.
    @inlinable
    public init(tape: UnsafePointer<UInt64>, strings: UnsafePointer<UInt8>) {
        self.init(tape: tape, strings: strings, index: 1)   // word 0 is the root marker
    }

    @inlinable @inline(__always)
    init(tape: UnsafePointer<UInt64>, strings: UnsafePointer<UInt8>, index: Int) {
        self.tape = tape
        self.strings = strings
        self.index = index
    }

    @inlinable @inline(__always)
    var tag: UInt8 { UInt8(truncatingIfNeeded: tape[index] >> 56) }
    @inlinable @inline(__always)
    var payload: Int { Int(truncatingIfNeeded: tape[index] & 0x00FF_FFFF_FFFF_FFFF) }

    /// The index of the word after this value.
    @inlinable var end: Int {
        switch tag {
        case UInt8(ascii: "{"), UInt8(ascii: "["): payload & 0xFFFF_FFFF
        case UInt8(ascii: "l"), UInt8(ascii: "u"), UInt8(ascii: "d"): index + 2
        default: index + 1
        }
    }

    @inlinable public var kind: JSONKind {
        switch tag {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "l"), UInt8(ascii: "u"), UInt8(ascii: "d"): .number
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .boolean
        default: .null
        }
    }

    @inlinable public var isNull: Bool { tag == UInt8(ascii: "n") }

    @inlinable public var boolean: Bool? {
        switch tag {
        case UInt8(ascii: "t"): true
        case UInt8(ascii: "f"): false
        default: nil
        }
    }

    /// The value as a double, for any number. Integers beyond 2^53 lose their last digits, as in any JSON reader.
    @inlinable public var double: Double? {
        switch tag {
        case UInt8(ascii: "d"): Double(bitPattern: tape[index + 1])
        case UInt8(ascii: "l"): Double(Int64(bitPattern: tape[index + 1]))
        case UInt8(ascii: "u"): Double(tape[index + 1])
        default: nil
        }
    }

    /// The value as an integer, if it is one and fits: `3`, and also `3.0` and `3e0`, which other writers use (up to 2^53, where a double is exact).
    @inlinable public var integer: Int64? {
        switch tag {
        case UInt8(ascii: "l"): return Int64(bitPattern: tape[index + 1])
        case UInt8(ascii: "d"):
            let value = Double(bitPattern: tape[index + 1])
            guard value.magnitude <= 9_007_199_254_740_992, value == value.rounded(.towardZero) else { return nil }
            return Int64(value)
        default: return nil   // "u" is used for values above Int64.max alone
        }
    }

    /// Whether a double holds exactly what was written: false for an integer whose last digits a double would lose.
    @inlinable public var isExactDouble: Bool {
        switch tag {
        case UInt8(ascii: "l"):
            let value = Int64(bitPattern: tape[index + 1])
            return value.magnitude <= 9_007_199_254_740_992
        case UInt8(ascii: "u"): return false
        default: return true
        }
    }

    /// The value of an integer above Int64.max; nil for any other number.
    var bigInteger: UInt64? { tag == UInt8(ascii: "u") ? tape[index + 1] : nil }

    /// How many members or elements, as far as the tape counts (it stops at 2^24 - 1); 0 for what is neither object nor array.
    @inlinable public var childCount: Int {
        switch tag {
        case UInt8(ascii: "{"), UInt8(ascii: "["): payload >> 32
        default: 0
        }
    }

    /// The bytes of a string (unescaped UTF-8, checked by the parser).
    @inlinable public var stringBytes: UnsafeRawBufferPointer? {
        guard tag == UInt8(ascii: "\"") else { return nil }
        let start = UnsafeRawPointer(strings + payload)
        let count = Int(start.loadUnaligned(as: UInt32.self))
        return UnsafeRawBufferPointer(start: start + 4, count: count)
    }

    /// A copy of a string.
    public var string: String? {
        stringBytes.map { String(decoding: $0, as: UTF8.self) }
    }

    /// The members of an object in the order they were written; empty for any other kind. Repeated keys are all there.
    @inlinable public var members: Members { Members(tape: tape, strings: strings, index: index, end: kind == .object ? end - 1 : index + 1) }

    /// The elements of an array; empty for any other kind.
    @inlinable public var elements: Elements { Elements(tape: tape, strings: strings, index: index, end: kind == .array ? end - 1 : index + 1) }

    /// The first member of this name; nil when it is missing or this is no object.
    @inlinable public subscript(_ name: StaticString) -> JSONView? {
        let wanted = UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        return member(wanted)
    }

    /// The first member whose name has these bytes.
    @inlinable public func member(_ name: UnsafeRawBufferPointer) -> JSONView? {
        for (key, value) in members where key.hasSameBytes(as: name) { return value }
        return nil
    }

    /// The first member of this name, for names that are not literals.
    public func member(named name: String) -> JSONView? {
        var name = name
        return name.withUTF8 { member(UnsafeRawBufferPointer($0)) }
    }

    public struct Members: Sequence, IteratorProtocol {
        @usableFromInline let tape: UnsafePointer<UInt64>
        @usableFromInline let strings: UnsafePointer<UInt8>
        @usableFromInline var index: Int
        @usableFromInline let end: Int

        @inlinable
        init(tape: UnsafePointer<UInt64>, strings: UnsafePointer<UInt8>, index: Int, end: Int) {
            (self.tape, self.strings, self.index, self.end) = (tape, strings, index + 1, end)
        }

        @inlinable @inline(__always)
        public mutating func next() -> (key: UnsafeRawBufferPointer, value: JSONView)? {
            guard index < end else { return nil }
            let key = JSONView(tape: tape, strings: strings, index: index)
            let value = JSONView(tape: tape, strings: strings, index: index + 1)
            index = value.end
            guard let bytes = key.stringBytes else { return nil }
            return (bytes, value)
        }
    }

    public struct Elements: Sequence, IteratorProtocol {
        @usableFromInline let tape: UnsafePointer<UInt64>
        @usableFromInline let strings: UnsafePointer<UInt8>
        @usableFromInline var index: Int
        @usableFromInline let end: Int

        @inlinable
        init(tape: UnsafePointer<UInt64>, strings: UnsafePointer<UInt8>, index: Int, end: Int) {
            (self.tape, self.strings, self.index, self.end) = (tape, strings, index + 1, end)
        }

        @inlinable @inline(__always)
        public mutating func next() -> JSONView? {
            guard index < end else { return nil }
            let element = JSONView(tape: tape, strings: strings, index: index)
            index = element.end
            return element
        }
    }
}
