// A YAML document as a tree that remembers where everything stood, so that an error can point at a line and a column. Scalars keep their text;
// `integer`, `number` and `boolean` read it as YAML 1.2's core schema does (`yes` and `no` are texts). Read next: YAMLParser.swift.

/// A place in the text, both counted from 1.
public struct YAMLPosition: Sendable, Hashable, CustomStringConvertible {
    public let line: Int
    public let column: Int

    public init(line: Int, column: Int) { (self.line, self.column) = (line, column) }

    public var description: String { "line \(line), column \(column)" }
}

/// One value with its place.
public struct YAMLNode: Sendable {
    public enum Content: Sendable {
        /// `isPlain`: written without quotes, so it may mean a number, a boolean or null.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([YAMLMember])
    }

    public let content: Content
    public let position: YAMLPosition

    public init(content: Content, position: YAMLPosition) { (self.content, self.position) = (content, position) }

    /// The kind as in messages: null, boolean, number, text, list, mapping.
    public var kind: String {
        switch content {
        case .scalar: isNull ? "null" : boolean != nil ? "boolean" : number != nil ? "number" : "text"
        case .sequence: "list"
        case .mapping: "mapping"
        }
    }

    public var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return text.isEmpty || text == "~" || text == "null" || text == "Null" || text == "NULL"
    }

    /// The text of any scalar, however written; nil for null, lists and mappings.
    public var text: String? {
        guard case .scalar(let text, _) = content, !isNull else { return nil }
        return text
    }

    public var boolean: Bool? {
        guard case .scalar(let text, isPlain: true) = content else { return nil }
        switch text {
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default: return nil
        }
    }

    public var integer: Int64? {
        guard case .scalar(let text, isPlain: true) = content else { return nil }
        return Int64(text)
    }

    /// A finite number; `.nan`, `.inf`, hexadecimal and digits with underscores are not numbers here.
    public var number: Double? {
        guard case .scalar(let text, isPlain: true) = content, let first = text.utf8.first else { return nil }
        guard (0x30...0x39).contains(first) || first == UInt8(ascii: "-") || first == UInt8(ascii: "+") || first == UInt8(ascii: "."),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }), let value = Double(text), value.isFinite
        else { return nil }
        return value
    }

    public var elements: [YAMLNode]? {
        guard case .sequence(let elements) = content else { return nil }
        return elements
    }

    public var members: [YAMLMember]? {
        guard case .mapping(let members) = content else { return nil }
        return members
    }

    /// The value of this key in a mapping.
    public subscript(_ key: String) -> YAMLNode? {
        guard case .mapping(let members) = content else { return nil }
        return members.first { $0.key == key }?.value
    }
}

/// One key of a mapping with its value. Keys are texts and are there once.
public struct YAMLMember: Sendable {
    public let key: String
    public let keyPosition: YAMLPosition
    public let value: YAMLNode

    public init(key: String, keyPosition: YAMLPosition, value: YAMLNode) { (self.key, self.keyPosition, self.value) = (key, keyPosition, value) }
}
