// Bytes as text and back: base64 (RFC 4648, with padding), base64url without padding, lower-case hexadecimal. Pure Swift; what comes from outside
// and is not exactly of its form gives nil.

public enum Base64 {
    private static let standard = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let url = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    public static func encode(_ bytes: some Collection<UInt8>) -> String { encode(Array(bytes), standard, pads: true) }

    /// The alphabet that needs no escape in URLs and file names, without padding.
    public static func encodeURL(_ bytes: some Collection<UInt8>) -> String { encode(Array(bytes), url, pads: false) }

    private static func encode(_ bytes: [UInt8], _ alphabet: [UInt8], pads: Bool) -> String {
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let left = bytes.count - index
            let group = UInt32(bytes[index]) << 16 | (left > 1 ? UInt32(bytes[index + 1]) << 8 : 0) | (left > 2 ? UInt32(bytes[index + 2]) : 0)
            out.append(alphabet[Int(group >> 18 & 63)])
            out.append(alphabet[Int(group >> 12 & 63)])
            if left > 1 { out.append(alphabet[Int(group >> 6 & 63)]) } else if pads { out.append(UInt8(ascii: "=")) }
            if left > 2 { out.append(alphabet[Int(group & 63)]) } else if pads { out.append(UInt8(ascii: "=")) }
            index += 3
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Reads either alphabet, padded or not. Nil when a character is neither, or the length is impossible.
    public static func decode(_ text: String) -> [UInt8]? {
        var out: [UInt8] = []
        var group: UInt32 = 0
        var held = 0
        var padding = 0
        var length = 0
        for byte in text.utf8 {
            length += 1
            if byte == UInt8(ascii: "=") { padding += 1; continue }
            guard padding == 0, let value = value(of: byte) else { return nil }
            group = group << 6 | value
            held += 6
            if held >= 8 {
                held -= 8
                out.append(UInt8(truncatingIfNeeded: group >> UInt32(held)))
            }
        }
        guard padding <= 2, padding == 0 || length % 4 == 0, (length - padding) % 4 != 1 else { return nil }
        return out
    }

    private static func value(of byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}

public enum Hexadecimal {
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            out.append(digits[Int(byte >> 4)])
            out.append(digits[Int(byte & 15)])
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Nil unless the text is pairs of hexadecimal digits.
    public static func decode(_ text: String) -> [UInt8]? {
        var out: [UInt8] = []
        var high: UInt8?
        for byte in text.utf8 {
            let value: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = byte - UInt8(ascii: "A") + 10
            default: return nil
            }
            if let first = high { out.append(first << 4 | value); high = nil } else { high = value }
        }
        return high == nil ? out : nil
    }
}
