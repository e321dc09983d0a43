// Decides who hears of a transition. One process at a time, by advisory lock: it records rule versions and routing from the control topic, puts
// transitions on the alerts topic, gathers them into groups, and writes a delivery per receiver when a group is due. Everything it decides is in
// PostgreSQL before anything is sent, so a new leader goes on where the old one stopped. One thread. Read next: Deliverer.swift.

import AlertingCore
import JSON
import Kafka
import Models
import Operations
import Postgres
import Streaming

final class Notifier {
    private let settings: AlertingSettings
    private let signals: AlertingSignals
    private let lock: LeaderLock
    private let publisher: AlertPublisher
    private var control: ControlRecorder?
    private var deliverers: [String: Deliverer] = [:]
    private let parser = JSONParser()

    init(_ settings: AlertingSettings, signals: AlertingSignals) {
        (self.settings, self.signals) = (settings, signals)
        lock = LeaderLock("notifier", settings)
        publisher = AlertPublisher(settings, signals: signals)
    }

    func run() {
        var pause = OutagePause()
        while !settings.shutdown.isRequested {
            guard lock.hold(), let connection = lock.connection else {
                stopDeliveries()
                control = nil
                _ = settings.shutdown.wait(seconds: 0.5)
                continue
            }
            do {
                let control = try self.control ?? ControlRecorder(settings, connection)
                if self.control == nil { try connection.listen("gigawatch_alerts") }
                self.control = control
                var steps = try control.pump(on: connection) ? 1 : 0
                let routing = control.routing
                follow(routing)
                steps += try publisher.publish(on: connection)
                steps += try gather(routing, on: connection)
                steps += try flush(routing, on: connection)
                if !pause.isOver { pause.reset() }
                if steps == 0 { _ = try connection.notifications(within: .milliseconds(50)) }
            } catch {
                settings.log.warning("notifying waits", ["reason": .text("\(error)")])
                _ = settings.shutdown.wait(seconds: Double(pause.next()) / 1000)
            }
        }
        stopDeliveries()
        publisher.close()
        control?.close()
        lock.release()
    }

    // MARK: Groups

    /// Puts transitions that were not looked at into their groups, in order. Returns how many.
    private func gather(_ routing: RoutingDefinition, on connection: Connection) throws -> Int {
        let rows = try connection.query(
            """
            SELECT ordinal, id, fingerprint, route, to_state, message::text FROM gigawatch.alert_transition
            WHERE notified_at IS NULL AND delivered ORDER BY ordinal LIMIT 1000
            """)
        guard !rows.isEmpty else { return 0 }
        // Without any route nobody is told: one statement for all, so that a storm without receivers costs little.
        guard !routing.routes.isEmpty else {
            let ordinals = (0..<rows.count).map { rows.int64($0, 0) }
            try connection.query(
                "UPDATE gigawatch.alert_transition SET notified_at = clock_timestamp() WHERE ordinal = ANY($1::bigint[])", [.intArray(ordinals)])
            return rows.count
        }
        for row in 0..<rows.count {
            guard let ordinal = rows.int64(row, 0), let id = rows.text(row, 1), let fingerprint = rows.text(row, 2), let state = rows.text(row, 4),
                let bytes = rows.utf8(row, 5), let transition = AlertTransition(try parser.parse(bytes))
            else { continue }
            try connection.transaction { connection in
                if let route = Self.route(named: rows.text(row, 3), in: routing) {
                    try join(route, transition, id: id, fingerprint: fingerprint, isFiring: state == "firing" || state == "no_data", on: connection)
                }
                try connection.query("UPDATE gigawatch.alert_transition SET notified_at = clock_timestamp() WHERE ordinal = $1", [.int(ordinal)])
            }
            // With group_wait 0 each transition goes out by itself, in order.
            _ = try flush(routing, on: connection)
        }
        return rows.count
    }

    /// The route of that name; the first one for rules that name none or one that is gone.
    static func route(named name: String?, in routing: RoutingDefinition) -> RouteDefinition? {
        routing.routes.first { $0.name == name } ?? routing.routes.first
    }

