// Binary mode: the attributes are headers (`ce_id` in Kafka, `ce-id` in HTTP), the value is the data. Such an event is written out in structured
// mode and read like any other, so there is one envelope, one check and one digest. HTTP headers are percent-encoded (CloudEvents HTTP binding,
// 3.1.3.2), Kafka's are plain UTF-8.

public enum BinaryTransport: Sendable {
    case http, kafka

    var prefix: StaticString { switch self { case .http: "ce-"; case .kafka: "ce_" } }
}

extension EnvelopeReader {
    /// A header of a record or a request; names of HTTP headers in any case.
    public typealias Header = (name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)

    /// Whether these headers carry an event in binary mode: `ce-specversion` or `ce_specversion` is there.
    public static func isBinary(headers: some Sequence<Header>, _ transport: BinaryTransport) -> Bool {
        headers.contains { attributeName($0.name, transport) == "specversion" }
    }

    /// The structured form of an event in binary mode, as bytes to be parsed and read by `structured`. Headers that are no attributes are left out.
    /// - Parameter data: the parsed value; nil when there is none. Its bytes are written again, so `data` need not outlive the call.
    public static func binary(headers: some Sequence<Header>, data: JSONView?, _ transport: BinaryTransport) -> Result<[UInt8], Violation> {
        var writer = JSONWriter(reserving: 512)
        var seen = Set<String>()
        var violation: Violation?
        writer.object { writer in
            for (header, value) in headers {
                guard let name = attributeName(header, transport) else { continue }
                guard !name.isEmpty, name.utf8.count <= Limits.attributeNameBytes, name.utf8.allSatisfy(isAttributeCharacter), name != "data"
                else {
                    violation = Violation(
                        .envelopeAttributeName, at: "/\(name)", expected: "characters a-z and 0-9", actual: shown(header))
                    return
                }
                guard seen.insert(name).inserted else {
                    violation = Violation(.jsonDuplicateKey, at: "/\(name)", expected: "each attribute once", actual: "the attribute again")
                    return
                }
                guard let text = transport == .http ? percentDecoded(value) : Array(value), isUTF8(text) else {
                    violation = Violation(
                        .envelopeAttributeEncoding, at: "/\(name)", expected: "UTF-8, percent-encoded in HTTP", actual: shown(value))
                    return
                }
                writer.key(name)
                text.withUnsafeBytes { writer.string($0) }
            }
            if let data {
                writer.key("data")
                writer.value(data)
            }
        }
        if let violation { return .failure(violation) }
        return .success(writer.bytes)
    }

    /// The attribute that a header carries; nil when it carries none.
    private static func attributeName(_ header: UnsafeRawBufferPointer, _ transport: BinaryTransport) -> String? {
        let name = transport == .http ? header.text.lowercased() : header.text
        let prefix = "\(transport.prefix)"
        guard name.hasPrefix(prefix) else { return nil }
        return String(name.dropFirst(prefix.count))
    }

    /// Nil when a `%` is not followed by two hexadecimal digits. A value in double quotes is unquoted first.
    private static func percentDecoded(_ value: UnsafeRawBufferPointer) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(value.count)
        var position = 0
        var end = value.count
        if end >= 2, value[0] == UInt8(ascii: "\""), value[end - 1] == UInt8(ascii: "\"") { (position, end) = (1, end - 1) }
        while position < end {
            guard value[position] == UInt8(ascii: "%") else {
                bytes.append(value[position])
                position += 1
                continue
            }
            guard position + 2 < end, let high = value[position + 1].hexadecimalDigit, let low = value[position + 2].hexadecimalDigit
            else { return nil }
            bytes.append(high << 4 | low)
            position += 3
        }
        return bytes
    }

    private static func isUTF8(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }
}

extension UInt8 {
    /// 0…15 for a hexadecimal digit of either case.
    var hexadecimalDigit: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x37
        case 0x61...0x66: self - 0x57
        default: nil
        }
    }
}
