// The body of a webhook: Alertmanager's version 4 with one extra key, `gigawatch`. Made once per notification and stored, so that every attempt
// sends the same bytes under the same id. Pure.

public import Models

/// One alert as a notification shows it.
public struct NotifiedAlert: Sendable {
    public let transition: AlertTransition
    public let isFiring: Bool

    public init(transition: AlertTransition, isFiring: Bool) { (self.transition, self.isFiring) = (transition, isFiring) }

    /// Labels with the level as `severity`; the identity stays the fingerprint's.
    var labels: [String: String] {
        var labels = transition.labels
        if let level = transition.level { labels["severity"] = level }
        if transition.to == .noData { labels["severity"] = "no_data" }
        return labels
    }
}

public enum NotificationReason: String, Sendable {
    case first = "first notification"
    case added = "new alerts added"
    case someResolved = "some alerts resolved"
    case allResolved = "all alerts resolved"
    case repeated = "repeat interval elapsed"
}

/// What decides which alerts share a notification.
public enum Grouping {
    /// The labels of a route's group, and its key. `rule` stands for the alert's name.
    public static func key(route: RouteDefinition, labels: [String: String]) -> (key: String, labels: [String: String]) {
        var group: [String: String] = [:]
        for name in route.groupBy where name != "..." { group[name] = labels[name] ?? "" }
        let shown = route.groupBy.map { "\($0)=\"\(labels[$0] ?? "")\"" }.joined(separator: ", ")
        let all = route.groupBy.contains("...")
            ? labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }.joined(separator: ", ") : shown
        return ("{}/{route=\"\(route.name)\"}:{\(all)}", route.groupBy.contains("...") ? labels : group)
    }
}

public struct WebhookBody: Sendable {
    public let receiver: String
    public let reason: NotificationReason
    public let groupKey: String
    public let groupLabels: [String: String]
    /// Firing ones first, then resolved ones.
    public let alerts: [NotifiedAlert]
    public let externalURL: String

    public init(
        receiver: String, reason: NotificationReason, groupKey: String, groupLabels: [String: String], alerts: [NotifiedAlert], externalURL: String
    ) {
        (self.receiver, self.reason, self.groupKey, self.groupLabels) = (receiver, reason, groupKey, groupLabels)
        (self.alerts, self.externalURL) = (alerts, externalURL)
    }

    /// The JSON text.
    public var bytes: [UInt8] {
        var writer = JSONWriter(reserving: 1024)
        writer.object { writer in
            writer.member("receiver", receiver)
            writer.member("status", alerts.contains(where: \.isFiring) ? "firing" : "resolved")
            writer.key("alerts")
            writer.array { writer in for alert in alerts { write(alert, to: &writer) } }
            writer.member("notification_reason", reason.rawValue)
            writer.key("groupLabels")
            writer.labels(groupLabels)
            writer.key("commonLabels")
            writer.labels(common(alerts.map(\.labels)))
            writer.key("commonAnnotations")
            writer.labels(common(alerts.map(\.transition.annotations)))
            writer.key("routeLabels")
            writer.labels([:])
            writer.member("externalURL", externalURL)
            writer.member("version", "4")
            writer.member("groupKey", groupKey)
            writer.member("truncatedAlerts", 0)
            writer.key("gigawatch")
            writer.object { writer in
                writer.key("transitions")
                writer.array { writer in for alert in alerts { alert.transition.write(to: &writer) } }
            }
        }
        return writer.bytes
    }

    private func write(_ alert: NotifiedAlert, to writer: inout JSONWriter) {
        let transition = alert.transition
        writer.object { writer in
            writer.member("status", alert.isFiring ? "firing" : "resolved")
            writer.key("labels")
            writer.labels(alert.labels)
            writer.key("annotations")
            writer.labels(transition.annotations)
            writer.member("startsAt", transition.startedAt ?? transition.eventAt)
            // Alertmanager's own notation for "has not ended".
            if alert.isFiring { writer.member("endsAt", "0001-01-01T00:00:00Z") } else { writer.member("endsAt", transition.eventAt) }
            writer.member("generatorURL", "\(externalURL)/v1/alerts/\(transition.fingerprint)")
            writer.member("fingerprint", transition.fingerprint)
        }
    }

    private func common(_ maps: [[String: String]]) -> [String: String] {
        guard let first = maps.first else { return [:] }
        return first.filter { name, value in maps.allSatisfy { $0[name] == value } }
    }
}
