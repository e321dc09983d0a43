// The two clocks and the recording clock as a caller writes them: a day or an instant. A day counts to its end, because facts with a time
// on that day belong to "as of that day". Pure; the wall clock is never read here: no value means now, and PostgreSQL says when that is.

public import Models

public struct ClockParameter: Sendable, Equatable {
    /// What the caller wrote, for the answer to repeat.
    public let written: String
    /// The last microsecond that counts.
    public let instant: Instant

    /// Reads `2025-12-31` (through its last microsecond) or an RFC 3339 instant.
    public static func parse(_ text: String, parameter: String) throws(ParameterProblem) -> ClockParameter {
        if let day = Day(text) {
            try check(day, parameter)
            return ClockParameter(written: text, instant: Instant(microseconds: day.start.microseconds + 86_400_000_000 - 1))
        }
        guard let instant = instant(text) else {
            throw ParameterProblem(parameter, "expected a day (2025-12-31) or an instant (2025-12-31T12:00:00Z), found '\(shortened(text))'")
        }
        try check(instant.day, parameter)
        return ClockParameter(written: instant.description, instant: instant)
    }

    /// The first moment of a day, or the instant itself.
    public static func parseStart(_ text: String, parameter: String) throws(ParameterProblem) -> Instant {
        if let day = Day(text) {
            try check(day, parameter)
            return day.start
        }
        return try parse(text, parameter: parameter).instant
    }

    /// `+02:00` arrives as ` 02:00` from senders that forgot to escape the plus sign; that is still unambiguous.
    private static func instant(_ text: String) -> Instant? {
        if let value = Instant(text) { return value }
        guard let space = text.lastIndex(of: " "), text.distance(from: space, to: text.endIndex) == 6 else { return nil }
        return Instant(text[..<space] + "+" + text[text.index(after: space)...])
    }

    private static func check(_ day: Day, _ parameter: String) throws(ParameterProblem) {
        guard (1900...2199).contains(day.civil.year) else {
            throw ParameterProblem(parameter, "the year must lie between 1900 and 2199, found \(day.civil.year)")
        }
    }

    static func shortened(_ text: String) -> String { text.count <= 60 ? text : text.prefix(60) + "…" }
}

extension Instant {
    fileprivate init?(_ text: some StringProtocol) { self.init(String(text)) }
}

extension ClockParameter {
    /// Is this a whole RFC 3339 instant?
    static func isInstant(_ text: String) -> Bool { Instant(text) != nil }
}
