// Reads the CloudEvents envelope: one pass over the root object, names found by a perfect hash, no allocation when all is well. It stops at the
// first violation, because without an envelope there is nothing to say about the data. Read next: BinaryEnvelope.swift, EventType+Violations.swift.

/// The attributes that this system reads, in the order of their table.
enum EnvelopeAttribute: Int, CaseIterable {
    case specversion, id, source, type, subject, time, data, datacontenttype, dataschema, knownat, supersedes, confidence, assertion, evidence
    case database64

    var name: String { self == .database64 ? "data_base64" : String(describing: self) }

    static let table = NameTable(allCases.map(\.name))

    static func isOwn(_ name: UnsafeRawBufferPointer) -> Bool { table.index(of: name) >= 0 }
}

public enum EnvelopeReader {
    /// Reads an event in structured mode: `root` is the parsed record.
    public static func structured(_ root: JSONView) -> Result<EventView, Violation> {
        guard root.kind == .object else {
            return .failure(Violation(.envelopeNotObject, at: "", expected: "object", actual: root.kind.rawValue))
        }
        var draft = Draft(root: root)
        let table = EnvelopeAttribute.table
        for (name, value) in root.members {
            let index = table.index(of: name)
            if index < 0 {
                if let violation = draft.takeExtension(name, value) { return .failure(violation) }
                continue
            }
            let bit: UInt32 = 1 << UInt32(truncatingIfNeeded: index)
            if draft.seen & bit != 0 { return .failure(duplicate(name)) }
            draft.seen |= bit
            if let violation = draft.take(index, value) { return .failure(violation) }
        }
        if draft.extensions > 1, let name = duplicateKey(in: root) { return .failure(duplicate(name)) }
        return draft.finished()
    }

    private static func duplicate(_ name: UnsafeRawBufferPointer) -> Violation {
        Violation(.jsonDuplicateKey, at: JSONPointer.root.appending(name), expected: "each key once", actual: "the key again")
    }

    private struct Draft {
        let root: JSONView
        var seen: UInt32 = 0
        var extensions = 0
        var id: UnsafeRawBufferPointer?
        var source: UnsafeRawBufferPointer?
        var type: UnsafeRawBufferPointer?
        var subject: UnsafeRawBufferPointer?
        var occurredAt: Instant?
        var knownAt: Instant?
        var supersedes: UnsafeRawBufferPointer?
        var confidence: Confidence?
        var assertion: Assertion?
        var evidence: UnsafeRawBufferPointer?
        var data: JSONView?
        var hasVersion = false

        init(root: JSONView) { self.root = root }

        @inline(__always)
        mutating func take(_ index: Int, _ value: JSONView) -> Violation? {
            if index == EnvelopeAttribute.data.rawValue { data = value.isNull ? nil : value; return nil }
            guard let attribute = EnvelopeAttribute(rawValue: index) else { return nil }
            guard let text = value.stringBytes, attribute != .database64 else {
                // CloudEvents' JSON format: null is a missing attribute.
                return value.isNull ? nil : Draft.wrongType(attribute, value)
            }
            let limit: Int
            switch attribute {
            case .id, .supersedes: limit = Limits.idBytes
            case .source: limit = Limits.sourceBytes
            case .subject: limit = Limits.subjectBytes
            case .type: limit = Limits.typeBytes
            default: limit = Limits.attributeBytes
            }
            guard text.count > 0, text.count <= limit, !text.containsControl else { return Draft.unfit(attribute, text, limit) }
            switch attribute {
            case .specversion:
                guard text.hasSameBytes(as: "1.0" as StaticString) else {
                    return Violation(.envelopeSpecversion, at: "/specversion", expected: "1.0", actual: shown(text))
                }
                hasVersion = true
            case .id: id = text
            case .source: source = text
            case .type: type = text
            case .subject: subject = text
            case .time:
                guard let instant = Instant(rfc3339: text) else { return Draft.unreadable(attribute, "RFC 3339 instant", text) }
                occurredAt = instant
            case .knownat:
                guard let instant = Instant(rfc3339: text) else { return Draft.unreadable(attribute, "RFC 3339 instant", text) }
                knownAt = instant
            case .supersedes: supersedes = text
            case .confidence:
                guard let value = Confidence(utf8: text) else { return Draft.unreadable(attribute, "one of high, medium, low", text) }
                confidence = value
            case .assertion:
                guard let value = Assertion(utf8: text) else {
                    return Draft.unreadable(attribute, "one of reported, extracted, calculated, inferred, projected", text)
                }
                assertion = value
            case .evidence: evidence = text
            case .datacontenttype:
                guard MediaType.isJSON(text) else { return Draft.unreadable(attribute, "application/json", text) }
            case .dataschema, .data, .database64: break
            }
            return nil
        }

