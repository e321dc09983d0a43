// What a sender may do. A grant comes from a token's scopes; without a token file everybody on the loopback address may do everything. Control
// events need scopes of their own: who may report facts may not change rules, and who may write rules may not add a receiver.

public import Models

/// The scopes that matter at the door.
public enum WriteScope: String, Sendable, CaseIterable {
    case events = "events:write"
    /// To withdraw facts of another source.
    case correct = "events:correct"
    case rules = "rules:write"
    case routing = "routing:write"
    case alerts = "alerts:write"

    /// The scope that an event of this type needs.
    public static func needed(for type: EventType) -> WriteScope {
        guard type.family == .control else { return .events }
        switch type.name {
        case "rule.published", "rule.retired": return .rules
        case "routing.published": return .routing
        default: return .alerts
        }
    }
}

/// The rights of one sender.
public struct Grant: Sendable, Equatable {
    /// Written to each record as `acceptedby`.
    public let name: String
    private let scopes: [WriteScope: ScopeLimits]

    /// Which events a scope is for. An empty list is no limit; a pattern may end in `*`.
    public struct ScopeLimits: Sendable, Equatable {
        public var types: [String] = []
        public var sources: [String] = []
        public var subjects: [String] = []

        public init(types: [String] = [], sources: [String] = [], subjects: [String] = []) {
            (self.types, self.sources, self.subjects) = (types, sources, subjects)
        }

        var areNone: Bool { types.isEmpty && sources.isEmpty && subjects.isEmpty }
    }

    public init(name: String, scopes: [WriteScope: ScopeLimits]) { (self.name, self.scopes) = (name, scopes) }

    /// Everything: for services without a token file, which listen on loopback only.
    public static let everything = Grant(name: "local", scopes: Dictionary(uniqueKeysWithValues: WriteScope.allCases.map { ($0, ScopeLimits()) }))

    /// Whether any event at all may be sent.
    public var mayWrite: Bool { !scopes.isEmpty }

    /// What forbids this event; nil when it may pass.
    public func violation(of event: EventView, _ type: EventType) -> Violation? {
        let needed = WriteScope.needed(for: type)
        guard let limits = scopes[needed] else {
            return Violation(.tokenScope, at: "/type", expected: "a token with \(needed.rawValue)", actual: name)
        }
        if !limits.areNone {
            if !Self.matches(limits.types, event.type) {
                return Violation(.tokenScope, at: "/type", expected: limits.types.joined(separator: ", "), actual: event.type.text)
            }
            if !Self.matches(limits.sources, event.source) {
                return Violation(.tokenScope, at: "/source", expected: limits.sources.joined(separator: ", "), actual: event.source.text)
            }
            if !Self.matches(limits.subjects, event.subject) {
                return Violation(.tokenScope, at: "/subject", expected: limits.subjects.joined(separator: ", "), actual: event.subject.text)
            }
        }
        // A withdrawal names the fact by source and id: touching another source's facts is a right of its own.
        if type == .factWithdrawn, scopes[.correct] == nil, let other = event.data?["source"]?.stringBytes, !other.hasSameBytes(as: event.source) {
            return Violation(.supersedesForbidden, at: "/data/source", expected: "\(event.source.text), or a token with events:correct", actual: other.text)
        }
        return nil
    }

    private static func matches(_ patterns: [String], _ value: UnsafeRawBufferPointer) -> Bool {
        guard !patterns.isEmpty else { return true }
        return patterns.contains { pattern in
            guard pattern.hasSuffix("*") else { return value.hasSameBytes(as: pattern) }
            let prefix = Array(pattern.utf8.dropLast())
            return value.count >= prefix.count && prefix.withUnsafeBytes { value.prefix(prefix.count).elementsEqual($0) }
        }
    }
}
