// The register of verbs and the frame around each: parse, run, turn errors into one line that names the next step, and an exit code. A verb is
// one file in Verbs/ with a `Verb` value, and one line here.

import Glibc
import OperatorCore

/// A command with what it does.
struct Verb: Sendable {
    let command: Command
    let run: @Sendable (Session, Arguments) throws -> ExitCode
}

/// An error with its exit code; the message names the act, the object and the next step.
struct Failure: Error, CustomStringConvertible {
    let code: ExitCode
    let description: String

    init(_ description: String, code: ExitCode = .failed) { (self.description, self.code) = (description, code) }
}

enum Program {
    static let groups: [(title: String, verbs: [Verb])] = [
        ("Ask", ModelVerbs.asking),
        ("Alerts and rules", ModelVerbs.alerts + [AlertVerbs.tail, AlertVerbs.acknowledge, RuleVerbs.check, RuleVerbs.apply] + ModelVerbs.rules),
        ("Send", [SendVerb.verb, ImportVerb.verb, SimulateVerb.verb]),
        ("Operate", [StatusVerb.verb, AuditVerb.verb] + ModelVerbs.operating),
    ]

    static let common: [CommandOption] = [
        CommandOption("json", "JSON as the service answers it"),
        CommandOption("csv", "CSV with units in its header"),
        CommandOption("url", "URL", "the service to talk to, instead of the environment's"),
        CommandOption("help", short: "h", "this help"),
    ]

    static func run(_ line: [String]) -> ExitCode {
        let verbs = groups.flatMap(\.verbs)
        let parser = ArgumentParser(commands: verbs.map(\.command), common: common)
        let session = Session()
        do {
            switch try parser.parse(line) {
            case .version:
                session.out("gigawatch 0.1.0\n")
                return .done
            case .help(let words):
                session.out(help(words, verbs))
                return .done
            case .run(let command, let arguments):
                guard let verb = verbs.first(where: { $0.command.words == command.words }) else { return .usage }
                session.arguments = arguments
                return try verb.run(session, arguments)
            }
        } catch let problem as UsageProblem {
            session.complain(problem.message)
            return .usage
        } catch let failure as Failure {
            session.complain(failure.description)
            return failure.code
        } catch {
            session.complain("\(error)")
            return .failed
        }
    }

    private static func help(_ words: [String], _ verbs: [Verb]) -> String {
        if let verb = verbs.first(where: { $0.command.words == words }) { return HelpText.page(verb.command, common: common) }
        if let first = words.first {
            return HelpText.group(first, verbs.map(\.command).filter { $0.words.first == first })
        }
        return HelpText.overview(groups.map { ($0.title, $0.verbs.map(\.command)) }, common: common)
    }
}