        mutating func takeExtension(_ name: UnsafeRawBufferPointer, _ value: JSONView) -> Violation? {
            extensions += 1
            guard name.count > 0, name.count <= Limits.attributeNameBytes, name.allSatisfy(isAttributeCharacter) else {
                return Violation(
                    .envelopeAttributeName, at: JSONPointer.root.appending(name),
                    expected: "1 to \(Limits.attributeNameBytes) characters a-z and 0-9", actual: shown(name))
            }
            switch value.kind {
            case .null, .boolean, .number: return nil
            case .array, .object:
                return Violation(
                    .envelopeAttributeType, at: JSONPointer.root.appending(name), expected: "string, number or boolean", actual: value.kind.rawValue)
            case .string:
                guard let text = value.stringBytes else { return nil }
                guard text.count <= Limits.attributeBytes else {
                    return Violation(
                        .envelopeAttributeLength, at: JSONPointer.root.appending(name), expected: "at most \(Limits.attributeBytes) bytes",
                        actual: "\(text.count) bytes")
                }
                guard !text.containsControl else {
                    return Violation(
                        .envelopeAttributeNUL, at: JSONPointer.root.appending(name), expected: "no control characters", actual: shown(text))
                }
                return nil
            }
        }

        func finished() -> Result<EventView, Violation> {
            guard hasVersion else { return missing(.specversion) }
            guard let id else { return missing(.id) }
            guard let source else { return missing(.source) }
            guard let type else { return missing(.type) }
            guard let subject else { return missing(.subject) }
            guard let occurredAt else { return missing(.time) }
            return .success(
                EventView(
                    id: id, source: source, type: type, subject: subject, occurredAt: occurredAt, knownAt: knownAt, supersedes: supersedes,
                    confidence: confidence, assertion: assertion, evidence: evidence, data: data, root: root, extensionCount: extensions,
                    typeIndex: Catalogue.index(of: type)))
        }

        // What follows runs only when something is wrong, and stays out of line so that the rest stays small.
        @inline(never)
        private func missing(_ attribute: EnvelopeAttribute) -> Result<EventView, Violation> {
            .failure(Violation(.envelopeAttributeMissing, at: "/\(attribute.name)", expected: "string", actual: "missing"))
        }

        @inline(never)
        private static func wrongType(_ attribute: EnvelopeAttribute, _ value: JSONView) -> Violation {
            if attribute == .database64 {
                return Violation(.envelopeDataBase64, at: "/data_base64", expected: "JSON in data", actual: "data_base64")
            }
            return Violation(.envelopeAttributeType, at: "/\(attribute.name)", expected: "string", actual: value.kind.rawValue)
        }

        @inline(never)
        private static func unfit(_ attribute: EnvelopeAttribute, _ text: UnsafeRawBufferPointer, _ limit: Int) -> Violation {
            guard text.count > 0, text.count <= limit else {
                return Violation(.envelopeAttributeLength, at: "/\(attribute.name)", expected: "1 to \(limit) bytes", actual: "\(text.count) bytes")
            }
            return Violation(.envelopeAttributeNUL, at: "/\(attribute.name)", expected: "no control characters", actual: shown(text))
        }

        @inline(never)
        private static func unreadable(_ attribute: EnvelopeAttribute, _ expected: String, _ text: UnsafeRawBufferPointer) -> Violation {
            Violation(.envelopeAttributeValue, at: "/\(attribute.name)", expected: expected, actual: shown(text))
        }
    }
}

/// CloudEvents: attribute names consist of a-z and 0-9.
func isAttributeCharacter(_ byte: UInt8) -> Bool { byte >= 0x61 && byte <= 0x7A || byte >= 0x30 && byte <= 0x39 }

/// A value as violations show it: quoted, cut after 64 bytes, control characters escaped.
func shown(_ text: UnsafeRawBufferPointer) -> String {
    var writer = JSONWriter(reserving: 80)
    let limit = 64
    guard text.count > limit else { writer.string(text); return writer.text }
    var end = limit
    while end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }   // not in the middle of a character
    writer.string(UnsafeRawBufferPointer(rebasing: text[0..<end]))
    return writer.text + "…"
}

/// Content types, as far as an event's data needs them.
public enum MediaType {
    /// `application/json`, `text/json`, `application/anything+json`, with or without parameters.
    public static func isJSON(_ text: UnsafeRawBufferPointer) -> Bool {
        var end = 0
        while end < text.count, text[end] != UInt8(ascii: ";") { end += 1 }
        while end > 0, text[end - 1] == 0x20 { end -= 1 }
        let essence = UnsafeRawBufferPointer(rebasing: text[0..<end])
        if essence.hasSameBytes(as: "application/json" as StaticString) { return true }
        let lower = essence.text.lowercased()
        return lower == "application/json" || lower == "text/json" || (lower.contains("/") && lower.hasSuffix("+json"))
    }
}
