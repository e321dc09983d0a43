// Writes an event in structured mode: for binary records that are stored as structured ones, for importers, the simulator and the command line.
// Members come in one order, so the same event is always the same bytes.

/// An event to be written. `data` is filled through a JSONWriter.
public struct EventWriter: Sendable {
    public var id: String
    public var source: String
    /// The qualified type, `site.status.changed.v1`.
    public var type: String
    public var subject: String
    public var occurredAt: Instant
    public var knownAt: Instant?
    public var supersedes: String?
    public var confidence: Confidence?
    public var assertion: Assertion?
    public var evidence: String?
    /// Other attributes: names of a-z and 0-9.
    public var extensions: [(name: String, value: String)] = []
    /// The event's data as JSON text; empty means none.
    public var json: [UInt8] = []

    public init(_ type: EventType, id: String, source: String, subject: String, occurredAt: Instant) {
        self.init(type: type.qualifiedName, id: id, source: source, subject: subject, occurredAt: occurredAt)
    }

    public init(type: String, id: String, source: String, subject: String, occurredAt: Instant) {
        (self.type, self.id, self.source, self.subject, self.occurredAt) = (type, id, source, subject, occurredAt)
    }

    /// Sets the data: `body` writes the members of the object.
    public mutating func data(_ body: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        writer.object(body)
        json = writer.bytes
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("specversion", "1.0")
            writer.member("id", id)
            writer.member("source", source)
            writer.member("type", type)
            writer.member("subject", subject)
            writer.member("time", occurredAt)
            if let knownAt { writer.member("knownat", knownAt) }
            if let supersedes { writer.member("supersedes", supersedes) }
            if let confidence { writer.member("confidence", confidence.rawValue) }
            if let assertion { writer.member("assertion", assertion.rawValue) }
            if let evidence { writer.member("evidence", evidence) }
            for (name, value) in extensions { writer.member(name, value) }
            writer.member("datacontenttype", "application/json")
            if !json.isEmpty {
                writer.key("data")
                writer.raw(json)
            }
        }
    }

    /// The event as JSON.
    public var bytes: [UInt8] {
        var writer = JSONWriter(reserving: 256 + json.count)
        write(to: &writer)
        return writer.bytes
    }
}

extension EventType {
    /// The type's example as a whole event.
    public func exampleEvent(id: String = "example-1", source: String = "https://example.org/gigawatch") -> EventWriter {
        let occurredAt = Instant(example.occurredAt) ?? Instant(microseconds: 0)
        var event = EventWriter(self, id: id, source: source, subject: example.subject, occurredAt: occurredAt)
        event.assertion = example.assertion
        event.json = Array(example.json.utf8)
        return event
    }
}
