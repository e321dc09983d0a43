// Walks a RuleNode and collects problems instead of stopping at the first: a person who writes rules wants all of them at once.
// A mapping is read key by key; what was not asked for is reported with the nearest known key when the mapping is closed.

/// Collects what is wrong while a rule file is read.
final class ProblemList {
    private(set) var problems: [RuleProblem] = []

    func error(_ node: RuleNode, _ pointer: String, _ message: String) {
        problems.append(RuleProblem(line: node.line, column: node.column, pointer: pointer, message: message))
    }

    func error(line: Int, column: Int, _ pointer: String, _ message: String) {
        problems.append(RuleProblem(line: line, column: column, pointer: pointer, message: message))
    }

    func warning(_ node: RuleNode, _ pointer: String, _ message: String) {
        problems.append(RuleProblem(severity: .warning, line: node.line, column: node.column, pointer: pointer, message: message))
    }

    var hasErrors: Bool { problems.contains { $0.severity == .error } }
}

/// Reads one mapping. Every key must be asked for once; `close` reports the others.
struct MapReader {
    let node: RuleNode
    let pointer: String
    let problems: ProblemList
    private let entries: [RuleNode.Entry]
    private var asked: [String] = []

    /// Nil, and a problem, when the node is no mapping.
    init?(_ node: RuleNode, _ pointer: String, _ problems: ProblemList, what: String) {
        guard case .map(let entries) = node.content else {
            problems.error(node, pointer, "\(what) must be a mapping, not \(node.kindName).")
            return nil
        }
        (self.node, self.pointer, self.problems, self.entries) = (node, pointer, problems, entries)
        var seen: Set<String> = []
        for entry in entries where !seen.insert(entry.key).inserted {
            problems.error(line: entry.line, column: entry.column, "\(pointer)/\(entry.key)", "The key \"\(entry.key)\" stands here twice.")
        }
    }

    func path(_ key: String) -> String { "\(pointer)/\(key)" }

    /// The value of a key; nil when it is missing or null.
    mutating func optional(_ key: String) -> RuleNode? {
        asked.append(key)
        guard let value = entries.first(where: { $0.key == key })?.value, value.content != .null else { return nil }
        return value
    }

    mutating func text(_ key: String) -> String? {
        guard let value = optional(key) else { return nil }
        guard let text = value.scalarText else {
            problems.error(value, path(key), "Expected text, not \(value.kindName).")
            return nil
        }
        guard !text.utf8.contains(0), text.utf8.count <= 4096 else {
            problems.error(value, path(key), "Text here is at most 4,096 bytes without NUL.")
            return nil
        }
        return text
    }

    mutating func requiredText(_ key: String, what: String) -> String? {
        guard entries.contains(where: { $0.key == key && $0.value.content != .null }) else {
            asked.append(key)
            problems.error(node, pointer, "\(what) needs the key \"\(key)\".")
            return nil
        }
        return text(key)
    }

    mutating func number(_ key: String) -> Double? {
        guard let value = optional(key) else { return nil }
        guard case .number(let number, _) = value.content, number.isFinite else {
            problems.error(value, path(key), "Expected a number, not \(value.kindName).")
            return nil
        }
        return number
    }

    mutating func boolean(_ key: String) -> Bool? {
        guard let value = optional(key) else { return nil }
        guard case .boolean(let flag) = value.content else {
            problems.error(value, path(key), "Expected true or false, not \(value.kindName).")
            return nil
        }
        return flag
    }

    /// A duration in microseconds (`90s`, `5m`, `1h30m`, `2d`).
    mutating func duration(_ key: String) -> Int64? {
        guard let value = optional(key) else { return nil }
        guard let text = value.scalarText, let span = Duration64.parse(text) else {
            problems.error(value, path(key), "Expected a duration such as 90s, 5m, 1h30m or 2d.")
            return nil
        }
        return span
    }

    /// A list of texts; a single text counts as a list of one.
    mutating func texts(_ key: String) -> [String]? {
        guard let value = optional(key) else { return nil }
        if let text = value.scalarText { return [text] }
        guard case .list(let items) = value.content else {
            problems.error(value, path(key), "Expected a list of texts, not \(value.kindName).")
            return nil
        }
        return items.enumerated().compactMap { index, item in
            if let text = item.scalarText { return text }
            problems.error(item, "\(path(key))/\(index)", "Expected text, not \(item.kindName).")
            return nil
        }
    }

