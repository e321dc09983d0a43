// From a tree to a checked rule set. Reports every problem with its place; returns a rule set only when there is no error. The static checks
// answer: does the source exist, do its fields, can the rule fire, can it resolve, is `until` on the right side, does `by` keep to the entity.
// What the evaluator cannot do yet is refused by name rather than ignored. Read next: RoutingParser.swift, RuleSetWriter.swift.

/// What checking a rule file gives.
public struct RuleCheck: Sendable {
    /// Nil when there is an error.
    public let ruleSet: RuleSet?
    public let problems: [RuleProblem]

    public var errors: [RuleProblem] { problems.filter { $0.severity == .error } }
    public var warnings: [RuleProblem] { problems.filter { $0.severity == .warning } }
}

extension RuleSet {
    /// Parses and checks a whole rule file.
    public static func check(_ root: RuleNode) -> RuleCheck {
        let problems = ProblemList()
        guard var reader = MapReader(root, "", problems, what: "A rule file") else { return RuleCheck(ruleSet: nil, problems: problems.problems) }
        var rules: [RuleDefinition] = []
        var places: [String: Int] = [:]
        for (node, pointer) in reader.list("rules") {
            guard let rule = RuleParser.rule(node, pointer, problems) else { continue }
            if places.updateValue(node.line, forKey: rule.id) != nil {
                problems.error(node, "\(pointer)/id", "The rule \"\(rule.id)\" stands here twice.")
            }
            rules.append(rule)
        }
        let routing = RoutingParser.routing(&reader, problems)
        reader.close()
        let routeNames = Set(routing.routes.map(\.name))
        for (index, rule) in rules.enumerated() {
            // A file of rules alone names routes that were published apart; only a file that has routes can be checked against itself.
            guard let route = rule.route, !routeNames.isEmpty, !routeNames.contains(route) else { continue }
            problems.error(root, "/rules/\(index)/route", "The rule \"\(rule.id)\" names the route \"\(route)\", which this file does not have.")
        }
        let set = problems.hasErrors ? nil : RuleSet(rules: rules, routing: routing)
        return RuleCheck(ruleSet: set, problems: problems.problems)
    }
}

extension RuleDefinition {
    /// Parses and checks one rule, as `rule.published` carries it.
    public static func check(_ node: RuleNode, pointer: String = "") -> (rule: RuleDefinition?, problems: [RuleProblem]) {
        let problems = ProblemList()
        let rule = RuleParser.rule(node, pointer, problems)
        return (problems.hasErrors ? nil : rule, problems.problems)
    }
}

enum RuleParser {
    /// At most this many levels: the evaluator keeps their phases beside each other.
    static let levelLimit = 8

    /// Keys of the language that this release refuses: they change what a rule means, so ignoring them would be wrong.
    static let notYet = ["aggregate", "n_of", "change", "forecast", "absent"]

    static func rule(_ node: RuleNode, _ pointer: String, _ problems: ProblemList) -> RuleDefinition? {
        guard var reader = MapReader(node, pointer, problems, what: "A rule") else { return nil }
        let id = reader.requiredText("id", what: "A rule")
        if let id, !isIdentifier(id) {
            problems.error(reader.place(of: "id"), reader.path("id"), "A rule's id is 1 to 128 of a-z, 0-9, - and _ and begins with a letter or digit.")
        }
        let (source, shape) = self.source(&reader, problems)
        for key in notYet {
            guard let value = reader.optional(key) else { continue }
            problems.error(value, reader.path(key), "\"\(key)\" is not supported yet: this release evaluates the newest value (last).")
        }
        let value = self.value(&reader, shape, problems)
        let of = reader.text("of")
        if let of, !isMetricName(of) {
            problems.error(reader.place(of: "of"), reader.path("of"), "Expected a metric such as contracts.site_limit_mw.")
        }
        let filters = self.filters(&reader, shape, problems)
        let finer = self.by(&reader, source, shape, problems)
        let (levels, isBelow) = self.levels(&reader, problems)
        let hold = reader.duration("for") ?? 0
        let keepFiring = reader.duration("keep_firing_for") ?? 0
        let missing = self.missing(&reader, problems)
        let lateness = reader.duration("lateness") ?? 0
        let includesPlans = reader.boolean("include_plans") ?? false
        let labels = reader.pairs("labels")
        for pair in labels where reserved.contains(pair.name) {
            problems.error(reader.place(of: "labels"), "\(reader.path("labels"))/\(pair.name)", "The label \"\(pair.name)\" is set by Gigawatch itself.")
        }
        let annotations = self.annotations(&reader, labels, finer, problems)
        let owner = reader.text("owner")
        var mode = RuleMode.enabled
        if let text = reader.text("mode") {
            if let known = RuleMode(rawValue: text) { mode = known } else {
                problems.error(reader.place(of: "mode"), reader.path("mode"), "Expected enabled, shadow or disabled, not \"\(text)\".")
            }
        }
        let route = reader.text("route")
        reader.close()
        if let value, let shape { checkReach(value, of: of, levels, isBelow, shape, reader, problems) }
        guard let id, let source, let value, !levels.isEmpty else { return nil }
        return RuleDefinition(
            id: id, source: source, filters: filters, value: value, of: of, finer: finer, isBelow: isBelow, levels: levels, hold: hold,
            keepFiring: keepFiring, missing: missing, lateness: lateness, includesPlans: includesPlans, labels: labels, annotations: annotations,
            owner: owner, mode: mode, route: route)
    }

