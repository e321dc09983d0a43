// Writes JSON into a growing buffer of bytes: the counterpart of JSONView for everything the system itself says (metrics, alerts, answers).
// The caller writes members in order; commas are put by the writer. Keys that are literals are trusted to need no escape.

/// Appends JSON to `bytes`. Numbers that JSON cannot hold (NaN, infinities) are written as null.
public struct JSONWriter {
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    public init(reserving capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    public var text: String { String(decoding: bytes, as: UTF8.self) }

    public mutating func object(_ body: (inout JSONWriter) throws -> Void) rethrows {
        separate()
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
        try body(&self)
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
    }

    public mutating func array(_ body: (inout JSONWriter) throws -> Void) rethrows {
        separate()
        bytes.append(UInt8(ascii: "["))
        needsComma = false
        try body(&self)
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// The name of the next member; a value must follow.
    public mutating func key(_ name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func member(_ name: String, _ value: String?) { key(name); if let value { string(value) } else { null() } }
    public mutating func member(_ name: String, _ value: Double?) { key(name); if let value { number(value) } else { null() } }
    public mutating func member(_ name: String, _ value: Int64?) { key(name); if let value { integer(value) } else { null() } }
    public mutating func member(_ name: String, _ value: Int) { key(name); integer(Int64(value)) }
    public mutating func member(_ name: String, _ value: Bool) { key(name); boolean(value) }
    public mutating func member(_ name: String, _ value: Instant?) { member(name, value.map { $0.description }) }

    public mutating func null() { separate(); bytes.append(contentsOf: "null".utf8); needsComma = true }
    public mutating func boolean(_ value: Bool) { separate(); bytes.append(contentsOf: (value ? "true" : "false").utf8); needsComma = true }
    public mutating func integer(_ value: Int64) { separate(); bytes.append(contentsOf: String(value).utf8); needsComma = true }

    public mutating func number(_ value: Double) {
        guard value.isFinite else { null(); return }
        if value == value.rounded(), abs(value) < 1e15 { integer(Int64(value)); return }
        separate()
        bytes.append(contentsOf: value.description.utf8)
        needsComma = true
    }

    public mutating func string(_ value: String) {
        var value = value
        value.withUTF8 { string(UnsafeRawBufferPointer($0)) }
    }

    /// A string given as UTF-8. Runs that need no escape are copied whole.
    public mutating func string(_ utf8: UnsafeRawBufferPointer) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        var start = 0
        for position in 0..<utf8.count {
            let byte = utf8[position]
            if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { continue }
            bytes.append(contentsOf: utf8[start..<position])
            start = position + 1
            escape(byte)
        }
        bytes.append(contentsOf: utf8[start..<utf8.count])
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(UInt8(ascii: "\\")); bytes.append(byte)
        case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
        case UInt8(ascii: "\r"): bytes.append(contentsOf: "\\r".utf8)
        case UInt8(ascii: "\t"): bytes.append(contentsOf: "\\t".utf8)
        default: bytes.append(contentsOf: "\\u00".utf8); bytes.append(hex(byte >> 4)); bytes.append(hex(byte & 15))
        }
    }

    /// A value of a parsed document, written again.
    public mutating func value(_ view: JSONView) {
        switch view.kind {
        case .null: null()
        case .boolean: boolean(view.boolean ?? false)
        case .number:
            if let integer = view.integer {
                self.integer(integer)
            } else if let big = view.bigInteger {
                raw(String(big).utf8)
            } else {
                number(view.double ?? .nan)
            }
        case .string: if let text = view.stringBytes { string(text) }
        case .array: array { writer in for element in view.elements { writer.value(element) } }
        case .object:
            object { writer in
                for (name, member) in view.members {
                    writer.string(name)
                    writer.bytes.append(UInt8(ascii: ":"))
                    writer.needsComma = false
                    writer.value(member)
                }
            }
        }
    }

    /// JSON that is already text; the caller vouches for it.
    public mutating func raw(_ json: some Sequence<UInt8>) { separate(); bytes.append(contentsOf: json); needsComma = true }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = false
    }

    private func hex(_ nibble: UInt8) -> UInt8 { nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10 }
}