    /// The items of a list, each with its pointer.
    mutating func list(_ key: String) -> [(node: RuleNode, pointer: String)] {
        guard let value = optional(key) else { return [] }
        guard case .list(let items) = value.content else {
            problems.error(value, path(key), "Expected a list, not \(value.kindName).")
            return []
        }
        return items.enumerated().map { ($1, "\(path(key))/\($0)") }
    }

    /// A mapping from names to constant texts, sorted by name.
    mutating func pairs(_ key: String) -> [TextPair] {
        guard let value = optional(key) else { return [] }
        guard case .map(let entries) = value.content else {
            problems.error(value, path(key), "Expected a mapping of names to texts, not \(value.kindName).")
            return []
        }
        var pairs: [TextPair] = []
        for entry in entries {
            guard let text = entry.value.scalarText else {
                problems.error(entry.value, "\(path(key))/\(entry.key)", "Expected text, not \(entry.value.kindName).")
                continue
            }
            guard Self.isLabelName(entry.key) else {
                problems.error(line: entry.line, column: entry.column, "\(path(key))/\(entry.key)",
                    "A name is letters, digits and _, and does not begin with a digit.")
                continue
            }
            pairs.append(TextPair(entry.key, text))
        }
        return pairs.sorted { $0.name < $1.name }
    }

    static func isLabelName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(first >= 0x30 && first <= 0x39), text.utf8.count <= 64 else { return false }
        return text.utf8.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || $0 == 0x5F }
    }

    /// The place of a key in the file, for problems about the key itself.
    func place(of key: String) -> RuleNode { entries.first { $0.key == key }?.value ?? node }

    /// Reports every key that nobody asked for, with the nearest known one.
    func close() {
        for entry in entries where !asked.contains(entry.key) {
            let near = nearestName(to: entry.key, among: asked)
            problems.error(line: entry.line, column: entry.column, path(entry.key),
                "Unknown key \"\(entry.key)\"" + (near.map { "; did you mean \"\($0)\"?" } ?? "; known: \(asked.joined(separator: ", "))."))
        }
    }
}

/// The known name that is at most two edits away; nil when none is.
func nearestName(to name: String, among known: [String]) -> String? {
    let ranked = known.map { ($0, editDistance(Array(name.utf8), Array($0.utf8))) }.min { $0.1 < $1.1 }
    guard let (best, distance) = ranked, distance <= max(1, min(2, name.utf8.count / 2)) else { return nil }
    return best
}

private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var row = Array(0...b.count)
    for i in 0..<a.count {
        var previous = row[0]
        row[0] = i + 1
        for j in 0..<b.count {
            let cost = min(row[j + 1] + 1, row[j] + 1, previous + (a[i] == b[j] ? 0 : 1))
            previous = row[j + 1]
            row[j + 1] = cost
        }
    }
    return row[b.count]
}

/// Durations as people write them, kept as microseconds.
enum Duration64 {
    /// `90s`, `5m`, `1h30m`, `2d`, `250ms`; nil for anything else, zero included as `0s`.
    static func parse(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        var position = 0
        var total: Int64 = 0
        guard !bytes.isEmpty, bytes.count <= 32 else { return nil }
        while position < bytes.count {
            var number: Int64 = 0
            let start = position
            while position < bytes.count, bytes[position] >= 0x30, bytes[position] <= 0x39 {
                let (times, overflow) = number.multipliedReportingOverflow(by: 10)
                guard !overflow, times < 1_000_000_000_000 else { return nil }
                number = times + Int64(bytes[position] - 0x30)
                position += 1
            }
            guard position > start else { return nil }
            let unitStart = position
            while position < bytes.count, bytes[position] >= 0x61, bytes[position] <= 0x7A { position += 1 }
            let scale: Int64
            switch String(decoding: bytes[unitStart..<position], as: UTF8.self) {
            case "ms": scale = 1000
            case "s": scale = 1_000_000
            case "m": scale = 60_000_000
            case "h": scale = 3_600_000_000
            case "d": scale = 86_400_000_000
            default: return nil
            }
            let (span, overflow) = number.multipliedReportingOverflow(by: scale)
            guard !overflow else { return nil }
            let (sum, tooLong) = total.addingReportingOverflow(span)
            guard !tooLong, sum <= 3_660 * 86_400_000_000 else { return nil }   // ten years bound every timer
            total = sum
        }
        return total
    }

    /// The shortest text that `parse` reads back: `1h30m`, `90s` becomes `1m30s`.
    static func text(_ microseconds: Int64) -> String {
        var rest = microseconds
        var text = ""
        for (unit, scale) in [("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1000)] as [(String, Int64)]
        where rest >= scale {
            text += "\(rest / scale)\(unit)"
            rest %= scale
        }
        return text.isEmpty ? "0s" : text
    }
}
