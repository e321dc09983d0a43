// PostgreSQL's text forms of instants, bytes and arrays, read into our values. The connection sets DateStyle ISO and TimeZone UTC, so only those
// forms occur; anything else is nil. Pure; no thread.

internal import Models

extension Instant {
    /// `2026-07-19 12:00:00.5+00`, `infinity`, `-infinity`.
    init?(postgres text: UnsafeRawBufferPointer) {
        if text.elementsEqual("infinity".utf8) {
            self.init(microseconds: .max)
            return
        }
        if text.elementsEqual("-infinity".utf8) {
            self.init(microseconds: .min)
            return
        }
        guard text.count >= 22, text[text.count - 3] == UInt8(ascii: "+") else { return nil }
        var rfc3339 = [UInt8](text)
        rfc3339.append(contentsOf: ":00".utf8)
        guard let value = rfc3339.withUnsafeBytes({ Instant(rfc3339: $0) }) else { return nil }
        self = value
    }
}

extension [UInt8] {
    /// `\x0aff`.
    init?(postgresHex text: UnsafeRawBufferPointer) {
        guard text.count >= 2, text.count.isMultiple(of: 2), text[0] == UInt8(ascii: "\\"), text[1] == UInt8(ascii: "x") else { return nil }
        self.init()
        reserveCapacity(text.count / 2 - 1)
        var position = 2
        while position < text.count {
            guard let high = text[position].hexDigit, let low = text[position + 1].hexDigit else { return nil }
            append(high << 4 | low)
            position += 2
        }
    }
}

extension UInt8 {
    fileprivate var hexDigit: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

enum ArrayText {
    /// The elements of `{a,"b c",NULL}`; nil when the text is no array of one dimension.
    static func elements(_ text: UnsafeRawBufferPointer) -> [String?]? {
        guard text.count >= 2, text[0] == UInt8(ascii: "{"), text[text.count - 1] == UInt8(ascii: "}") else { return nil }
        let end = text.count - 1
        var elements: [String?] = []
        var position = 1
        while position < end {
            var element: [UInt8] = []
            let quoted = text[position] == UInt8(ascii: "\"")
            if quoted { position += 1 }
            while position < end {
                let byte = text[position]
                if quoted ? byte == UInt8(ascii: "\"") : byte == UInt8(ascii: ",") { break }
                if byte == UInt8(ascii: "\\") { position += 1 }
                if !quoted && byte == UInt8(ascii: "{") { return nil }
                guard position < end else { return nil }
                element.append(text[position])
                position += 1
            }
            if quoted {
                guard position < end else { return nil }
                position += 1
            }
            elements.append(!quoted && element.elementsEqual("NULL".utf8) ? nil : String(decoding: element, as: UTF8.self))
            guard position < end else { break }
            guard text[position] == UInt8(ascii: ",") else { return nil }
            position += 1
        }
        return elements
    }
}
