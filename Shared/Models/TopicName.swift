// The topics of the log and how each is made: the one place where partitions and retention are decided. Every topic carries the broker's own
// timestamps (LogAppendTime), because a record's timestamp is when it was accepted. Partition counts never change after creation: an entity's
// partition number is part of its order. Read next: EventType.swift, which says what goes where.

/// A topic by its role. The full name on the broker is the prefix, a dot and the raw value.
public enum TopicName: String, CaseIterable, Sendable, Hashable {
    case events, telemetry, control, clock, metrics, alerts, quarantine

    public static let defaultPrefix = "gigawatch"

    /// `gigawatch.events` for the default prefix.
    public func fullName(prefix: String = TopicName.defaultPrefix) -> String { "\(prefix).\(rawValue)" }

    /// The topic whose full name this is; nil for any other topic.
    public init?(fullName: String, prefix: String = TopicName.defaultPrefix) {
        guard fullName.hasPrefix(prefix), fullName.dropFirst(prefix.count).first == "." else { return nil }
        self.init(rawValue: String(fullName.dropFirst(prefix.count + 1)))
    }
}

/// How a topic is created.
public struct TopicPlan: Sendable, Equatable {
    public let name: TopicName
    public var partitions: Int32
    /// Milliseconds that a record is kept; -1 is for ever.
    public var retentionMilliseconds: Int64
    public let meaning: String

    /// Partitions of every topic but `control` and `clock`.
    public static let defaultPartitions: Int32 = 12
    public static let forEver: Int64 = -1

    public func fullName(prefix: String = TopicName.defaultPrefix) -> String { name.fullName(prefix: prefix) }

    /// Kafka's configuration of the topic, as `CreateTopics` takes it.
    public var configuration: [(name: String, value: String)] {
        [
            ("cleanup.policy", cleanupPolicy),
            ("message.timestamp.type", timestampType),
            ("retention.ms", String(retentionMilliseconds)),
            ("retention.bytes", "-1"),
        ]
    }
    public var cleanupPolicy: String { "delete" }
    public var timestampType: String { "LogAppendTime" }

    public static let all: [TopicPlan] = TopicName.allCases.map { plan(for: $0) }

    public static func plan(for name: TopicName) -> TopicPlan {
        switch name {
        case .events: kept(name, "facts about the build-out")
        case .telemetry:
            TopicPlan(name: name, partitions: defaultPartitions, retentionMilliseconds: 86_400_000, meaning: "meter readings: raw for a day")
        case .control: TopicPlan(name: name, partitions: 1, retentionMilliseconds: forEver, meaning: "rules, routing, acknowledgements, silences")
        case .clock: TopicPlan(name: name, partitions: 1, retentionMilliseconds: 7 * 86_400_000, meaning: "ticks: how far every partition had come")
        case .metrics: kept(name, "each changed value of a read model, numbered, with its cause")
        case .alerts: kept(name, "alert transitions")
        case .quarantine: kept(name, "records that could not be applied, original bytes, reason headers")
        }
    }

    private static func kept(_ name: TopicName, _ meaning: String) -> TopicPlan {
        TopicPlan(name: name, partitions: defaultPartitions, retentionMilliseconds: forEver, meaning: meaning)
    }
}