    private func join(
        _ route: RouteDefinition, _ transition: AlertTransition, id: String, fingerprint: String, isFiring: Bool, on connection: Connection
    ) throws {
        let (key, labels) = Grouping.key(route: route, labels: transition.labels)
        var writer = JSONWriter()
        writer.labels(labels)
        let group = try connection.int64(
            """
            INSERT INTO gigawatch.notification_group AS g (route, group_key, labels, flush_at)
            VALUES ($1, $2, $3, clock_timestamp() + make_interval(secs => $4))
            ON CONFLICT (route, group_key) DO UPDATE SET flush_at = least(
              coalesce(g.flush_at, 'infinity'),
              CASE WHEN g.flushed_at IS NULL OR NOT EXISTS (SELECT 1 FROM gigawatch.notification_member m WHERE m.group_id = g.group_id)
                THEN clock_timestamp() + make_interval(secs => $4)
                ELSE greatest(clock_timestamp(), g.flushed_at + make_interval(secs => $5)) END)
            RETURNING group_id
            """,
            [.text(route.name), .text(key), .json(writer.bytes), .double(Double(route.groupWait) / 1e6), .double(Double(route.groupInterval) / 1e6)])
        guard let group else { return }
        try connection.query(
            """
            INSERT INTO gigawatch.notification_member (group_id, fingerprint, transition, is_firing, is_changed) VALUES ($1, $2, $3, $4, true)
            ON CONFLICT (group_id, fingerprint) DO UPDATE SET transition = EXCLUDED.transition, is_firing = EXCLUDED.is_firing, is_changed = true
            """, [.int(group), .text(fingerprint), .text(id), .bool(isFiring)])
    }

    /// Writes the deliveries of every group that is due. Returns how many groups.
    private func flush(_ routing: RoutingDefinition, on connection: Connection) throws -> Int {
        let due = try connection.query(
            """
            SELECT group_id, route, group_key, labels::text, flushes FROM gigawatch.notification_group
            WHERE flush_at <= clock_timestamp() ORDER BY flush_at, group_id LIMIT 50
            """)
        for row in 0..<due.count {
            guard let group = due.int64(row, 0), let routeName = due.text(row, 1), let key = due.text(row, 2), let labels = due.utf8(row, 3),
                let flushes = due.int64(row, 4)
            else { continue }
            let groupLabels = Dictionary(labels: try parser.parse(labels))
            let route = routing.routes.first { $0.name == routeName }
            try connection.transaction { connection in
                try flush(group, route, key: key, labels: groupLabels, number: flushes + 1, routing, on: connection)
            }
        }
        return due.count
    }

