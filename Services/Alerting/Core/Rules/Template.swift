// Annotations with {{names}}. Parsed once, checked against the names that exist, rendered only when a transition is made. A name may carry a
// filter: `{{value | percent}}`.

/// A text with places for values.
public struct Template: Sendable, Equatable {
    enum Filter: String, CaseIterable, Sendable { case percent, thousands }

    enum Piece: Sendable, Equatable {
        case text(String)
        case name(String, Filter?)
    }

    let pieces: [Piece]

    /// Names that every rule has beside its labels.
    static let names = ["subject", "entity", "value", "threshold", "level", "rule", "state", "event_at"]

    /// Parses `text`; nil and a sentence when a brace is left open or a filter is unknown.
    static func parse(_ text: String) -> (Template?, String?) {
        var pieces: [Piece] = []
        var rest = Substring(text)
        while let open = rest.firstRange(ofText: "{{") {
            if open.lowerBound > rest.startIndex { pieces.append(.text(String(rest[..<open.lowerBound]))) }
            rest = rest[open.upperBound...]
            guard let close = rest.firstRange(ofText: "}}") else { return (nil, "A {{ is not closed by }}.") }
            let parts = rest[..<close.lowerBound].split(separator: "|", omittingEmptySubsequences: false).map { $0.trimmingSpaces }
            rest = rest[close.upperBound...]
            guard let name = parts.first, !name.isEmpty, parts.count <= 2 else { return (nil, "Expected {{name}} or {{name | filter}}.") }
            var filter: Filter?
            if parts.count == 2 {
                filter = Filter(rawValue: parts[1])
                guard filter != nil else {
                    return (nil, "Unknown filter \"\(parts[1])\"; known: \(Filter.allCases.map(\.rawValue).joined(separator: ", ")).")
                }
            }
            pieces.append(.name(name, filter))
        }
        if !rest.isEmpty { pieces.append(.text(String(rest))) }
        return (Template(pieces: pieces), nil)
    }

    var usedNames: [String] {
        pieces.compactMap { if case .name(let name, _) = $0 { name } else { nil } }
    }

    /// - Parameter value: the text, or the number, of a name.
    func render(text: (String) -> String, number: (String) -> Double?) -> String {
        var result = ""
        for piece in pieces {
            switch piece {
            case .text(let constant): result += constant
            case .name(let name, let filter):
                guard let figure = number(name) else { result += text(name); continue }
                switch filter {
                case nil: result += Self.figure(figure)
                case .percent: result += Self.figure(figure * 100) + " %"
                case .thousands: result += Self.grouped(figure)
                }
            }
        }
        return result
    }

    /// A number as people read it: at most four significant digits after the integer part is kept whole.
    static func figure(_ value: Double) -> String {
        guard value.isFinite else { return "unknown" }
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        if abs(value) >= 1000, abs(value) < 1e15 { return String(Int64(value.rounded())) }
        var digits = 3
        var scale = 1000.0
        var magnitude = abs(value)
        while magnitude < 1, digits < 9 { magnitude *= 10; digits += 1; scale *= 10 }
        let rounded = (value * scale).rounded() / scale
        return rounded == rounded.rounded() && abs(rounded) < 1e15 ? String(Int64(rounded)) : rounded.description
    }

    static func grouped(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return figure(value) }
        let digits = String(Int64(value.rounded()).magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return value < 0 ? "-" + text : text
    }
}

extension Substring {
    /// The first place of `text`, without Foundation.
    fileprivate func firstRange(ofText text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }

    fileprivate var trimmingSpaces: String {
        var part = self
        while part.first == " " { part = part.dropFirst() }
        while part.last == " " { part = part.dropLast() }
        return String(part)
    }
}
