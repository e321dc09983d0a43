// PostgreSQL's binary `numeric`: digits to the base 10,000, so a decimal text becomes the same decimal number, exactly. Money goes this way.
// A double goes through its shortest decimal text, which is the text that a JSON number had when it was read. Pure; no thread.

struct NumericDigits: Equatable {
    /// Power of 10,000 of the first digit.
    private(set) var weight: Int16 = 0
    /// 0 positive, 0x4000 negative, 0xC000 not a number, 0xD000 and 0xF000 the infinities.
    private(set) var sign: UInt16 = 0
    /// Decimal digits after the point, trailing zeros included.
    private(set) var displayScale: Int16 = 0
    private(set) var digits: [Int16] = []

    /// Reads `-12.50`, `1e9`, `.5`; nil when the text is something else or its exponent lies beyond ±1000.
    init?(decimal text: String) {
        var text = text
        guard let value = text.withUTF8({ NumericDigits(utf8: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = value
    }

    init(_ value: Double) {
        if value.isNaN {
            sign = 0xC000
            return
        }
        if value.isInfinite {
            sign = value > 0 ? 0xD000 : 0xF000
            return
        }
        var shortest = value.description
        // `1e9` rather than `1000000000.0`: the scale of a whole number is 0.
        if shortest.hasSuffix(".0") { shortest.removeLast(2) }
        // Every finite double has such a text, and its exponent is within ±324.
        if let digits = NumericDigits(decimal: shortest) { self = digits } else { sign = 0xC000 }
    }

    init?(utf8: UnsafeRawBufferPointer) {
        var position = 0
        if position < utf8.count, utf8[position] == UInt8(ascii: "-") || utf8[position] == UInt8(ascii: "+") {
            sign = utf8[position] == UInt8(ascii: "-") ? 0x4000 : 0
            position += 1
        }
        var decimals: [UInt8] = []
        decimals.reserveCapacity(utf8.count)
        var beforePoint: Int?  // digits before the decimal point
        scan: while position < utf8.count {
            switch utf8[position] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): decimals.append(utf8[position] - UInt8(ascii: "0"))
            case UInt8(ascii: ".") where beforePoint == nil: beforePoint = decimals.count
            case UInt8(ascii: "e"), UInt8(ascii: "E"): break scan
            default: return nil
            }
            position += 1
        }
        guard !decimals.isEmpty, decimals.count <= 4000 else { return nil }
        var exponent = 0
        if position < utf8.count {
            let rest = UnsafeRawBufferPointer(rebasing: utf8[(position + 1)...])
            guard let value = Int(String(decoding: rest, as: UTF8.self)), abs(value) <= 1000 else { return nil }
            exponent = value
        }
        var point = (beforePoint ?? decimals.count) + exponent
        displayScale = Int16(clamping: max(0, decimals.count - point))
        let leadingZeros = decimals.prefix { $0 == 0 }.count
        guard leadingZeros < decimals.count else {
            sign = 0
            return
        }
        decimals.removeFirst(leadingZeros)
        point -= leadingZeros
        while decimals.last == 0 { decimals.removeLast() }

        let highest = point - 1  // power of ten of the first decimal
        let group = highest >= 0 ? highest / 4 : -((3 - highest) / 4)
        weight = Int16(clamping: group)
        var power = highest
        var current: Int16 = 0
        for decimal in decimals {
            current = current * 10 + Int16(decimal)
            if power.isMultiple(of: 4) {
                digits.append(current)
                current = 0
            }
            power -= 1
        }
        // The last group is filled up with zeros on the right.
        if !(power + 1).isMultiple(of: 4) {
            while !(power + 1).isMultiple(of: 4) {
                current *= 10
                power -= 1
            }
            digits.append(current)
        }
    }

    /// Bytes of the binary form.
    var byteCount: Int { 8 + 2 * digits.count }

    func append(to bytes: inout [UInt8]) {
        bytes.appendBigEndian(Int16(clamping: digits.count))
        bytes.appendBigEndian(weight)
        bytes.appendBigEndian(sign)
        bytes.appendBigEndian(displayScale)
        for digit in digits { bytes.appendBigEndian(digit) }
    }
}
