// What a rule file says, as values: rules, routes, receivers, inhibitions. Made by RuleSetParser alone, so a value of these types has
// passed the static checks. A definition knows which of its parts decide (its condition) and which only speak (labels, annotations,
// route): an edit of the second kind keeps every alert's state. Read next: CompiledRule.swift.

/// A name and a constant text; lists of them are kept sorted by name.
public struct TextPair: Sendable, Equatable, Hashable {
    public let name: String
    public let value: String

    public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
}

/// What a rule looks at.
public enum RuleSource: Sendable, Equatable {
    /// An event type with its version: `site.telemetry.v1`.
    case event(String)
    /// A metric: `regions.gap_mw`.
    case metric(String)

    public var name: String {
        switch self {
        case .event(let name), .metric(let name): name
        }
    }
}

/// Whether a rule's transitions are delivered, only recorded, or not made at all.
public enum RuleMode: String, Sendable, CaseIterable { case enabled, shadow, disabled }

/// `where`: one field that must be one of some values.
public struct RuleFilter: Sendable, Equatable {
    public let field: String
    public let values: [String]
}

/// One level of a rule. With `above` the level begins when the value is greater than `enter` and ends when it is less than `until`;
/// with `below` both are mirrored.
public struct RuleLevel: Sendable, Equatable {
    public let name: String
    public let enter: Double
    public let until: Double
}

/// `missing`: what silence means. Durations in microseconds.
public struct MissingPolicy: Sendable, Equatable {
    public enum State: String, Sendable, CaseIterable { case noData = "no_data", keep, resolved }

    public let after: Int64
    public let state: State
}

/// One rule that has passed its checks. Durations in microseconds.
public struct RuleDefinition: Sendable, Equatable {
    public let id: String
    public let source: RuleSource
    public let filters: [RuleFilter]
    public let value: Expression
    /// The metric of the same entity that `value` is divided by.
    public let of: String?
    /// Fields finer than the entity that are part of the identity, beside the entity itself; sorted.
    public let finer: [String]
    /// True when the levels say `below`.
    public let isBelow: Bool
    /// From the mildest to the gravest.
    public let levels: [RuleLevel]
    public let hold: Int64
    public let keepFiring: Int64
    public let missing: MissingPolicy?
    public let lateness: Int64
    /// True when facts that lie in the future or are projected may fire.
    public let includesPlans: Bool
    public let labels: [TextPair]
    public let annotations: [TextPair]
    public let owner: String?
    public let mode: RuleMode
    public let route: String?

    /// True when `other` decides exactly as this rule does, so that a change from one to the other keeps every state.
    public func decides(as other: RuleDefinition) -> Bool {
        isMeasured(as: other) && levels == other.levels && isBelow == other.isBelow && hold == other.hold && keepFiring == other.keepFiring
            && missing == other.missing && (mode == .disabled) == (other.mode == .disabled)
    }

    /// True when both rules compute the same value for the same alerts, so that the last value of one is a value of the other.
    public func isMeasured(as other: RuleDefinition) -> Bool {
        source == other.source && filters == other.filters && value == other.value && of == other.of && finer == other.finer
            && lateness == other.lateness && includesPlans == other.includesPlans
    }
}

/// Where the transitions of some rules go. Durations in microseconds.
public struct RouteDefinition: Sendable, Equatable {
    public struct Escalation: Sendable, Equatable {
        public let after: Int64
        public let receivers: [String]
    }

    public let name: String
    public let receivers: [String]
    /// Labels whose equal values share one notification.
    public let groupBy: [String]
    public let groupWait: Int64
    public let groupInterval: Int64
    public let repeatInterval: Int64
    public let escalations: [Escalation]
}

/// Somebody who is told. The kinds other than webhook are refused until they exist.
public struct ReceiverDefinition: Sendable, Equatable {
    public struct Webhook: Sendable, Equatable {
        public let url: String
        /// Files with the signing secrets, the first one is in force and the second one, when there, is signed with too (rotation).
        public let secretFiles: [String]
        /// Secrets in the file itself; for tests and demonstrations.
        public let secrets: [String]
        /// True when the address may be loopback, link-local or private.
        public let allowsPrivateAddress: Bool
        public let timeout: Int64
        public let sendsResolved: Bool
    }

    public let name: String
    public let webhook: Webhook
}

/// While an alert that matches `when` fires, alerts that match `mute` with equal labels are not delivered.
public struct InhibitDefinition: Sendable, Equatable {
    public let when: [TextPair]
    public let mute: [TextPair]
    public let equal: [String]
}

/// Routes, receivers and inhibitions: published apart from rules, with another scope.
public struct RoutingDefinition: Sendable, Equatable {
    public let routes: [RouteDefinition]
    public let receivers: [ReceiverDefinition]
    public let inhibitions: [InhibitDefinition]

    init(routes: [RouteDefinition], receivers: [ReceiverDefinition], inhibitions: [InhibitDefinition]) {
        (self.routes, self.receivers, self.inhibitions) = (routes, receivers, inhibitions)
    }

    /// Several routings as one, in order.
    public init(joining routings: [RoutingDefinition]) {
        self.init(
            routes: routings.flatMap(\.routes), receivers: routings.flatMap(\.receivers), inhibitions: routings.flatMap(\.inhibitions))
    }

    public static let empty = RoutingDefinition(routes: [], receivers: [], inhibitions: [])
    public var isEmpty: Bool { self == .empty }
}

/// A whole rule file.
public struct RuleSet: Sendable, Equatable {
    public let rules: [RuleDefinition]
    public let routing: RoutingDefinition
}
