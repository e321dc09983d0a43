// What applying a rule file posts to ingestion: one event per rule and one for the routing. Their ids are digests of their content and the moment
// is the caller's, so that the same apply repeated is the same events. Read next: Evaluation/ControlLog.swift, which reads them back.

public import Models

extension RuleSet {
    /// The control events that bring this file into force.
    /// - Parameter text: the file as it was written; kept beside the rule for people. Nil leaves it out.
    /// - Parameter at: when it was applied. It goes into the ids: the same file applied again later is new events, which change nothing.
    public func controlEvents(source: String, at: Instant, comment: String? = nil) -> [EventWriter] {
        var events = rules.map { rule in
            event(.rulePublished, "rule", rule.json, subject: rule.id, source: source, at: at, comment: comment)
        }
        if !routing.isEmpty {
            events.append(event(.routingPublished, "routing", routing.json, subject: "default", source: source, at: at, comment: comment))
        }
        return events
    }

    private func event(
        _ type: EventType, _ member: String, _ json: [UInt8], subject: String, source: String, at: Instant, comment: String?
    ) -> EventWriter {
        var digest = DigestBuilder(purpose: 6)
        digest.combine(subject)
        digest.combine(at)
        json.withUnsafeBytes { digest.combine($0) }
        var event = EventWriter(type, id: "\(subject.prefix(160))-\(digest.finished())", source: source, subject: subject, occurredAt: at)
        event.data { writer in
            writer.key(member)
            writer.raw(json)
            if let comment { writer.member("comment", comment) }
        }
        return event
    }
}

extension RuleDefinition {
    /// Checks the data of a control event at the door. Returns what is wrong; empty when all is well or the event is of another type.
    public static func problems(inControlEvent event: EventView) -> [RuleProblem] {
        guard let type = event.eventType, let data = event.data else { return [] }
        switch type.name {
        case "rule.published":
            guard let document = data["rule"] else { return [] }
            let (rule, problems) = check(RuleNode(json: document), pointer: "/data/rule")
            guard let rule, rule.id != event.subject.text else { return problems.filter { $0.severity == .error } }
            return [RuleProblem(line: 0, column: 0, pointer: "/subject", message: "The subject must be the rule's id, \(rule.id).")]
        case "routing.published":
            guard let document = data["routing"] else { return [] }
            return RoutingDefinition.check(RuleNode(json: document)).problems.filter { $0.severity == .error }
        default: return []
        }
    }
}
