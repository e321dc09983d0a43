// A transition of one alert, as it stands in PostgreSQL and on the `alerts` topic. It names what decided it, so that it can be explained, and its
// id is a digest of what decided it, so that a replay makes the same one. Read next: Alerting/Core, which makes them.

/// The states of an alert. Raw values are the contract of `ops.alert_transitions`.
public enum AlertState: String, CaseIterable, Sendable, Hashable {
    case inactive, pending, firing, recovering, resolved
    case noData = "no_data"
    case error
}

public struct AlertTransition: Sendable, Equatable {
    /// What made the alert move.
    public enum Kind: String, CaseIterable, Sendable, Hashable {
        /// A record.
        case record
        /// Log time: `for`, `keep_firing_for`.
        case timer
        /// Log time, without the records that were expected.
        case absence
        /// A rule was published or retired.
        case rule
        /// A late record would have changed the past.
        case revised
    }

    /// A record that counted, with the identity of its event (a metric's is its name and number).
    public struct Evidence: Sendable, Equatable {
        public var coordinates: RecordCoordinates
        public var source: String
        public var id: String

        public init(coordinates: RecordCoordinates, source: String, id: String) {
            (self.coordinates, self.source, self.id) = (coordinates, source, id)
        }
    }

    public var rule: String
    public var ruleVersion: Int64
    public var fingerprint: String
    public var kind: Kind
    public var from: AlertState
    public var to: AlertState
    /// The level that fires; nil when none does.
    public var level: String?
    public var value: Double?
    public var threshold: Double?
    /// Identity labels and the entity's fields.
    public var labels: [String: String]
    public var annotations: [String: String]
    /// Event time of the transition.
    public var eventAt: Instant
    /// Acceptance time of the deciding record.
    public var acceptedAt: Instant
    /// The record, or the tick, that decided.
    public var deciding: Evidence
    /// The record that began the breach; nil for what began without one (absence).
    public var firstBreach: Evidence?
    /// The tick at whose cut it was made.
    public var cut: Int64
    /// When this alert began firing: an acknowledgement names it.
    public var startedAt: Instant?
    /// False for backfill and shadow rules: recorded, not delivered.
    public var isDelivered: Bool

    public init(
        rule: String, ruleVersion: Int64, fingerprint: String, kind: Kind, from: AlertState, to: AlertState, eventAt: Instant, acceptedAt: Instant,
        deciding: Evidence, cut: Int64
    ) {
        (self.rule, self.ruleVersion, self.fingerprint, self.kind) = (rule, ruleVersion, fingerprint, kind)
        (self.from, self.to, self.eventAt, self.acceptedAt) = (from, to, eventAt, acceptedAt)
        (self.deciding, self.cut) = (deciding, cut)
        (labels, annotations, isDelivered) = ([:], [:], true)
    }

    /// 32 hexadecimal digits over (rule, version, fingerprint, kind, from, to, level, deciding coordinates).
    public var id: String {
        var builder = DigestBuilder(purpose: 4)
        builder.combine(rule)
        builder.combine(ruleVersion)
        builder.combine(fingerprint)
        builder.combine(kind.rawValue)
        builder.combine(from.rawValue)
        builder.combine(to.rawValue)
        builder.combine(level ?? "")
        builder.combine(deciding.coordinates.topic)
        builder.combine(Int64(deciding.coordinates.partition))
        builder.combine(deciding.coordinates.recordOffset)
        return builder.finished().description
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id)
            writer.member("rule", rule)
            writer.member("rule_version", ruleVersion)
            writer.member("fingerprint", fingerprint)
            writer.member("kind", kind.rawValue)
            writer.member("from", from.rawValue)
            writer.member("to", to.rawValue)
            writer.member("level", level)
            writer.member("value", value)
            writer.member("threshold", threshold)
            writer.key("labels")
            writer.labels(labels)
            writer.key("annotations")
            writer.labels(annotations)
            writer.member("event_at", eventAt)
            writer.member("accepted_at", acceptedAt)
            writer.key("deciding")
            deciding.write(to: &writer)
            writer.key("first_breach")
            if let firstBreach { firstBreach.write(to: &writer) } else { writer.null() }
            writer.member("cut", cut)
            writer.member("started_at", startedAt)
            writer.member("delivered", isDelivered)
        }
    }

    public init?(_ view: JSONView) {
        guard let rule = view["rule"]?.string, let version = view["rule_version"]?.integer, let fingerprint = view["fingerprint"]?.string,
            let kind = view["kind"]?.string.flatMap(Kind.init), let from = view["from"]?.string.flatMap(AlertState.init),
            let to = view["to"]?.string.flatMap(AlertState.init), let eventAt = view["event_at"]?.stringBytes.flatMap(Instant.init(rfc3339:)),
            let acceptedAt = view["accepted_at"]?.stringBytes.flatMap(Instant.init(rfc3339:)),
            let deciding = view["deciding"].flatMap(Evidence.init), let cut = view["cut"]?.integer
        else { return nil }
        self.init(
            rule: rule, ruleVersion: version, fingerprint: fingerprint, kind: kind, from: from, to: to, eventAt: eventAt, acceptedAt: acceptedAt,
            deciding: deciding, cut: cut)
        level = view["level"]?.string
        value = view["value"]?.double
        threshold = view["threshold"]?.double
        labels = Dictionary(labels: view["labels"])
        annotations = Dictionary(labels: view["annotations"])
        firstBreach = view["first_breach"].flatMap(Evidence.init)
        startedAt = view["started_at"]?.stringBytes.flatMap(Instant.init(rfc3339:))
        isDelivered = view["delivered"]?.boolean ?? true
    }
}

extension AlertTransition.Evidence {
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.coordinates(coordinates)
            writer.member("source", source)
            writer.member("id", id)
        }
    }

    public init?(_ view: JSONView) {
        guard let coordinates = RecordCoordinates(view), let source = view["source"]?.string, let id = view["id"]?.string else { return nil }
        self.init(coordinates: coordinates, source: source, id: id)
    }
}