    /// Labels that transitions carry by themselves.
    static let reserved: Set<String> = ["alertname", "subject", "entity", "severity"]

    static func isIdentifier(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 128, first != UInt8(ascii: "-"), first != UInt8(ascii: "_") else { return false }
        return text.utf8.allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D || $0 == 0x5F }
    }

    static func isMetricName(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count >= 2 && text.utf8.count <= 128 && parts.allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x5F }
        }
    }

    private static func source(_ reader: inout MapReader, _ problems: ProblemList) -> (RuleSource?, SourceShape?) {
        let event = reader.text("on")
        let metric = reader.text("metric")
        switch (event, metric) {
        case (nil, nil):
            problems.error(reader.node, reader.pointer, "A rule needs \"on\" (an event type) or \"metric\".")
            return (nil, nil)
        case (_?, _?):
            problems.error(reader.place(of: "metric"), reader.path("metric"), "A rule looks at an event type or at a metric, not at both.")
            return (nil, nil)
        case (let event?, nil):
            if let shape = SourceShape.event(event) { return (.event(event), shape) }
            let near = nearestName(to: event, among: SourceShape.eventNames)
            problems.error(reader.place(of: "on"), reader.path("on"),
                "No event type \"\(event)\"" + (near.map { "; did you mean \"\($0)\"?" } ?? "; see docs/events.md."))
            return (nil, nil)
        case (nil, let metric?):
            guard isMetricName(metric) else {
                problems.error(reader.place(of: "metric"), reader.path("metric"), "Expected a metric such as regions.gap_mw.")
                return (nil, nil)
            }
            return (.metric(metric), .metric)
        }
    }

    private static func value(_ reader: inout MapReader, _ shape: SourceShape?, _ problems: ProblemList) -> Expression? {
        let node = reader.optional("value")
        guard let shape else { return nil }
        let text: String
        if let written = node?.scalarText {
            text = written
        } else if node == nil, shape.fields.count == 1, shape.fields[0].name == "value" {
            text = "value"
        } else {
            problems.error(node ?? reader.node, reader.path("value"),
                "A rule on events needs \"value\", an expression over: \(shape.numberNames.joined(separator: ", ")).")
            return nil
        }
        let place = node ?? reader.node
        let expression: Expression
        do { expression = try Expression(parsing: text) } catch {
            problems.error(line: place.line, column: place.line > 0 ? place.column + error.column : 0, reader.path("value"), error.message)
            return nil
        }
        if expression.fields.isEmpty {
            problems.error(place, reader.path("value"), "The value reads no field, so it would never change.")
        }
        for name in expression.fields {
            switch shape.field(name) {
            case .number: break
            case .text: problems.error(place, reader.path("value"), "The field \"\(name)\" is text: compare it in \"where\".")
            case .other(let kind): problems.error(place, reader.path("value"), "The field \"\(name)\" is a \(kind), not a number.")
            case nil:
                let near = nearestName(to: name, among: shape.numberNames)
                problems.error(place, reader.path("value"), "No field \"\(name)\""
                    + (near.map { "; did you mean \"\($0)\"?" } ?? "; numbers there: \(shape.numberNames.joined(separator: ", "))."))
            }
        }
        do {
            _ = try expression.unit { name in
                if case .number(_, let unit) = shape.field(name) { unit } else { nil }
            }
        } catch { problems.error(place, reader.path("value"), error.message) }
        return expression
    }

    private static func filters(_ reader: inout MapReader, _ shape: SourceShape?, _ problems: ProblemList) -> [RuleFilter] {
        guard let node = reader.optional("where") else { return [] }
        guard case .map(let entries) = node.content else {
            problems.error(node, reader.path("where"), "Expected a mapping of fields to values, not \(node.kindName).")
            return []
        }
        var filters: [RuleFilter] = []
        for entry in entries {
            let path = "\(reader.path("where"))/\(entry.key)"
            var values: [String] = []
            if let text = entry.value.scalarText { values = [text] } else if case .list(let items) = entry.value.content {
                values = items.compactMap(\.scalarText)
                if values.count != items.count { problems.error(entry.value, path, "Expected a value or a list of values.") }
            } else {
                problems.error(entry.value, path, "Expected a value or a list of values, not \(entry.value.kindName).")
            }
            if values.isEmpty { problems.error(entry.value, path, "An empty list matches nothing: the rule could never fire.") }
            let own = shape?.field(entry.key)
            switch own {
            case .text(let allowed?):
                for value in values where !allowed.contains(value) {
                    problems.error(entry.value, path, "\"\(value)\" is no value of \(entry.key); known: \(allowed.joined(separator: ", ")).")
                }
            case .other(let kind): problems.error(entry.value, path, "The field \"\(entry.key)\" is a \(kind): only texts and numbers can be compared.")
            case .text(nil), .number: break
            case nil:
                guard shape != nil, EntityField.named(entry.key) == nil, AttributeField.named(entry.key) == nil else { break }
                let known = (shape?.textNames ?? []) + EntityField.names + AttributeField.names
                let near = nearestName(to: entry.key, among: known)
                problems.error(line: entry.line, column: entry.column, path, "No field \"\(entry.key)\""
                    + (near.map { "; did you mean \"\($0)\"?" } ?? "; known: \(known.joined(separator: ", "))."))
            }
            filters.append(RuleFilter(field: entry.key, values: values.sorted()))
        }
        return filters.sorted { $0.field < $1.field }
    }

    private static func by(_ reader: inout MapReader, _ source: RuleSource?, _ shape: SourceShape?, _ problems: ProblemList) -> [String] {
        guard let names = reader.texts("by") else { return [] }
        let place = reader.place(of: "by")
        guard names.contains("subject") || names.contains("entity") else {
            let advice = names.contains("region") || names.contains("country") || names.contains("owner")
                ? " What spans entities is a read model: use a metric of the \(names.first { ["region", "country", "owner"].contains($0) } ?? "entity")"
                    + " (see docs/metrics.md)."
                : ""
            problems.error(place, reader.path("by"), "\"by\" must keep to the entity: it needs \"subject\".\(advice)")
            return []
        }
        let finer = names.filter { $0 != "subject" && $0 != "entity" }
        for name in finer {
            guard case .event = source else {
                problems.error(place, reader.path("by"), "A metric has one value per entity: \"by\" can be \"subject\" alone.")
                break
            }
            guard let shape else { break }
            switch shape.field(name) {
            case .text: break
            case .number: problems.error(place, reader.path("by"), "\"\(name)\" is a measured number: an identity made of it would never resolve.")
            case .other(let kind): problems.error(place, reader.path("by"), "The field \"\(name)\" is a \(kind); \"by\" takes texts.")
            case nil: problems.error(place, reader.path("by"), "No field \"\(name)\" in the event; texts there: \(shape.textNames.joined(separator: ", ")).")
            }
        }
        if Set(finer).count != finer.count { problems.error(place, reader.path("by"), "A field stands twice in \"by\".") }
        return finer.sorted()
    }

    private static func levels(_ reader: inout MapReader, _ problems: ProblemList) -> ([RuleLevel], isBelow: Bool) {
        let items = reader.list("levels")
        if items.isEmpty { problems.error(reader.node, reader.path("levels"), "A rule needs at least one level: [{ name: warning, above: 10, until: 8 }].") }
        if items.count > levelLimit { problems.error(reader.node, reader.path("levels"), "A rule has at most \(levelLimit) levels.") }
        var levels: [RuleLevel] = []
        var isBelow: Bool?
        for (node, pointer) in items.prefix(levelLimit) {
            guard var level = MapReader(node, pointer, problems, what: "A level") else { continue }
            let name = level.requiredText("name", what: "A level")
            let above = level.number("above")
            let below = level.number("below")
            let until = level.number("until")
            level.close()
            guard (above == nil) != (below == nil), let enter = above ?? below else {
                problems.error(node, pointer, "A level has either \"above\" or \"below\".")
                continue
            }
            let goesBelow = below != nil
            if let direction = isBelow, direction != goesBelow {
                problems.error(node, pointer, "All levels of a rule look the same way: above or below.")
                continue
            }
            isBelow = goesBelow
            let leave = until ?? enter
            if goesBelow ? leave < enter : leave > enter {
                problems.error(level.place(of: "until"), "\(pointer)/until",
                    goesBelow
                        ? "\"until\" must be at least \"below\" (\(enter)): the alert ends above it."
                        : "\"until\" must be at most \"above\" (\(enter)): the alert ends below it.")
            }
            if let last = levels.last {
                if goesBelow ? enter >= last.enter : enter <= last.enter {
                    problems.error(node, pointer, "Levels go from the mildest to the gravest: \(enter) does not lie beyond \(last.enter).")
                }
                if goesBelow ? leave > last.until : leave < last.until {
                    problems.error(node, pointer, "A graver level must not end later than a milder one: its \"until\" (\(leave)) lies past \(last.until).")
                }
            }
            if let name, levels.contains(where: { $0.name == name }) { problems.error(node, "\(pointer)/name", "Two levels are called \"\(name)\".") }
            levels.append(RuleLevel(name: name ?? "", enter: enter, until: leave))
        }
        return (levels, isBelow ?? false)
    }

    private static func missing(_ reader: inout MapReader, _ problems: ProblemList) -> MissingPolicy? {
        guard let node = reader.optional("missing"),
            var policy = MapReader(node, reader.path("missing"), problems, what: "\"missing\"")
        else { return nil }
        let after = policy.duration("after")
        if after == nil || after == 0 { problems.error(node, policy.path("after"), "\"missing\" needs \"after\", a duration longer than 0s.") }
        var state = MissingPolicy.State.noData
        if let text = policy.text("state") {
            if let known = MissingPolicy.State(rawValue: text) { state = known } else {
                problems.error(policy.place(of: "state"), policy.path("state"), "Expected no_data, keep or resolved, not \"\(text)\".")
            }
        }
        if let expect = policy.optional("expect") {
            problems.error(expect, policy.path("expect"), "\"expect\" (a roster) is not supported yet: entities that were seen once are expected.")
        }
        policy.close()
        return after.map { MissingPolicy(after: $0, state: state) }
    }

    private static func annotations(
        _ reader: inout MapReader, _ labels: [TextPair], _ finer: [String], _ problems: ProblemList
    ) -> [TextPair] {
        let pairs = reader.pairs("annotations")
        let known = Template.names + labels.map(\.name) + finer + EntityField.names
        for pair in pairs {
            let path = "\(reader.path("annotations"))/\(pair.name)"
            let (template, problem) = Template.parse(pair.value)
            guard let template else {
                problems.error(reader.place(of: "annotations"), path, problem ?? "This is no template.")
                continue
            }
            for name in template.usedNames where !known.contains(name) {
                let near = nearestName(to: name, among: known)
                problems.error(reader.place(of: "annotations"), path, "Unknown name {{\(name)}}"
                    + (near.map { "; did you mean {{\($0)}}?" } ?? "; known: \(known.joined(separator: ", "))."))
            }
        }
        return pairs
    }

    /// Can it fire, can it resolve: the value's range against the levels.
    private static func checkReach(
        _ value: Expression, of: String?, _ levels: [RuleLevel], _ isBelow: Bool, _ shape: SourceShape, _ reader: MapReader, _ problems: ProblemList
    ) {
        guard of == nil, !value.fields.isEmpty else { return }   // a ratio's other half is unknown here
        var known = true
        let range = value.bounds { name in
            if case .number(let bounds, _) = shape.field(name) { return bounds }
            known = false
            return -Double.infinity...Double.infinity
        }
        guard known else { return }
        for (index, level) in levels.enumerated() {
            let pointer = "\(reader.path("levels"))/\(index)"
            let place = reader.place(of: "levels")
            if isBelow ? range.lowerBound >= level.enter : range.upperBound <= level.enter {
                problems.error(place, pointer, "The level \"\(level.name)\" can never fire: the value lies in \(range.lowerBound)...\(range.upperBound).")
            }
            if isBelow ? range.upperBound <= level.until : range.lowerBound >= level.until {
                problems.error(place, pointer, "The level \"\(level.name)\" can never resolve: the value is never \(isBelow ? "above" : "below") \(level.until).")
            }
        }
    }
}

extension SourceShape {
    static var eventNames: [String] { CatalogueNames.all }
}
