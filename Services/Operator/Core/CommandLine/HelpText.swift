// Help, made from the commands themselves. Each page fits a screen and ends with examples that work as they stand. Pure.

public enum HelpText {
    public static func usage(_ command: Command) -> String {
        var text = "gigawatch " + command.name
        for positional in command.positionals {
            let name = positional.name + (positional.repeats ? "…" : "")
            text += positional.isRequired ? " \(name)" : " [\(name)]"
        }
        return text + (command.options.isEmpty ? "" : " [options]")
    }

    /// All commands, in groups.
    public static func overview(_ groups: [(title: String, commands: [Command])], common: [CommandOption]) -> String {
        var text = """
            gigawatch: the live ledger of the AI build-out

            Usage: gigawatch COMMAND [arguments] [options]        Help on one: gigawatch COMMAND --help

            """
        let width = groups.flatMap(\.commands).map(\.name.count).max() ?? 0
        for group in groups {
            text += "\n\(group.title)\n"
            for command in group.commands { text += "  \(padded(command.name, width))  \(command.summary)\n" }
        }
        text += "\nEverywhere\n" + table(common)
        text += """

            Addresses: GIGAWATCH_QUERY_URL (http://127.0.0.1:8081) to ask, GIGAWATCH_INGESTION_URL (http://127.0.0.1:8080) to send,
            GIGAWATCH_TOKEN where tokens are on. `source .local/env` sets what `make up` made.
            Exit codes: 0 done, 1 failed, 2 usage, 3 nothing found, 4 partly done.

            """
        return text
    }

    /// One command.
    public static func page(_ command: Command, common: [CommandOption]) -> String {
        var text = "\(command.summary)\n\nUsage: \(usage(command))\n"
        if !command.details.isEmpty { text += "\n\(command.details)\n" }
        if !command.positionals.isEmpty {
            text += "\nArguments\n"
            let width = command.positionals.map(\.name.count).max() ?? 0
            for positional in command.positionals { text += "  \(padded(positional.name, width))  \(positional.meaning)\n" }
        }
        if !command.options.isEmpty { text += "\nOptions\n" + table(command.options) }
        text += "\nEverywhere\n" + table(common)
        if !command.examples.isEmpty {
            text += "\nExamples\n"
            for example in command.examples { text += "  # \(example.meaning)\n  \(example.line)\n" }
        }
        return text
    }

    /// The commands under one word: `gigawatch alerts --help`.
    public static func group(_ word: String, _ commands: [Command]) -> String {
        var text = "Usage: gigawatch \(word) COMMAND\n\n"
        let width = commands.map(\.name.count).max() ?? 0
        for command in commands { text += "  \(padded(command.name, width))  \(command.summary)\n" }
        let examples = commands.flatMap { $0.examples.prefix(1) }
        if !examples.isEmpty {
            text += "\nExamples\n"
            for example in examples { text += "  # \(example.meaning)\n  \(example.line)\n" }
        }
        return text + "\nHelp on one: gigawatch \(word) COMMAND --help\n"
    }

    private static func table(_ options: [CommandOption]) -> String {
        let names = options.map { option in
            (option.short.map { "-\($0), " } ?? "") + "--\(option.name)" + (option.placeholder.map { " \($0)" } ?? "")
        }
        let width = min(34, names.map(\.count).max() ?? 0)
        return zip(names, options).map { "  \(padded($0, width))  \($1.meaning)\n" }.joined()
    }

    private static func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
}
