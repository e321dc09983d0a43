// Which of CloudEvents' HTTP modes a request is in, from its content type alone (and, for plain JSON, from the presence of `ce-` headers).
// Read next: EventGate.swift.

internal import Models

/// How the events of a request are laid out.
public enum RequestMode: Sendable, Equatable {
    /// One event, envelope and data in one JSON object.
    case structured
    /// A JSON array of such objects.
    case batch
    /// The envelope in `ce-` headers, the data in the body.
    case binary
    /// One such object a line, any number of lines.
    case lines

    /// - Parameter hasEventHeaders: a header begins with `ce-`.
    public static func of(contentType: UnsafeRawBufferPointer?, hasEventHeaders: Bool) -> Result<RequestMode, Refusal> {
        guard let contentType, contentType.count > 0 else {
            return .failure(Refusal(415, .contentTypeUnsupported, "The request has no Content-Type; \(choices)."))
        }
        let (essence, charset) = split(contentType)
        // JSON is UTF-8 (RFC 8259); a sender that says otherwise has other bytes in mind.
        if let charset, charset != "utf-8", charset != "utf8", charset != "us-ascii" {
            return .failure(Refusal(415, .contentTypeUnsupported, "Events are UTF-8, not \(charset.prefix(40))."))
        }
        switch essence {
        case "application/cloudevents+json": return .success(.structured)
        case "application/cloudevents-batch+json": return .success(.batch)
        case "application/x-ndjson": return .success(.lines)
        default:
            if hasEventHeaders, essence == "application/json" || essence == "text/json" || essence.hasSuffix("+json") { return .success(.binary) }
            if essence == "application/json" {
                return .failure(Refusal(415, .contentTypeUnsupported, "application/json needs the event's attributes in ce- headers; otherwise \(choices)."))
            }
            return .failure(Refusal(415, .contentTypeUnsupported, "\(essence.prefix(80)) is not taken; \(choices)."))
        }
    }

    private static let choices =
        "send application/cloudevents+json, application/cloudevents-batch+json, or application/json with ce- headers"

    /// The type in lower case without its parameters, and the charset if one is named.
    private static func split(_ text: UnsafeRawBufferPointer) -> (essence: String, charset: String?) {
        // The usual texts, found without making a String of each part.
        if text.hasSameBytes(as: "application/cloudevents+json" as StaticString) { return ("application/cloudevents+json", nil) }
        if text.hasSameBytes(as: "application/cloudevents-batch+json" as StaticString) { return ("application/cloudevents-batch+json", nil) }
        let parts = String(decoding: text, as: UTF8.self).lowercased().split(separator: ";", omittingEmptySubsequences: false)
        var charset: String?
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, trimmed(pair[0]) == "charset" else { continue }
            charset = trimmed(pair[1])
            if let text = charset, text.hasPrefix("\""), text.hasSuffix("\""), text.utf8.count > 1 { charset = String(text.dropFirst().dropLast()) }
        }
        return (parts.first.map(trimmed) ?? "", charset)
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}
