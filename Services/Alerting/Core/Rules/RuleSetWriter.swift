// Definitions as canonical JSON: keys in one order, defaults left out, durations in their shortest form. The same rule, however it was written,
// has the same bytes, so that applying an unchanged file changes nothing. What is written here is what RuleSetParser reads.

public import Models

extension RuleDefinition {
    /// Writes the rule as one JSON object.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id)
            switch source {
            case .event(let name): writer.member("on", name)
            case .metric(let name): writer.member("metric", name)
            }
            if !filters.isEmpty {
                writer.key("where")
                writer.object { writer in
                    for filter in filters {
                        writer.key(filter.field)
                        writer.array { writer in for value in filter.values { writer.string(value) } }
                    }
                }
            }
            writer.member("value", value.text)
            if let of { writer.member("of", of) }
            writer.key("by")
            writer.array { writer in for name in ["subject"] + finer { writer.string(name) } }
            writer.key("levels")
            writer.array { writer in
                for level in levels {
                    writer.object { writer in
                        writer.member("name", level.name)
                        writer.member(isBelow ? "below" : "above", level.enter)
                        writer.member("until", level.until)
                    }
                }
            }
            if hold > 0 { writer.member("for", Duration64.text(hold)) }
            if keepFiring > 0 { writer.member("keep_firing_for", Duration64.text(keepFiring)) }
            if let missing {
                writer.key("missing")
                writer.object { writer in
                    writer.member("after", Duration64.text(missing.after))
                    writer.member("state", missing.state.rawValue)
                }
            }
            if lateness > 0 { writer.member("lateness", Duration64.text(lateness)) }
            if includesPlans { writer.member("include_plans", true) }
            writer.pairs("labels", labels)
            writer.pairs("annotations", annotations)
            if let owner { writer.member("owner", owner) }
            if mode != .enabled { writer.member("mode", mode.rawValue) }
            if let route { writer.member("route", route) }
        }
    }

    /// The canonical JSON text.
    public var json: [UInt8] {
        var writer = JSONWriter(reserving: 512)
        write(to: &writer)
        return writer.bytes
    }
}

extension RoutingDefinition {
    /// Writes routes, receivers and inhibitions as one JSON object. Secrets in it are written too: publish it only to the log.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("routes")
            writer.array { writer in for route in routes { route.write(to: &writer) } }
            writer.key("receivers")
            writer.array { writer in for receiver in receivers { receiver.write(to: &writer) } }
            writer.key("inhibit")
            writer.array { writer in
                for inhibition in inhibitions {
                    writer.object { writer in
                        writer.pairs("when", inhibition.when)
                        writer.pairs("mute", inhibition.mute)
                        writer.texts("equal", inhibition.equal)
                    }
                }
            }
        }
    }

    /// The canonical JSON text.
    public var json: [UInt8] {
        var writer = JSONWriter(reserving: 512)
        write(to: &writer)
        return writer.bytes
    }
}

extension RouteDefinition {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.texts("receivers", receivers)
            writer.texts("group_by", groupBy)
            writer.member("group_wait", Duration64.text(groupWait))
            writer.member("group_interval", Duration64.text(groupInterval))
            writer.member("repeat_interval", Duration64.text(repeatInterval))
            guard !escalations.isEmpty else { return }
            writer.key("escalate")
            writer.array { writer in
                for step in escalations {
                    writer.object { writer in
                        writer.member("after", Duration64.text(step.after))
                        writer.texts("receivers", step.receivers)
                    }
                }
            }
        }
    }
}

extension ReceiverDefinition {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.key("webhook")
            writer.object { writer in
                writer.member("url", webhook.url)
                if !webhook.secretFiles.isEmpty { writer.texts("secret_file", webhook.secretFiles) }
                if !webhook.secrets.isEmpty { writer.texts("secret", webhook.secrets) }
                if webhook.allowsPrivateAddress { writer.member("allow_private_address", true) }
                writer.member("timeout", Duration64.text(webhook.timeout))
                if !webhook.sendsResolved { writer.member("send_resolved", false) }
            }
        }
    }
}

extension JSONWriter {
    mutating func texts(_ name: String, _ values: [String]) {
        key(name)
        array { writer in for value in values { writer.string(value) } }
    }

    mutating func pairs(_ name: String, _ pairs: [TextPair]) {
        guard !pairs.isEmpty else { return }
        key(name)
        object { writer in for pair in pairs { writer.member(pair.name, pair.value) } }
    }
}
