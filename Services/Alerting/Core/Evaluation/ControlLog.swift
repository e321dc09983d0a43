// The control topic as a list of changes: which rule versions exist and where in the log each takes effect. Built by reading the topic from its
// first record, so that versions are the same in every replay. A rule that this release cannot read is refused with its reason and the version
// before it stays in force. One thread; the versions themselves are immutable.

public import Models

/// One record of the control topic and what it changes.
public struct ControlEntry: Sendable {
    public enum Change: Sendable {
        case publish(RuleVersion)
        case retire(rule: String)
        case routing(subject: String, RoutingDefinition)
        /// Acknowledgements and silences: the notifier's business.
        case notice(type: String, subject: String, json: [UInt8])
        /// A repeat, or a publication of what is in force already.
        case unchanged
        case refused(subject: String, reason: String)
    }

    public let change: Change
    public let recordOffset: Int64
    public let acceptedAt: Instant
    public let source: String
    public let id: String

    var witness: Witness { Witness(place: LogPlace(topic: .control, partition: 0, recordOffset: recordOffset), source: source, id: id) }
}

public final class ControlLog {
    /// In the order of the log. Records that are no control events are not here.
    public private(set) var entries: [ControlEntry] = []
    /// The first offset that was not read.
    public private(set) var nextOffset: Int64 = 0
    /// The newest version of every rule that was ever published.
    public private(set) var newest: [String: RuleVersion] = [:]
    private var retired: Set<String> = []
    private var seen: Set<[UInt8]> = []

    public init() {}

    public func isRetired(_ rule: String) -> Bool { retired.contains(rule) }

    /// Takes a record that is no control event, so that the position moves over it.
    public func skip(recordOffset: Int64) { nextOffset = max(nextOffset, recordOffset + 1) }

    /// Takes the next event of the topic. Returns nil when it is no change of alerting's.
    @discardableResult
    public func append(_ event: EventView, recordOffset: Int64, acceptedAt: Instant) -> ControlEntry? {
        skip(recordOffset: recordOffset)
        guard let type = event.eventType, type.family == .control else { return nil }
        let identity = Array(event.source) + [0] + Array(event.id)
        let isRepeat = !seen.insert(identity).inserted
        let change = isRepeat ? .unchanged : self.change(type, event, recordOffset, acceptedAt)
        let entry = ControlEntry(
            change: change, recordOffset: recordOffset, acceptedAt: acceptedAt, source: event.source.text, id: event.id.text)
        entries.append(entry)
        return entry
    }

    private func change(_ type: EventType, _ event: EventView, _ recordOffset: Int64, _ acceptedAt: Instant) -> ControlEntry.Change {
        let subject = event.subject.text
        switch type.name {
        case "rule.published":
            guard let document = event.data?["rule"] else { return .refused(subject: subject, reason: "the event has no rule") }
            let (rule, problems) = RuleDefinition.check(RuleNode(json: document))
            guard let rule else { return .refused(subject: subject, reason: problems.map(\.description).joined(separator: " ")) }
            guard rule.id == subject else { return .refused(subject: subject, reason: "the event's subject is not the rule's id (\(rule.id))") }
            let before = newest[rule.id]
            if let before, before.definition == rule, !retired.contains(rule.id) { return .unchanged }
            retired.remove(rule.id)
            let version = RuleVersion(
                definition: rule, version: (before?.version ?? 0) + 1, recordOffset: recordOffset, publishedAt: acceptedAt.microseconds)
            newest[rule.id] = version
            return .publish(version)
        case "rule.retired":
            guard newest[subject] != nil, retired.insert(subject).inserted else { return .unchanged }
            return .retire(rule: subject)
        case "routing.published":
            guard let document = event.data?["routing"] else { return .refused(subject: subject, reason: "the event has no routing") }
            let (routing, problems) = RoutingDefinition.check(RuleNode(json: document))
            guard let routing else { return .refused(subject: subject, reason: problems.map(\.description).joined(separator: " ")) }
            return .routing(subject: subject, routing)
        default:
            var writer = JSONWriter()
            if let data = event.data { writer.value(data) }
            return .notice(type: type.name, subject: subject, json: writer.bytes)
        }
    }
}
