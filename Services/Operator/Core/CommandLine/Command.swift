// One verb of the command line as a value: its name, arguments, options and examples. Parsing, help and completion are made from it, so help
// cannot promise what the parser refuses. Pure; what a verb does stands in Operator/App/Verbs. Read next: ArgumentParser.swift.

public struct CommandOption: Sendable, Equatable {
    public let name: String
    public let short: Character?
    /// What stands for the value in help (`DAY`); nil for a switch.
    public let placeholder: String?
    public let meaning: String
    public let repeats: Bool

    /// A switch.
    public init(_ name: String, short: Character? = nil, _ meaning: String) {
        (self.name, self.short, self.placeholder, self.meaning, self.repeats) = (name, short, nil, meaning, false)
    }

    /// An option with a value.
    public init(_ name: String, short: Character? = nil, _ placeholder: String, repeats: Bool = false, _ meaning: String) {
        self.name = name
        self.short = short
        self.placeholder = placeholder
        self.meaning = meaning
        self.repeats = repeats
    }
}

public struct Positional: Sendable, Equatable {
    public let name: String
    public let meaning: String
    public let isRequired: Bool
    /// Takes all that remain.
    public let repeats: Bool

    public init(_ name: String, required: Bool = true, repeats: Bool = false, _ meaning: String) {
        self.name = name
        self.meaning = meaning
        self.isRequired = required
        self.repeats = repeats
    }
}

public struct Command: Sendable, Equatable {
    /// One or two words: `["sites"]`, `["alerts", "show"]`.
    public let words: [String]
    public let summary: String
    public let details: String
    public let positionals: [Positional]
    public let options: [CommandOption]
    /// Each a whole command line and what it does.
    public let examples: [Example]

    public struct Example: Sendable, Equatable {
        public let line: String
        public let meaning: String
        public init(_ line: String, _ meaning: String) { (self.line, self.meaning) = (line, meaning) }
    }

    public init(
        _ words: String, _ summary: String, details: String = "", positionals: [Positional] = [], options: [CommandOption] = [],
        examples: [Example] = []
    ) {
        self.words = words.split(separator: " ").map(String.init)
        self.summary = summary
        self.details = details
        self.positionals = positionals
        self.options = options
        self.examples = examples
    }

    public var name: String { words.joined(separator: " ") }
}

/// What a command line asked for.
public struct Arguments: Sendable, Equatable {
    /// Values by option name; switches have none.
    public var values: [String: [String]] = [:]
    public var switches: Set<String> = []
    public var positionals: [String] = []

    public init() {}

    public func has(_ name: String) -> Bool { switches.contains(name) || values[name] != nil }
    public func value(_ name: String) -> String? { values[name]?.last }
}

/// A command line that cannot be taken, with the next step in its message. Exit code 2.
public struct UsageProblem: Error, Sendable, Equatable, CustomStringConvertible {
    public let message: String
    public init(_ message: String) { self.message = message }
    public var description: String { message }
}

/// The exit codes of the command line: part of its contract.
public enum ExitCode: Int32, Sendable {
    case done = 0
    case failed = 1
    case usage = 2
    case nothingFound = 3
    case partlyDone = 4
}