    private func flush(
        _ group: Int64, _ route: RouteDefinition?, key: String, labels: [String: String], number: Int64, _ routing: RoutingDefinition,
        on connection: Connection
    ) throws {
        guard let route else {
            try connection.query("DELETE FROM gigawatch.notification_group WHERE group_id = $1", [.int(group)])
            return
        }
        let members = try connection.query(
            """
            SELECT m.is_firing, m.is_changed, t.message::text, t.ordinal FROM gigawatch.notification_member m
            JOIN gigawatch.alert_transition t ON t.id = m.transition WHERE m.group_id = $1 ORDER BY NOT m.is_firing, t.ordinal
            """, [.int(group)])
        var alerts: [NotifiedAlert] = []
        var changed = 0
        var newFiring = 0
        for row in 0..<members.count {
            guard let isFiring = members.bool(row, 0), let isChanged = members.bool(row, 1), let bytes = members.utf8(row, 2),
                let transition = AlertTransition(try parser.parse(bytes))
            else { continue }
            alerts.append(NotifiedAlert(transition: transition, isFiring: isFiring))
            if isChanged { changed += 1 }
            if isChanged, isFiring { newFiring += 1 }
        }
        let firing = alerts.filter(\.isFiring)
        let reason: NotificationReason =
            changed == 0 ? .repeated : firing.isEmpty ? .allResolved : number == 1 || newFiring == firing.count ? .first
                : newFiring > 0 ? .added : .someResolved
        if !alerts.isEmpty {
            for name in route.receivers {
                guard let receiver = routing.receivers.first(where: { $0.name == name }) else { continue }
                let shown = receiver.webhook.sendsResolved ? alerts : firing
                guard !shown.isEmpty else { continue }
                let body = WebhookBody(
                    receiver: name, reason: reason, groupKey: key, groupLabels: labels, alerts: shown, externalURL: settings.externalURL)
                var digest = DigestBuilder(purpose: 7)
                digest.combine(settings.prefix)
                digest.combine(group)
                digest.combine(number)
                digest.combine(name)
                let ids = shown.map(\.transition.id)
                for id in ids { digest.combine(id) }
                try connection.query(
                    """
                    INSERT INTO gigawatch.delivery (id, group_id, receiver, reason, body, transitions) VALUES ($1, $2, $3, $4, $5, $6::text[])
                    ON CONFLICT (id) DO NOTHING
                    """,
                    [
                        .text("msg_\(digest.finished())"), .int(group), .text(name), .text(reason.rawValue), .bytes(body.bytes), .textArray(ids),
                    ])
            }
            try connection.notify("gigawatch_deliveries")
        }
        try connection.query("DELETE FROM gigawatch.notification_member WHERE group_id = $1 AND NOT is_firing", [.int(group)])
        try connection.query("UPDATE gigawatch.notification_member SET is_changed = false WHERE group_id = $1 AND is_changed", [.int(group)])
        try connection.query(
            """
            UPDATE gigawatch.notification_group SET flushed_at = clock_timestamp(), flushes = $2,
              flush_at = CASE WHEN $3::boolean THEN clock_timestamp() + make_interval(secs => $4) END WHERE group_id = $1
            """,
            [.int(group), .int(number), .bool(!firing.isEmpty), .double(Double(max(route.repeatInterval, 1_000_000)) / 1e6)])
    }

    // MARK: Deliveries

    /// One deliverer per receiver of the routing in force.
    private func follow(_ routing: RoutingDefinition) {
        for receiver in routing.receivers where deliverers[receiver.name]?.receiver != receiver {
            deliverers[receiver.name]?.stop()
            deliverers[receiver.name] = Deliverer(receiver, settings, signals: signals)
        }
        for name in deliverers.keys where !routing.receivers.contains(where: { $0.name == name }) {
            deliverers.removeValue(forKey: name)?.stop()
        }
    }

    private func stopDeliveries() {
        for deliverer in deliverers.values { deliverer.stop() }
        deliverers = [:]
    }
}

/// Writes rule versions and routing into their tables as the control topic brings them, and knows the routing in force.
final class ControlRecorder {
    private let settings: AlertingSettings
    private let feed: ClockFeed
    private let inbox: Inbox
    private var routings: [String: RoutingDefinition] = [:]

    private final class Inbox {
        var entries: [(ControlEntry, [UInt8])] = []
    }

    init(_ settings: AlertingSettings, _ connection: Connection) throws {
        let inbox = Inbox()
        (self.settings, self.inbox) = (settings, inbox)
        feed = ClockFeed(settings) { inbox.entries.append(($0, $1)) }
        try feed.start(clockFrom: .max)
    }

    func close() { feed.close() }

    /// Routes, receivers and inhibitions of every published routing, by its name.
    var routing: RoutingDefinition {
        RoutingDefinition(joining: routings.sorted { $0.key < $1.key }.map(\.value))
    }

