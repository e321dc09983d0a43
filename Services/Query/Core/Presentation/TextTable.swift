// Lays rows out for a terminal: aligned columns, units in the heading, numbers to the right, and the widest texts shortened until the line
// fits. Colours only when asked for, so piped output is plain. Pure: the caller says how wide the terminal is and whether it has colours.

public import Models

public enum CellStyle: Sendable, Equatable {
    case plain, strong, dim, good, warning, bad

    var code: String {
        switch self {
        case .plain: ""
        case .strong: "1"
        case .dim: "2"
        case .good: "32"
        case .warning: "33"
        case .bad: "31;1"
        }
    }

    /// The text in this style; unchanged without colours.
    public func apply(_ text: String, colours: Bool) -> String {
        colours && self != .plain && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

public struct TextTable: Sendable {
    public struct Heading: Sendable {
        public let text: String
        public let alignsRight: Bool

        public init(_ text: String, alignsRight: Bool = false) {
            self.text = text
            self.alignsRight = alignsRight
        }
    }

    public var headings: [Heading]
    public var rows: [[String]] = []
    /// Style of a cell, by the text of its cell: states and levels are coloured.
    public var style: @Sendable (_ column: Int, _ text: String) -> CellStyle = { _, text in TextTable.wordStyle(text) }

    public init(headings: [Heading]) { self.headings = headings }

    /// A table of a read model's rows.
    public init(_ columns: [Column], items: JSONView) {
        headings = columns.map { Self.heading($0) }
        for row in items.elements {
            rows.append(columns.map { Cell(row, $0.name).shown(in: $0) })
        }
    }

    public static func heading(_ column: Column) -> Heading {
        let right: Bool
        switch column.format {
        case .number, .integer, .share: right = true
        default: right = false
        }
        // "readings (readings)" would say it twice.
        let unit = column.format == .share || column.shownUnit == column.heading ? nil : column.shownUnit
        return Heading((column.heading ?? column.name) + (unit.map { " (\($0))" } ?? ""), alignsRight: right)
    }

    /// Words that mean good or bad wherever they stand.
    public static func wordStyle(_ text: String) -> CellStyle {
        switch text {
        case "energized", "operating", "resolved", "applied", "ok", "ready": .good
        case "firing", "critical", "halted", "failed", "outage", "error", "quarantined", "no_data": .bad
        case "warning", "pending", "derated", "unapplied", "open", "recovering": .warning
        case "–", "cancelled", "retired", "inactive": .dim
        default: .plain
        }
    }

    /// - Parameters:
    ///   - width: the terminal's columns; nil for no limit (a pipe).
    public func lines(width: Int? = nil, colours: Bool = false) -> [String] {
        var widths = headings.map { Self.width($0.text) }
        for row in rows {
            for (index, cell) in row.enumerated() where index < widths.count { widths[index] = max(widths[index], Self.width(cell)) }
        }
        if let width { Self.shrink(&widths, headings: headings, to: width) }
        let heading = styledLine(headings.map(\.text), widths, colours: colours) { _, _ in .strong }
        return [heading] + rows.map { styledLine($0, widths, colours: colours, style) }
    }

    public func text(width: Int? = nil, colours: Bool = false) -> String { lines(width: width, colours: colours).joined(separator: "\n") + "\n" }

    private func styledLine(_ cells: [String], _ widths: [Int], colours: Bool, _ style: (Int, String) -> CellStyle) -> String {
        var text = ""
        for (index, cell) in cells.enumerated() where index < widths.count {
            let short = Self.shortened(cell, to: widths[index])
            let padding = String(repeating: " ", count: widths[index] - Self.width(short))
            let styled = style(index, cell).apply(short, colours: colours)
            if index > 0 { text += "  " }
            text += headings[index].alignsRight ? padding + styled : index == cells.count - 1 ? styled : styled + padding
        }
        return text
    }

    /// Takes columns from the widest text column until the line fits; numbers are never cut.
    private static func shrink(_ widths: inout [Int], headings: [Heading], to width: Int) {
        var excess = widths.reduce(0, +) + 2 * max(0, widths.count - 1) - width
        while excess > 0 {
            let candidates = widths.indices.filter { !headings[$0].alignsRight && widths[$0] > 8 }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { return }
            widths[widest] -= 1
            excess -= 1
        }
    }

    static func shortened(_ text: String, to width: Int) -> String {
        guard Self.width(text) > width else { return text }
        return width <= 1 ? "…" : text.prefix(width - 1) + "…"
    }

    /// Columns that the text takes: one a character, which is right for the scripts that our data uses.
    static func width(_ text: String) -> Int { text.utf8.allSatisfy { $0 < 0x80 } ? text.utf8.count : text.count }
}
