// Reads a command line against the verbs: `gigawatch alerts show FINGERPRINT --json`. Options may stand anywhere after the verb, as
// `--name value`, `--name=value` or `-n value`; `--` ends them. Every mistake names the nearest right word and the help to read. Pure.

public enum ParsedLine: Sendable, Equatable {
    case run(Command, Arguments)
    /// Help for one command, for a group of commands (`alerts`), or for all (no word).
    case help(words: [String])
    case version
}

public struct ArgumentParser: Sendable {
    public let commands: [Command]
    /// Options that every command takes.
    public let common: [CommandOption]

    public init(commands: [Command], common: [CommandOption]) {
        self.commands = commands
        self.common = common
    }

    public func parse(_ line: [String]) throws(UsageProblem) -> ParsedLine {
        guard let first = line.first else { return .help(words: []) }
        if first == "--version" || first == "version" { return .version }
        if first == "help" { return .help(words: try known(Array(line.dropFirst().prefix(2)))) }
        if first == "--help" || first == "-h" { return .help(words: []) }
        let (command, used) = try find(line)
        guard let command else { return .help(words: [first]) }
        var arguments = Arguments()
        var rest = line.dropFirst(used)
        var optionsEnded = false
        while let word = rest.popFirst() {
            if optionsEnded || word == "-" || !word.hasPrefix("-") || isNegativeNumber(word) {
                arguments.positionals.append(word)
            } else if word == "--" {
                optionsEnded = true
            } else if word == "--help" || word == "-h" {
                return .help(words: command.words)
            } else {
                try take(word, &rest, command, &arguments)
            }
        }
        try checkPositionals(arguments, command)
        return .run(command, arguments)
    }

    private func isNegativeNumber(_ word: String) -> Bool { Double(word) != nil }

    private func find(_ line: [String]) throws(UsageProblem) -> (Command?, Int) {
        let words = Array(line.prefix { !$0.hasPrefix("-") }.prefix(2))
        let first = line[0]
        if words.count == 2, let command = commands.first(where: { $0.words == words }) { return (command, 2) }
        if let command = commands.first(where: { $0.words == [first] }) {
            return (command, 1)
        }
        let group = commands.filter { $0.words.first == first }
        if !group.isEmpty {
            if line.contains("--help") || line.contains("-h") { return (nil, 1) }
            // `gigawatch alerts` means its list; `gigawatch alerts sohw` is a slip.
            guard words.count == 2 else { return (group.first { $0.words.last == "list" }, 1) }
            let names = group.compactMap { $0.words.count > 1 ? $0.words[1] : nil }
            throw UsageProblem(
                "'\(first)' has no '\(words[1])'\(hint(words[1], names)). It has: \(names.joined(separator: ", ")). "
                    + "See: gigawatch \(first) --help")
        }
        let names = unique(commands.map { $0.words[0] })
        throw UsageProblem("there is no command '\(first)'\(hint(first, names)). See: gigawatch --help")
    }

    private func known(_ words: [String]) throws(UsageProblem) -> [String] {
        guard let first = words.first else { return [] }
        if commands.contains(where: { $0.words == words }) { return words }
        if commands.contains(where: { $0.words.first == first }) { return [first] }
        throw UsageProblem("there is no command '\(first)'\(hint(first, unique(commands.map { $0.words[0] }))). See: gigawatch --help")
    }

    private func take(_ word: String, _ rest: inout ArraySlice<String>, _ command: Command, _ arguments: inout Arguments) throws(UsageProblem) {
        let all = command.options + common
        var name = word
        var attached: String?
        if word.hasPrefix("--"), let equals = word.firstIndex(of: "=") {
            name = String(word[..<equals])
            attached = String(word[word.index(after: equals)...])
        }
        let option =
            name.hasPrefix("--")
            ? all.first { $0.name == name.dropFirst(2) }
            : name.count == 2 ? all.first { $0.short != nil && $0.short == name.last } : nil
        guard let option else {
            let nearest = hint(String(name.drop { $0 == "-" }), all.map(\.name), prefix: "--")
            throw UsageProblem("'\(command.name)' has no option '\(name)'\(nearest). See: gigawatch \(command.name) --help")
        }
        guard let placeholder = option.placeholder else {
            if attached != nil { throw UsageProblem("--\(option.name) is a switch and takes no value") }
            arguments.switches.insert(option.name)
            return
        }
        guard let value = attached ?? rest.popFirst() else { throw UsageProblem("--\(option.name) needs a value: --\(option.name) \(placeholder)") }
        if !option.repeats, arguments.values[option.name] != nil { throw UsageProblem("--\(option.name) was given twice; give it once") }
        arguments.values[option.name, default: []].append(value)
    }

    private func checkPositionals(_ arguments: Arguments, _ command: Command) throws(UsageProblem) {
        let required = command.positionals.filter(\.isRequired)
        if arguments.positionals.count < required.count {
            let missing = required[arguments.positionals.count]
            throw UsageProblem("\(missing.name) is missing: \(missing.meaning). Usage: \(HelpText.usage(command))")
        }
        guard command.positionals.last?.repeats != true, arguments.positionals.count > command.positionals.count else { return }
        let extra = arguments.positionals[command.positionals.count]
        throw UsageProblem("'\(extra)' is one argument too many. Usage: \(HelpText.usage(command))")
    }

    private func unique(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }

    private func hint(_ word: String, _ candidates: [String], prefix: String = "") -> String {
        Spelling.nearest(word, among: candidates).map { " (did you mean '\(prefix)\($0)'?)" } ?? ""
    }
}

public enum Spelling {
    /// The candidate nearest to `word`, when it is near enough to be a slip.
    public static func nearest(_ word: String, among candidates: [String]) -> String? {
        var best: (Int, String)?
        let wanted = Array(word.utf8.prefix(64))
        for candidate in candidates {
            let letters = Array(candidate.utf8.prefix(64))
            var row = Array(0...letters.count)
            for (i, x) in wanted.enumerated() {
                var diagonal = row[0]
                row[0] = i + 1
                for (j, y) in letters.enumerated() {
                    let above = row[j + 1]
                    row[j + 1] = min(above + 1, row[j] + 1, diagonal + (x == y ? 0 : 1))
                    diagonal = above
                }
            }
            if row[letters.count] < best?.0 ?? Int.max { best = (row[letters.count], candidate) }
        }
        guard let best, best.0 <= (best.1.utf8.count < 4 ? 1 : max(2, best.1.utf8.count / 3)) else { return nil }
        return best.1
    }
}