    func pump(on connection: Connection) throws -> Bool {
        guard feed.pump() || !inbox.entries.isEmpty else { return false }
        let topic = settings.topic(.control)
        for (entry, bytes) in inbox.entries {
            switch entry.change {
            case .publish(let version):
                let text = try JSONParser().withParsed(bytes) { $0["data"]?["text"]?.string }
                try connection.query(
                    """
                    INSERT INTO gigawatch.rule_version (rule, version, definition, text, published_at, topic, partition, record_offset, mode)
                    VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8) ON CONFLICT (rule, version) DO NOTHING
                    """,
                    [
                        .text(version.definition.id), .int(version.version), .json(version.definition.json), .text(orNull: text),
                        .instant(entry.acceptedAt), .text(topic), .int(entry.recordOffset), .text(version.definition.mode.rawValue),
                    ])
            case .retire(let rule):
                try connection.query(
                    """
                    UPDATE gigawatch.rule_version SET retired = true, retired_at = $2
                    WHERE rule = $1 AND NOT retired AND record_offset < $3
                    """, [.text(rule), .instant(entry.acceptedAt), .int(entry.recordOffset)])
            case .routing(let subject, let routing):
                routings[subject] = routing
                try connection.query(
                    """
                    INSERT INTO gigawatch.routing (name, definition, published_at, record_offset) VALUES ($1, $2, $3, $4)
                    ON CONFLICT (name) DO UPDATE SET definition = EXCLUDED.definition, published_at = EXCLUDED.published_at,
                      record_offset = EXCLUDED.record_offset
                    """, [.text(subject), .json(routing.json), .instant(entry.acceptedAt), .int(entry.recordOffset)])
            case .notice(let type, let subject, let json): try note(type, subject, json, entry, on: connection)
            case .unchanged, .refused: break
            }
        }
        inbox.entries = []
        return true
    }

    /// Acknowledgements and silences go into their tables. Taken again from the first record at each start: the newest offset wins.
    private func note(_ type: String, _ subject: String, _ json: [UInt8], _ entry: ControlEntry, on connection: Connection) throws {
        switch type {
        case "alert.acknowledged":
            try connection.query(
                """
                INSERT INTO gigawatch.acknowledgement AS a (fingerprint, started_at, by, comment, expires_at, acknowledged_at, record_offset)
                SELECT $1, (d->>'started_at')::timestamptz, d->>'by', d->>'comment', (d->>'expires_at')::timestamptz, $3, $4 FROM (SELECT $2::jsonb AS d) x
                ON CONFLICT (fingerprint) DO UPDATE SET started_at = EXCLUDED.started_at, by = EXCLUDED.by, comment = EXCLUDED.comment,
                  expires_at = EXCLUDED.expires_at, acknowledged_at = EXCLUDED.acknowledged_at, record_offset = EXCLUDED.record_offset
                WHERE a.record_offset < EXCLUDED.record_offset
                """, [.text(subject), .json(json), .instant(entry.acceptedAt), .int(entry.recordOffset)])
        case "alert.unacknowledged":
            try connection.query(
                "DELETE FROM gigawatch.acknowledgement WHERE fingerprint = $1 AND record_offset < $2", [.text(subject), .int(entry.recordOffset)])
        case "silence.created":
            try connection.query(
                """
                INSERT INTO gigawatch.silence AS s (silence, matchers, starts_at, ends_at, comment, created_by, created_at, record_offset)
                SELECT $1, d->'matchers', (d->>'starts_at')::timestamptz, (d->>'ends_at')::timestamptz, d->>'comment', d->>'created_by', $3, $4
                FROM (SELECT $2::jsonb AS d) x
                ON CONFLICT (silence) DO UPDATE SET matchers = EXCLUDED.matchers, starts_at = EXCLUDED.starts_at, ends_at = EXCLUDED.ends_at,
                  comment = EXCLUDED.comment, created_by = EXCLUDED.created_by, created_at = EXCLUDED.created_at, record_offset = EXCLUDED.record_offset
                WHERE s.record_offset < EXCLUDED.record_offset
                """, [.text(subject), .json(json), .instant(entry.acceptedAt), .int(entry.recordOffset)])
        case "silence.ended":
            try connection.query(
                "UPDATE gigawatch.silence SET ends_at = least(ends_at, $2) WHERE silence = $1 AND record_offset < $3",
                [.text(subject), .instant(entry.acceptedAt), .int(entry.recordOffset)])
        default: break
        }
    }
}
