// How a command line is read, and what is said when it cannot be.

import OperatorCore
import Testing

@testable import Operator

@Suite struct CommandLineTests {
    let parser = ArgumentParser(
        commands: [
            Command(
                "sites", "sites", positionals: [Positional("ID", required: false, "one")],
                options: [CommandOption("as-of", "DAY", "day"), CommandOption("limit", short: "n", "N", "rows")]),
            Command("alerts list", "list"), Command("alerts show", "show", positionals: [Positional("FINGERPRINT", "which one")]),
            Command("send", "send", positionals: [Positional("FILE", required: false, repeats: true, "files")]),
        ],
        common: Program.common)

    @Test func `options stand anywhere, with an equals sign or without`() throws {
        guard case .run(let command, let arguments) = try parser.parse(["sites", "--as-of=2025-12-31", "colossus-2", "-n", "5", "--json"]) else {
            Issue.record("not run")
            return
        }
        #expect(command.name == "sites")
        #expect(arguments.positionals == ["colossus-2"])
        #expect(arguments.value("as-of") == "2025-12-31" && arguments.value("limit") == "5" && arguments.has("json"))
    }

    @Test(arguments: [
        (["sits"], "did you mean 'sites'?"), (["sites", "--as-off", "x"], "did you mean '--as-of'?"), (["sites", "--as-of"], "needs a value"),
        (["alerts", "shwo"], "did you mean 'show'?"), (["alerts", "show"], "FINGERPRINT is missing"), (["sites", "a", "b"], "one argument too many"),
        (["sites", "--json=yes"], "takes no value"), (["sites", "--limit", "1", "--limit", "2"], "given twice"),
    ])
    func `a mistake names the right word`(line: [String], expected: String) {
        let problem = #expect(throws: UsageProblem.self) { try parser.parse(line) }
        #expect(problem?.message.contains(expected) == true, "\(problem?.message ?? "")")
    }

    @Test func `two dashes end the options, one dash is standard input`() throws {
        guard case .run(_, let arguments) = try parser.parse(["send", "-", "--", "--odd-name"]) else {
            Issue.record("not run")
            return
        }
        #expect(arguments.positionals == ["-", "--odd-name"])
    }

    @Test func `help is found from everywhere`() throws {
        #expect(try parser.parse([]) == .help(words: []))
        #expect(try parser.parse(["sites", "--help"]) == .help(words: ["sites"]))
        #expect(try parser.parse(["help", "alerts", "show"]) == .help(words: ["alerts", "show"]))
        #expect(try parser.parse(["alerts", "--help"]) == .help(words: ["alerts"]))
        #expect(try parser.parse(["--version"]) == .version)
    }

    @Test func `every verb has help with an example that its own parser takes`() throws {
        let verbs = Program.groups.flatMap(\.verbs)
        let real = ArgumentParser(commands: verbs.map(\.command), common: Program.common)
        #expect(Set(verbs.map(\.command.name)).count == verbs.count)
        for verb in verbs {
            #expect(!verb.command.examples.isEmpty, "\(verb.command.name) has no example")
            #expect(HelpText.page(verb.command, common: Program.common).contains("Examples"))
            for example in verb.command.examples
            where example.line.hasPrefix("gigawatch ") && !example.line.contains("|") && !example.line.contains("'") {
                guard case .run(let command, _) = try real.parse(example.line.split(separator: " ").dropFirst().map(String.init)) else {
                    Issue.record("\(example.line) is not a run")
                    continue
                }
                #expect(command.name == verb.command.name, "\(example.line)")
            }
        }
    }
}
