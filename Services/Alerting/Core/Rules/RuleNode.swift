// The neutral tree that a rule file becomes before it is checked: YAML and JSON both map to it, so Core knows neither format and every
// problem still has its line and column. Pure values. Read next: RuleSetParser.swift, which turns the tree into definitions.

public import Models

/// One value of a rule file with the place where it stands (both count from 1; 0 means that the source had no places, as JSON from the log).
public struct RuleNode: Sendable, Equatable {
    public enum Content: Sendable, Equatable {
        case null
        case boolean(Bool)
        /// The number and the text it was written as.
        case number(Double, String)
        case text(String)
        case list([RuleNode])
        case map([Entry])
    }

    /// One member of a mapping, in the order of the file. Repeated keys are all there: the parser reports them.
    public struct Entry: Sendable, Equatable {
        public let key: String
        public let line: Int
        public let column: Int
        public let value: RuleNode

        public init(key: String, line: Int, column: Int, value: RuleNode) {
            (self.key, self.line, self.column, self.value) = (key, line, column, value)
        }
    }

    public let content: Content
    public let line: Int
    public let column: Int

    public init(_ content: Content, line: Int = 0, column: Int = 0) {
        (self.content, self.line, self.column) = (content, line, column)
    }

    /// A YAML scalar: a plain one is resolved as YAML 1.2's core schema does (null, booleans, numbers), a quoted one is text.
    public static func scalar(_ text: String, quoted: Bool, line: Int, column: Int) -> RuleNode {
        if quoted { return RuleNode(.text(text), line: line, column: column) }
        switch text {
        case "", "~", "null", "Null", "NULL": return RuleNode(.null, line: line, column: column)
        case "true", "True", "TRUE": return RuleNode(.boolean(true), line: line, column: column)
        case "false", "False", "FALSE": return RuleNode(.boolean(false), line: line, column: column)
        default: break
        }
        if let first = text.utf8.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") || first == UInt8(ascii: ".")
            || (first >= UInt8(ascii: "0") && first <= UInt8(ascii: "9")),
            let number = Double(text), number.isFinite
        {
            return RuleNode(.number(number, text), line: line, column: column)
        }
        return RuleNode(.text(text), line: line, column: column)
    }

    /// The tree of a parsed JSON document. It has no places.
    public init(json: JSONView) {
        switch json.kind {
        case .null: self.init(.null)
        case .boolean: self.init(.boolean(json.boolean ?? false))
        case .number:
            let number = json.double ?? .nan
            self.init(.number(number, json.integer.map { String($0) } ?? number.description))
        case .string: self.init(.text(json.string ?? ""))
        case .array: self.init(.list(json.elements.map { RuleNode(json: $0) }))
        case .object:
            self.init(.map(json.members.map { key, value in
                Entry(key: String(decoding: key, as: UTF8.self), line: 0, column: 0, value: RuleNode(json: value))
            }))
        }
    }

    /// What the value is, as errors say it.
    var kindName: String {
        switch content {
        case .null: "nothing"
        case .boolean: "a boolean"
        case .number: "a number"
        case .text: "text"
        case .list: "a list"
        case .map: "a mapping"
        }
    }

    /// The text of a scalar as it was written; nil for lists, mappings and nothing.
    var scalarText: String? {
        switch content {
        case .text(let text): text
        case .number(_, let text): text
        case .boolean(let value): value ? "true" : "false"
        case .null, .list, .map: nil
        }
    }
}

/// One thing that is wrong with a rule file, or that deserves a look.
public struct RuleProblem: Sendable, Equatable, CustomStringConvertible {
    public enum Severity: String, Sendable { case error, warning }

    public let severity: Severity
    public let line: Int
    public let column: Int
    /// Where in the document, as a JSON pointer: `/rules/0/levels/1/until`.
    public let pointer: String
    /// One sentence: what is wrong and what would be right.
    public let message: String

    public init(severity: Severity = .error, line: Int, column: Int, pointer: String, message: String) {
        (self.severity, self.line, self.column, self.pointer, self.message) = (severity, line, column, pointer, message)
    }

    /// `12:7: error: /rules/0/until: …`, without the place when the source had none.
    public var description: String {
        let place = line > 0 ? "\(line):\(column): " : ""
        return "\(place)\(severity.rawValue): \(pointer.isEmpty ? "/" : pointer): \(message)"
    }
}
