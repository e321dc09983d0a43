// One value of a row as people and spreadsheets see it. JSON stays the truth; a cell is read from it and written as text, with thousands
// separators for people and plainly for CSV. Pure, and without Foundation: the command line must start in milliseconds.

public import Models

public enum Cell: Sendable, Equatable {
    case null
    case text(String)
    case integer(Int64)
    case number(Double)
    case boolean(Bool)
    /// A list or an object, as its JSON.
    case json(String)

    /// Reads the value of `column` in a row.
    public init(_ row: JSONView, _ column: String) { self.init(row.member(named: column)) }

    public init(_ view: JSONView?) {
        guard let view else {
            self = .null
            return
        }
        switch view.kind {
        case .null: self = .null
        case .boolean: self = .boolean(view.boolean ?? false)
        case .number: if let integer = view.integer { self = .integer(integer) } else { self = .number(view.double ?? .nan) }
        case .string: self = .text(view.string ?? "")
        case .array:
            var texts: [String] = []
            for element in view.elements {
                guard let text = element.string else {
                    self = .json(Self.written(view))
                    return
                }
                texts.append(text)
            }
            self = .text(texts.joined(separator: ", "))
        case .object: self = .json(Self.written(view))
        }
    }

    private static func written(_ view: JSONView) -> String {
        var writer = JSONWriter()
        writer.value(view)
        return writer.text
    }

    /// As a spreadsheet reads it: no separators, empty for null.
    public var plain: String {
        switch self {
        case .null: ""
        case .text(let text), .json(let text): text
        case .integer(let value): String(value)
        case .number(let value): value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : value.description
        case .boolean(let value): value ? "true" : "false"
        }
    }

    /// As a person reads it in a column of this kind. Unknown is a dash, never 0.
    public func shown(in column: Column) -> String {
        switch self {
        case .null: return "–"
        case .boolean(let value): return value ? "yes" : "no"
        case .json(let text): return text
        case .text(let text):
            switch column.format {
            case .instant: return Self.shortInstant(text)
            case .number, .share: return Double(text).map { Self.number($0, column) } ?? text
            default: return Self.printable(text)
            }
        case .integer(let value): return column.format == .identifier || column.format == .text ? String(value) : Self.number(Double(value), column)
        case .number(let value): return Self.number(value, column)
        }
    }

    private static func number(_ value: Double, _ column: Column) -> String {
        switch column.format {
        case .share: NumberText.write(value * 100, decimals: 1) + " %"
        case .number(let decimals):
            // Nobody reads the decimals of a hundred billion.
            NumberText.write(
                value * column.scale, decimals: abs(value * column.scale) >= 1e6 ? 0 : abs(value * column.scale) >= 1e3 ? min(1, decimals) : decimals)
        default: NumberText.write(value * column.scale, decimals: value == value.rounded() ? 0 : 2)
        }
    }

    /// `2026-07-19T12:00:00.123+00:00` as `2026-07-19 12:00:00`; midnight as its day.
    private static func shortInstant(_ text: String) -> String {
        guard let instant = Instant(text) else { return text }
        if instant == instant.day.start { return instant.day.description }
        var short = Instant(microseconds: instant.microseconds - instant.microseconds % 1_000_000).description
        short.removeLast()
        return short.replacing("T", with: " ")
    }

    /// Text from outside cannot move the cursor or change colours of somebody's terminal.
    public static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? " " : $0 }))
    }
}

/// Numbers as people read them.
public enum NumberText {
    /// With thousands separators and at most `decimals` decimals; half rounds away from zero. `1,234.5`, `−0.25`.
    public static func write(_ value: Double, decimals: Int) -> String {
        guard value.isFinite else { return value.isNaN ? "–" : value < 0 ? "−∞" : "∞" }
        guard abs(value) < 1e15 else { return value.description }
        let factor = power10(decimals)
        let scaled = (abs(value) * factor).rounded()
        guard scaled < 9e18 else { return value.description }
        let units = Int64(scaled)
        let whole = units / Int64(factor)
        var fraction = String(units % Int64(factor))
        fraction = decimals == 0 ? "" : String(repeating: "0", count: max(0, decimals - fraction.count)) + fraction
        while fraction.last == "0" { fraction.removeLast() }
        let sign = value < 0 && units != 0 ? "−" : ""
        return sign + grouped(whole) + (fraction.isEmpty ? "" : "." + fraction)
    }

    /// With a thousands separator: `12,345`.
    public static func grouped(_ value: Int64) -> String {
        let digits = String(value.magnitude)
        var text = value < 0 ? "−" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }

    private static func power10(_ exponent: Int) -> Double {
        var value = 1.0
        for _ in 0..<max(0, min(exponent, 9)) { value *= 10 }
        return value
    }
}
