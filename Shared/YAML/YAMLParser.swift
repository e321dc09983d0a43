// libyaml's events made into a tree of YAMLNode. Refused, with line and column: what is not YAML, a repeated key, a key that is no text, aliases
// (a few lines can stand for gigabytes), tags, a second document, too deep a nest, too large a text, too many values.

internal import CYAML

/// Why a text was refused, and where.
public struct YAMLError: Error, Sendable, Equatable, CustomStringConvertible {
    public let message: String
    public let position: YAMLPosition

    public init(message: String, position: YAMLPosition) { (self.message, self.position) = (message, position) }

    public var description: String { "\(position): \(message)" }
}

/// How much a document may hold.
public struct YAMLLimits: Sendable {
    public var bytes = 1024 * 1024
    public var depth = 32
    public var nodes = 100_000

    public init() {}
}

public enum YAMLParser {
    /// Reads one document. An empty text is a null.
    public static func parse(_ text: String, limits: YAMLLimits = YAMLLimits()) throws(YAMLError) -> YAMLNode {
        try parse(Array(text.utf8), limits: limits)
    }

    public static func parse(_ bytes: [UInt8], limits: YAMLLimits = YAMLLimits()) throws(YAMLError) -> YAMLNode {
        guard bytes.count <= limits.bytes else {
            throw YAMLError(message: "the text has \(bytes.count) bytes; at most \(limits.bytes) are read", position: YAMLPosition(line: 1, column: 1))
        }
        var parser = yaml_parser_t()
        guard yaml_parser_initialize(&parser) == 1 else {
            throw YAMLError(message: "no memory to read the text", position: YAMLPosition(line: 1, column: 1))
        }
        defer { yaml_parser_delete(&parser) }
        // The parser keeps the address of its input, so the bytes must not move while it reads.
        let input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, bytes.count))
        defer { input.deallocate() }
        _ = input.initialize(from: bytes)
        yaml_parser_set_input_string(&parser, input.baseAddress, bytes.count)
        var reader = TreeReader(limits: limits)
        return try reader.document(&parser)
    }
}

/// Reads one tree from a parser's events.
private struct TreeReader {
    let limits: YAMLLimits
    var nodes = 0

    init(limits: YAMLLimits) { self.limits = limits }

    /// One event, copied out of the C library's memory.
    struct Event {
        let type: Int
        let text: String
        let isPlain: Bool
        let position: YAMLPosition
    }

    mutating func document(_ parser: inout yaml_parser_t) throws(YAMLError) -> YAMLNode {
        var root: YAMLNode?
        while true {
            let event = try next(&parser)
            switch event.type {
            case GW_YAML_STREAM_END:
                return root ?? YAMLNode(content: .scalar("", isPlain: true), position: YAMLPosition(line: 1, column: 1))
            case GW_YAML_DOCUMENT_START:
                guard root == nil else { throw YAMLError(message: "a second document begins here; one is read", position: event.position) }
                root = try node(try next(&parser), &parser, depth: 0)
            default: continue   // start of the stream, end of the document
            }
        }
    }

    mutating func node(_ event: Event, _ parser: inout yaml_parser_t, depth: Int) throws(YAMLError) -> YAMLNode {
        nodes += 1
        guard nodes <= limits.nodes else { throw YAMLError(message: "more than \(limits.nodes) values", position: event.position) }
        guard depth <= limits.depth else { throw YAMLError(message: "nested deeper than \(limits.depth) levels", position: event.position) }
        switch event.type {
        case GW_YAML_SCALAR:
            return YAMLNode(content: .scalar(event.text, isPlain: event.isPlain), position: event.position)
        case GW_YAML_SEQUENCE_START:
            var elements: [YAMLNode] = []
            while true {
                let inner = try next(&parser)
                if inner.type == GW_YAML_SEQUENCE_END { break }
                elements.append(try node(inner, &parser, depth: depth + 1))
            }
            return YAMLNode(content: .sequence(elements), position: event.position)
        case GW_YAML_MAPPING_START:
            var members: [YAMLMember] = []
            var seen: [String: YAMLPosition] = [:]
            while true {
                let key = try next(&parser)
                if key.type == GW_YAML_MAPPING_END { break }
                guard key.type == GW_YAML_SCALAR else { throw YAMLError(message: "a key must be a text", position: key.position) }
                if let first = seen[key.text] {
                    throw YAMLError(message: "the key \(key.text) is repeated; it stands at \(first) already", position: key.position)
                }
                seen[key.text] = key.position
                let value = try node(try next(&parser), &parser, depth: depth + 1)
                members.append(YAMLMember(key: key.text, keyPosition: key.position, value: value))
            }
            return YAMLNode(content: .mapping(members), position: event.position)
        default:
            throw YAMLError(message: "a value is missing", position: event.position)
        }
    }

    /// The next event; its C form is freed before this returns.
    func next(_ parser: inout yaml_parser_t) throws(YAMLError) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(&parser, &event) == 1 else {
            let mark = parser.problem_mark
            let problem = parser.problem.map { String(cString: $0) } ?? "not YAML"
            let context = parser.context.map { String(cString: $0) + ": " } ?? ""
            // A broken character has an offset only; the reader's own mark says how far it came.
            let place = parser.error == YAML_READER_ERROR ? parser.mark : mark
            throw YAMLError(message: context + problem, position: YAMLPosition(line: Int(place.line) + 1, column: Int(place.column) + 1))
        }
        defer { yaml_event_delete(&event) }
        let position = YAMLPosition(line: Int(event.start_mark.line) + 1, column: Int(event.start_mark.column) + 1)
        let type = Int(gw_yaml_type(&event))
        guard type != GW_YAML_ALIAS, gw_yaml_has_anchor(&event) == 0 else {
            throw YAMLError(message: "anchors and aliases are not read; write the value out", position: position)
        }
        guard gw_yaml_tag(&event) == nil else { throw YAMLError(message: "tags are not read", position: position) }
        var text = ""
        var isPlain = false
        if type == GW_YAML_SCALAR {
            text = String(decoding: UnsafeBufferPointer(start: gw_yaml_scalar(&event), count: gw_yaml_scalar_count(&event)), as: UTF8.self)
            isPlain = gw_yaml_scalar_is_plain(&event) == 1
        }
        return Event(type: type, text: text, isPlain: isPlain, position: position)
    }
}
