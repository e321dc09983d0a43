// An event type is one value: its name, its table of fields, the rules between them, an example. Everything that depends on the shape of an
// event (checks, schemas, documents, CSV columns, SQL columns and comments) is derived from it. The value is one reference to immutable storage
// that lives as long as the program, so handing it around costs nothing on the hot path. Read next: Events/SiteStatusChanged.swift, Catalogue.swift.

/// What an event type is in the log: which topic, and how its time is checked.
public enum EventFamily: String, Sendable, Hashable {
    /// A fact about the build-out: `events`.
    case fact
    /// A meter reading: `telemetry`.
    case reading
    /// A change of rules, routing, acknowledgements, silences: `control`.
    case control

    public var topic: TopicName {
        switch self { case .fact: .events; case .reading: .telemetry; case .control: .control }
    }
}

/// A valid event of a type, without the attributes that every event has.
public struct EventExample: Sendable, Equatable {
    public let subject: String
    public let occurredAt: String
    public let assertion: Assertion?
    /// The event's data, as JSON.
    public let json: String

    public init(subject: String, occurredAt: String, assertion: Assertion? = nil, json: String) {
        (self.subject, self.occurredAt, self.assertion, self.json) = (subject, occurredAt, assertion, json)
    }
}

public struct EventType: Sendable {
    let storage: Storage

    final class Storage: Sendable {
        let name: String
        let version: Int
        let qualifiedName: String
        let family: EventFamily
        let subject: SubjectKind
        let meaning: String
        let fields: [Field]
        let rules: [CrossFieldRule]
        let example: EventExample
        let table: FieldTable

        init(
            name: String, version: Int, family: EventFamily, subject: SubjectKind, meaning: String, fields: [Field], rules: [CrossFieldRule],
            example: EventExample
        ) {
            (self.name, self.version, self.qualifiedName) = (name, version, "\(name).v\(version)")
            (self.family, self.subject, self.meaning) = (family, subject, meaning)
            (self.fields, self.rules, self.example) = (fields, rules, example)
            table = FieldTable(fields)
        }
    }

    /// - Parameter fields: at most 64.
    public init(
        _ name: String, version: Int = 1, family: EventFamily = .fact, about subject: SubjectKind, _ meaning: String, fields: [Field],
        rules: [CrossFieldRule] = [], example: EventExample
    ) {
        storage = Storage(
            name: name, version: version, family: family, subject: subject, meaning: meaning, fields: fields, rules: rules, example: example)
    }

    /// `site.status.changed`.
    public var name: String { storage.name }
    public var version: Int { storage.version }
    /// `site.status.changed.v1`: the event's `type` attribute.
    public var qualifiedName: String { storage.qualifiedName }
    public var family: EventFamily { storage.family }
    public var topic: TopicName { storage.family.topic }
    /// What the event's `subject` names.
    public var subject: SubjectKind { storage.subject }
    public var meaning: String { storage.meaning }
    public var fields: [Field] { storage.fields }
    public var rules: [CrossFieldRule] { storage.rules }
    public var example: EventExample { storage.example }
    public var isReading: Bool { storage.family == .reading }

    public func field(named name: String) -> Field? { storage.fields.first { $0.name == name } }

    /// `site_status_changed`: the type's name in SQL, shared by all its versions.
    public var sqlName: String { String(decoding: name.utf8.map { $0 == UInt8(ascii: ".") ? UInt8(ascii: "_") : $0 }, as: UTF8.self) }
}

extension EventType: Equatable, Hashable {
    public static func == (a: EventType, b: EventType) -> Bool { a.storage === b.storage || a.qualifiedName == b.qualifiedName }
    public func hash(into hasher: inout Hasher) { hasher.combine(qualifiedName) }
}

extension EventType: CustomStringConvertible {
    public var description: String { qualifiedName }
}
