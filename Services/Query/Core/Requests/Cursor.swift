// Where a page ended, as an opaque text: the sort keys of its last row. Paging by keys stays right while rows arrive, which an offset does
// not. A cursor names its model, so that one from another list is refused instead of answering nonsense. Pure.

public struct Cursor: Sendable, Equatable {
    /// The values of the model's sort keys in the last row, as PostgreSQL writes them.
    public let keys: [String]

    public init(keys: [String]) { self.keys = keys }

    /// Base64url of `model`, then each key, separated by U+001F (which no key of ours contains; one that did would be refused on return).
    public func encoded(for model: ReadModel) -> String {
        Base64URL.encode(Array(([model.name] + keys).joined(separator: "\u{1F}").utf8))
    }

    public init(_ text: String, model: ReadModel) throws(ParameterProblem) {
        let problem = ParameterProblem("cursor", "not a cursor of \(model.path): take the 'next' of the answer before, unchanged")
        guard let bytes = Base64URL.decode(text), let plain = String(validating: bytes, as: UTF8.self) else { throw problem }
        let parts = plain.split(separator: "\u{1F}", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == model.sort.count + 1, parts[0] == model.name, !plain.utf8.contains(0) else { throw problem }
        for (key, value) in zip(model.sort, parts.dropFirst()) {
            guard Self.fits(value, type: key.type) else { throw problem }
        }
        keys = Array(parts.dropFirst())
    }

    /// A forged cursor must be a 400, not an error of PostgreSQL's cast.
    private static func fits(_ value: String, type: String) -> Bool {
        switch type {
        case "bigint": return Int64(value) != nil
        case "integer": return Int32(value) != nil
        case "numeric": return Double(value)?.isFinite ?? false
        case "double precision": return value == "Infinity" || value == "-Infinity" || (Double(value)?.isFinite ?? false)
        case "timestamptz": return value == "infinity" || value == "-infinity" || isTimestamp(value)
        default: return true
        }
    }

    /// PostgreSQL's own way of writing a `timestamptz` in UTC: `2026-07-19 12:00:00.5+00`.
    private static func isTimestamp(_ value: String) -> Bool {
        guard value.hasSuffix("+00") else { return false }
        let parts = value.dropLast(3).split(separator: " ")
        guard parts.count == 2 else { return false }
        return ClockParameter.isInstant("\(parts[0])T\(parts[1])Z")
    }
}

/// Base64 with the URL alphabet and without padding (RFC 4648, section 5).
public enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    public static func encode(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count * 4 / 3 + 3)
        var buffer: UInt32 = 0
        var bits = 0
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                result.append(alphabet[Int(buffer >> UInt32(bits) & 63)])
            }
        }
        if bits > 0 { result.append(alphabet[Int(buffer << UInt32(6 - bits) & 63)]) }
        return String(decoding: result, as: UTF8.self)
    }

    public static func decode(_ text: String) -> [UInt8]? {
        var result: [UInt8] = []
        var buffer: UInt32 = 0
        var bits = 0
        for character in text.utf8 {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            buffer = buffer << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                result.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
            }
        }
        return result
    }
}
