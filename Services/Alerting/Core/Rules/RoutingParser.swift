// Routes, receivers and inhibitions of a rule file. They are published apart from rules, with another scope: who may write rules may not add
// a receiver. Kinds of receivers that do not exist yet are refused by name.

extension RoutingDefinition {
    /// Parses and checks routing alone, as `routing.published` carries it.
    public static func check(_ node: RuleNode) -> (routing: RoutingDefinition?, problems: [RuleProblem]) {
        let problems = ProblemList()
        guard var reader = MapReader(node, "", problems, what: "Routing") else { return (nil, problems.problems) }
        let routing = RoutingParser.routing(&reader, problems)
        reader.close()
        return (problems.hasErrors ? nil : routing, problems.problems)
    }
}

enum RoutingParser {
    /// Kinds of receivers of the language that this release refuses.
    static let notYet = ["alertmanager", "pagerduty", "slack", "email"]

    static func routing(_ reader: inout MapReader, _ problems: ProblemList) -> RoutingDefinition {
        let routes = reader.list("routes").compactMap { route($0.node, $0.pointer, problems) }
        let receivers = reader.list("receivers").compactMap { receiver($0.node, $0.pointer, problems) }
        let inhibitions = reader.list("inhibit").compactMap { inhibition($0.node, $0.pointer, problems) }
        for (names, what) in [(routes.map(\.name), "routes"), (receivers.map(\.name), "receivers")] where Set(names).count != names.count {
            problems.error(reader.place(of: what), reader.path(what), "Two \(what) have the same name.")
        }
        let known = Set(receivers.map(\.name))
        for (index, route) in routes.enumerated() {
            for name in route.receivers + route.escalations.flatMap(\.receivers) where !known.contains(name) {
                let near = nearestName(to: name, among: Array(known).sorted())
                problems.error(reader.place(of: "routes"), "\(reader.path("routes"))/\(index)/receivers",
                    "No receiver \"\(name)\"" + (near.map { "; did you mean \"\($0)\"?" } ?? "."))
            }
        }
        return RoutingDefinition(routes: routes, receivers: receivers, inhibitions: inhibitions)
    }

    private static func route(_ node: RuleNode, _ pointer: String, _ problems: ProblemList) -> RouteDefinition? {
        guard var reader = MapReader(node, pointer, problems, what: "A route") else { return nil }
        let name = reader.requiredText("name", what: "A route")
        let receivers = reader.texts("receivers") ?? []
        if receivers.isEmpty { problems.error(node, reader.path("receivers"), "A route needs at least one receiver.") }
        let groupBy = reader.texts("group_by") ?? ["rule"]
        let groupWait = reader.duration("group_wait") ?? 30_000_000
        let groupInterval = reader.duration("group_interval") ?? 300_000_000
        let repeatInterval = reader.duration("repeat_interval") ?? 4 * 3_600_000_000
        var escalations: [RouteDefinition.Escalation] = []
        for (item, path) in reader.list("escalate") {
            guard var step = MapReader(item, path, problems, what: "An escalation") else { continue }
            let after = step.duration("after")
            let names = step.texts("receivers") ?? []
            step.close()
            guard let after, !names.isEmpty else {
                problems.error(item, path, "An escalation needs \"after\" and \"receivers\".")
                continue
            }
            escalations.append(RouteDefinition.Escalation(after: after, receivers: names))
        }
        reader.close()
        guard let name else { return nil }
        return RouteDefinition(name: name, receivers: receivers, groupBy: groupBy.sorted(), groupWait: groupWait, groupInterval: groupInterval,
            repeatInterval: repeatInterval, escalations: escalations)
    }

    private static func receiver(_ node: RuleNode, _ pointer: String, _ problems: ProblemList) -> ReceiverDefinition? {
        guard var reader = MapReader(node, pointer, problems, what: "A receiver") else { return nil }
        let name = reader.requiredText("name", what: "A receiver")
        for kind in notYet {
            guard let value = reader.optional(kind) else { continue }
            problems.error(value, reader.path(kind), "Receivers of the kind \"\(kind)\" are not supported yet; use webhook.")
        }
        let hook = reader.optional("webhook")
        reader.close()
        guard let hook else {
            problems.error(node, pointer, "A receiver needs \"webhook\".")
            return nil
        }
        guard var webhook = MapReader(hook, "\(pointer)/webhook", problems, what: "A webhook") else { return nil }
        let url = webhook.requiredText("url", what: "A webhook")
        let files = webhook.texts("secret_file") ?? []
        let secrets = webhook.texts("secret") ?? []
        let allowsPrivate = webhook.boolean("allow_private_address") ?? false
        let timeout = webhook.duration("timeout") ?? 10_000_000
        let sendsResolved = webhook.boolean("send_resolved") ?? true
        webhook.close()
        if let url, !(url.hasPrefix("https://") || url.hasPrefix("http://")) || url.utf8.contains(where: { $0 <= 0x20 }) {
            problems.error(webhook.place(of: "url"), webhook.path("url"), "Expected a URL that begins with https:// or http://.")
        }
        if files.count + secrets.count > 2 {
            problems.error(hook, webhook.path("secret"), "At most two secrets: the one in force and the one before it.")
        }
        if timeout == 0 || timeout > 120_000_000 { problems.error(webhook.place(of: "timeout"), webhook.path("timeout"), "A timeout lies between 1ms and 2m.") }
        guard let name, let url else { return nil }
        return ReceiverDefinition(name: name, webhook: ReceiverDefinition.Webhook(
            url: url, secretFiles: files, secrets: secrets, allowsPrivateAddress: allowsPrivate, timeout: timeout, sendsResolved: sendsResolved))
    }

    private static func inhibition(_ node: RuleNode, _ pointer: String, _ problems: ProblemList) -> InhibitDefinition? {
        guard var reader = MapReader(node, pointer, problems, what: "An inhibition") else { return nil }
        let when = reader.pairs("when")
        let mute = reader.pairs("mute")
        let equal = reader.texts("equal") ?? []
        reader.close()
        if when.isEmpty || mute.isEmpty { problems.error(node, pointer, "An inhibition needs \"when\" and \"mute\", each with at least one label.") }
        return InhibitDefinition(when: when, mute: mute, equal: equal.sorted())
    }
}
