// `gigawatch rules check` reads rule files and says what is wrong with line and column; `rules apply` posts them to ingestion when nothing is.
// The checks are AlertingCore's own, so what passes here is what the evaluator takes.

import AlertingCore
import Glibc
import Models
import Operations
import OperatorCore
import QueryCore
import YAML

enum RuleVerbs {
    private static let files = Positional("FILE", repeats: true, "rule files (YAML): rules, routes, receivers")

    static let check = Verb(
        command: Command(
            "rules check", "Check rule files: every problem with its line and column",
            positionals: [files], examples: [.init("gigawatch rules check infra/rules/*.yaml", "before you apply them")])
    ) { session, arguments in
        let sets = try read(session, arguments.positionals)
        let rules = sets.flatMap(\.set.rules)
        session.out("\(rules.count) rule\(rules.count == 1 ? "" : "s") in \(sets.count) file\(sets.count == 1 ? "" : "s"): all well\n")
        return .done
    }

    static let apply = Verb(
        command: Command(
            "rules apply", "Check rule files and bring them into force through ingestion",
            details: "Routes and receivers come into force as a whole, so they stand in one file. Applying the same files again changes nothing.",
            positionals: [files],
            options: [CommandOption("comment", "TEXT", "why it changed"), CommandOption("dry-run", "print the events instead of sending them")],
            examples: [.init("gigawatch rules apply infra/rules/*.yaml routing.yaml --comment 'limits of July'", "publish")])
    ) { session, arguments in
        let sets = try read(session, arguments.positionals)
        let now = Session.now()
        let comment = arguments.value("comment")
        // Routing first: a rule that fires at once finds its route.
        let events = sets.flatMap { $0.set.controlEvents(source: "/gigawatch/operator", at: now, comment: comment) }
            .sorted { $0.type == EventType.routingPublished.qualifiedName && $1.type != EventType.routingPublished.qualifiedName }
        if arguments.has("dry-run") {
            for event in events { session.out(event.bytes + [UInt8(ascii: "\n")]) }
            return .done
        }
        var sender = try BatchSender(session, Arguments())
        for event in events { try sender.add(event.bytes) }
        try sender.flush()
        guard sender.rejected == 0 else { return sender.finish() }
        for event in events {
            session.out("published \(event.type == EventType.routingPublished.qualifiedName ? "routing" : "rule") \(event.subject)\n")
        }
        return .done
    }

    private static func read(_ session: Session, _ paths: [String]) throws -> [(path: String, set: RuleSet)] {
        var sets: [(path: String, set: RuleSet)] = []
        var mistakes = 0
        for path in paths {
            guard let bytes = readFile(path, limitBytes: 1 << 20) else {
                throw Failure("cannot read \(path): \(String(cString: strerror(errno))). Is the path right?")
            }
            let node: YAMLNode
            do {
                node = try YAMLParser.parse(bytes)
            } catch {
                session.complain("\(path):\(error.position.line):\(error.position.column): \(error.message)")
                mistakes += 1
                continue
            }
            let result = RuleSet.check(tree(node))
            for problem in result.problems { session.complain("\(path):\(problem)") }
            mistakes += result.errors.count
            if let set = result.ruleSet { sets.append((path, set)) }
        }
        mistakes += crossChecks(session, sets)
        if mistakes > 0 {
            throw Failure("\(mistakes) mistake\(mistakes == 1 ? "" : "s"); nothing was published. Mend the lines named above and try again.")
        }
        return sets
    }

    /// What no file alone can show.
    private static func crossChecks(_ session: Session, _ sets: [(path: String, set: RuleSet)]) -> Int {
        var mistakes = 0
        let routed = sets.filter { !$0.set.routing.isEmpty }
        if routed.count > 1 {
            session.complain("\(routed[1].path): routes stand in \(routed[0].path) too; they come into force as a whole, so put them into one file")
            mistakes += 1
        }
        var homes: [String: String] = [:]
        for (path, set) in sets {
            for rule in set.rules {
                if let other = homes.updateValue(path, forKey: rule.id), other != path {
                    session.complain("\(path): the rule \(rule.id) stands in \(other) too")
                    mistakes += 1
                }
                guard let route = rule.route, let routing = routed.first?.set.routing, !routing.routes.contains(where: { $0.name == route }) else {
                    continue
                }
                session.complain("\(path): the rule \(rule.id) names the route '\(route)', which \(routed[0].path) does not have")
                mistakes += 1
            }
        }
        return mistakes
    }

    private static func tree(_ node: YAMLNode) -> RuleNode {
        let (line, column) = (node.position.line, node.position.column)
        switch node.content {
        case .scalar(let text, let isPlain): return .scalar(text, quoted: !isPlain, line: line, column: column)
        case .sequence(let elements): return RuleNode(.list(elements.map(tree)), line: line, column: column)
        case .mapping(let members):
            let entries = members.map { RuleNode.Entry(key: $0.key, line: $0.keyPosition.line, column: $0.keyPosition.column, value: tree($0.value)) }
            return RuleNode(.map(entries), line: line, column: column)
        }
    }
}
