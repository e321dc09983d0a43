// What the evaluator says: an alert moved from one state to another, because of a record that is named. Values only; the App turns them into
// rows and messages. The id of the message is a digest of what decided, so the same log gives the same ids and a repeat collapses on its key.

public import Models

/// Why nobody is told of a transition.
public enum Undelivered: UInt8, Sendable, CaseIterable {
    /// It is delivered.
    case none
    /// A state that receivers do not hear of (pending, recovering).
    case unspoken
    /// The rule is in shadow mode.
    case shadow
    /// Its event is older than the limit.
    case backfill

    public var name: String { String(describing: self) }
}

/// A record by its topic's role; the full name is put before it where rows and messages are made.
public struct LogPlace: Sendable, Hashable {
    public var topic: TopicName
    public var partition: Int32
    public var recordOffset: Int64

    public init(topic: TopicName, partition: Int32, recordOffset: Int64) {
        (self.topic, self.partition, self.recordOffset) = (topic, partition, recordOffset)
    }

    public func coordinates(prefix: String) -> RecordCoordinates {
        RecordCoordinates(topic: topic.fullName(prefix: prefix), partition: partition, recordOffset: recordOffset)
    }
}

/// A record that counted, with the identity of its event (a metric's is its name and number, a tick's is `clock` and its number).
public struct Witness: Sendable, Equatable {
    public let place: LogPlace
    public let source: String
    public let id: String

    public init(place: LogPlace, source: String, id: String) { (self.place, self.source, self.id) = (place, source, id) }
}

/// One change of one alert.
public struct Transition: Sendable {
    public let kind: AlertTransition.Kind
    public let rule: String
    public let ruleVersion: Int64
    public let fingerprint: Fingerprint
    /// Identity labels, constants and the entity's own fields; sorted by name.
    public let labels: [TextPair]
    public let annotations: [TextPair]
    public let from: AlertState
    public let to: AlertState
    /// The level before and after; nil where there is none.
    public let fromLevel: String?
    public let level: String?
    /// What was measured, and the bound that it passed; nil when no value decided.
    public let value: Double?
    public let threshold: Double?
    /// When it was true in the world, and when the deciding record was accepted.
    public let eventAt: Instant
    public let acceptedAt: Instant
    /// When this alert began to fire; nil while it never did.
    public let startedAt: Instant?
    public let deciding: Witness
    /// The first breach of this alert.
    public let firstBreach: Witness?
    public let cut: Int64
    public let undelivered: Undelivered
    public let route: String?
    public let owner: String?

    public var isDelivered: Bool { undelivered == .none }

    /// The message on the `alerts` topic; its id is the transition's.
    public func message(prefix: String) -> AlertTransition {
        func evidence(_ witness: Witness) -> AlertTransition.Evidence {
            AlertTransition.Evidence(coordinates: witness.place.coordinates(prefix: prefix), source: witness.source, id: witness.id)
        }
        var message = AlertTransition(
            rule: rule, ruleVersion: ruleVersion, fingerprint: fingerprint.description, kind: kind, from: from, to: to, eventAt: eventAt,
            acceptedAt: acceptedAt, deciding: evidence(deciding), cut: cut)
        (message.level, message.value, message.threshold, message.startedAt) = (level, value, threshold, startedAt)
        message.labels = Dictionary(labels.map { ($0.name, $0.value) }) { $1 }
        message.annotations = Dictionary(annotations.map { ($0.name, $0.value) }) { $1 }
        message.firstBreach = firstBreach.map(evidence)
        message.isDelivered = isDelivered
        return message
    }
}

/// A chain over transitions in order: equal digests mean equal histories.
public struct RunningDigest: Sendable, Equatable {
    public private(set) var value: StableDigest
    public private(set) var count: Int64

    public init(value: StableDigest = .zero, count: Int64 = 0) { (self.value, self.count) = (value, count) }

    mutating func add(_ transition: Transition) {
        var builder = DigestBuilder(purpose: 5)
        builder.combine(value.high)
        builder.combine(value.low)
        builder.combine(transition.rule)
        builder.combine(transition.ruleVersion)
        builder.combine(transition.fingerprint.rawValue)
        builder.combine(transition.kind.rawValue)
        builder.combine(transition.from.rawValue)
        builder.combine(transition.to.rawValue)
        builder.combine(transition.level ?? "")
        builder.combine((transition.value ?? 0).bitPattern)
        builder.combine(transition.eventAt)
        builder.combine(transition.deciding.place.topic.rawValue)
        builder.combine(Int64(transition.deciding.place.partition))
        builder.combine(transition.deciding.place.recordOffset)
        value = builder.finished()
        count += 1
    }
}
