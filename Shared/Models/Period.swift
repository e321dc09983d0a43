// The period that a sum of money or a number of chips belongs to, as companies write it. A period is spread evenly over its days, so it knows
// its first and last day. A fiscal period counts as the calendar period of the same name: when a company's year begins is not in the facts.

/// `2026`, `2026H1`, `2026Q1`, `2026-07`, `FY2026`, `FY2026H1`, `FY2026Q1`, `2025-2029`.
public struct Period: Hashable, Sendable {
    public let firstDay: Day
    /// Inclusive.
    public let lastDay: Day
    public let isFiscal: Bool

    public var days: Int { Int(lastDay.daysSince1970 - firstDay.daysSince1970) + 1 }

    public static let grammar = "a period: 2026, 2026H1, 2026Q1, 2026-07, FY2026, FY2026Q1 or 2025-2029"

    public init?(_ utf8: UnsafeRawBufferPointer) {
        guard let parts = Period.parts(utf8) else { return nil }
        isFiscal = parts.fiscal
        firstDay = Day(year: parts.firstYear, month: parts.firstMonth, day: 1)
        let afterYear = parts.lastMonth == 12 ? parts.lastYear + 1 : parts.lastYear
        let after = Day(year: afterYear, month: parts.lastMonth == 12 ? 1 : parts.lastMonth + 1, day: 1)
        lastDay = Day(daysSince1970: after.daysSince1970 - 1)
    }

    public init?(_ text: String) {
        var text = text
        guard let value = text.withUTF8({ Period(UnsafeRawBufferPointer($0)) }) else { return nil }
        self = value
    }

    private struct Parts { var firstYear, firstMonth, lastYear, lastMonth: Int; var fiscal: Bool }

    private static func parts(_ text: UnsafeRawBufferPointer) -> Parts? {
        var position = 0
        let fiscal = text.count >= 2 && text[0] == UInt8(ascii: "F") && text[1] == UInt8(ascii: "Y")
        if fiscal { position = 2 }
        guard let year = number(text, position, 4), year >= 1 else { return nil }
        position += 4
        let rest = text.count - position
        if rest == 0 { return Parts(firstYear: year, firstMonth: 1, lastYear: year, lastMonth: 12, fiscal: fiscal) }
        if rest == 2, text[position] == UInt8(ascii: "Q"), let quarter = number(text, position + 1, 1), (1...4).contains(quarter) {
            return Parts(firstYear: year, firstMonth: quarter * 3 - 2, lastYear: year, lastMonth: quarter * 3, fiscal: fiscal)
        }
        if rest == 2, text[position] == UInt8(ascii: "H"), let half = number(text, position + 1, 1), (1...2).contains(half) {
            return Parts(firstYear: year, firstMonth: half * 6 - 5, lastYear: year, lastMonth: half * 6, fiscal: fiscal)
        }
        guard !fiscal, text[position] == UInt8(ascii: "-") else { return nil }
        if rest == 3, let month = number(text, position + 1, 2), (1...12).contains(month) {
            return Parts(firstYear: year, firstMonth: month, lastYear: year, lastMonth: month, fiscal: false)
        }
        if rest == 5, let last = number(text, position + 1, 4), last >= year, last <= 9998 {
            return Parts(firstYear: year, firstMonth: 1, lastYear: last, lastMonth: 12, fiscal: false)
        }
        return nil
    }

    private static func number(_ text: UnsafeRawBufferPointer, _ position: Int, _ digits: Int) -> Int? {
        guard position + digits <= text.count else { return nil }
        var value = 0
        for index in position..<position + digits {
            guard let digit = text[index].decimalDigit else { return nil }
            value = value * 10 + Int(digit)
        }
        return value
    }
}
