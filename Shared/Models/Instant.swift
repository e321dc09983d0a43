// Instants and days, the two ways in which events say when. Both are plain integers, so Core code compares and subtracts them without a
// calendar library. The civil-calendar arithmetic is Howard Hinnant's (https://howardhinnant.github.io/date_algorithms.html).

/// A point in time in microseconds since 1970-01-01T00:00:00Z, PostgreSQL's own resolution for `timestamptz`.
public struct Instant: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var microseconds: Int64

    @inlinable public init(microseconds: Int64) { self.microseconds = microseconds }
    /// Kafka's record timestamps are in milliseconds.
    @inlinable public init(milliseconds: Int64) { self.microseconds = milliseconds &* 1000 }

    @inlinable public static func < (a: Instant, b: Instant) -> Bool { a.microseconds < b.microseconds }

    /// Rounded down, before 1970 too.
    public var milliseconds: Int64 { microseconds.floorDivided(by: 1000) }
    public var day: Day { Day(daysSince1970: Int32(truncatingIfNeeded: microseconds.floorDivided(by: 86_400_000_000))) }

    /// The first and the last instant that text can hold: years 1 to 9999.
    public static let earliest = Instant(microseconds: -62_135_596_800_000_000)
    public static let latest = Instant(microseconds: 253_402_300_799_999_999)

    /// This instant and so many seconds; a sum beyond what fits stays at the end of the range (durations come from outside).
    public func adding(_ seconds: Double) -> Instant {
        let change = (seconds * 1e6).rounded()
        guard change.magnitude < 9.2e18 else { return Instant(microseconds: change > 0 ? .max : change < 0 ? .min : microseconds) }
        let (sum, overflow) = microseconds.addingReportingOverflow(Int64(change))
        return Instant(microseconds: overflow ? (change > 0 ? .max : .min) : sum)
    }

    /// Seconds from `earlier` to this instant; negative when it lies after.
    public func seconds(since earlier: Instant) -> Double {
        let (difference, overflow) = microseconds.subtractingReportingOverflow(earlier.microseconds)
        return overflow ? (Double(microseconds) - Double(earlier.microseconds)) / 1e6 : Double(difference) / 1e6
    }

    /// Reads an RFC 3339 instant (`2026-07-19T12:00:00.5Z`, `…+02:00`). Nil unless the whole text is one and lies, in UTC, in the
    /// years 1 to 9999. Digits past microseconds are cut; a leap second (`:60`) counts as the second before it.
    public init?(rfc3339 text: UnsafeRawBufferPointer) {
        guard text.count >= 20, let day = Day(iso8601: UnsafeRawBufferPointer(rebasing: text[0..<10])) else { return nil }
        guard text[10] == UInt8(ascii: "T") || text[10] == UInt8(ascii: "t") || text[10] == UInt8(ascii: " ") else { return nil }
        guard let hour = text.twoDigits(at: 11), text[13] == UInt8(ascii: ":"), let minute = text.twoDigits(at: 14),
            text[16] == UInt8(ascii: ":"), let second = text.twoDigits(at: 17), hour < 24, minute < 60, second <= 60
        else { return nil }
        var position = 19
        var fraction: Int64 = 0
        if text[position] == UInt8(ascii: ".") {
            position += 1
            var scale: Int64 = 100_000
            let first = position
            while position < text.count, let digit = text[position].decimalDigit {
                fraction += digit * scale
                scale /= 10
                position += 1
            }
            guard position > first else { return nil }
        }
        guard position < text.count else { return nil }
        var offsetMinutes: Int64 = 0
        switch text[position] {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"):
            position += 1
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            guard position + 6 <= text.count, let hours = text.twoDigits(at: position + 1), text[position + 3] == UInt8(ascii: ":"),
                let minutes = text.twoDigits(at: position + 4), hours < 24, minutes < 60
            else { return nil }
            offsetMinutes = (hours * 60 + minutes) * (text[position] == UInt8(ascii: "-") ? -1 : 1)
            position += 6
        default: return nil
        }
        guard position == text.count else { return nil }
        let seconds = Int64(day.daysSince1970) * 86_400 + hour * 3600 + minute * 60 + min(second, 59) - offsetMinutes * 60
        microseconds = seconds * 1_000_000 + fraction
        guard self >= .earliest, self <= .latest else { return nil }
    }

    /// Reads an RFC 3339 instant; for code that is not hot.
    public init?(_ text: String) {
        var text = text
        guard let value = text.withUTF8({ Instant(rfc3339: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = value
    }

    /// RFC 3339 in UTC with as many digits of the second as it has: `2026-07-19T12:00:00Z`, `2026-07-19T12:00:00.5Z`.
    public var description: String {
        let remainder = microseconds % 86_400_000_000
        let timeOfDay = remainder < 0 ? remainder + 86_400_000_000 : remainder
        let seconds = timeOfDay / 1_000_000
        var text = "\(day)T\(padded(seconds / 3600)):\(padded(seconds / 60 % 60)):\(padded(seconds % 60))"
        let fraction = timeOfDay % 1_000_000
        if fraction > 0 {
            var digits = String(fraction + 1_000_000).dropFirst()
            while digits.last == "0" { digits = digits.dropLast() }
            text += ".\(digits)"
        }
        return text + "Z"
    }
}

/// A calendar day (proleptic Gregorian), as days since 1970-01-01.
public struct Day: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var daysSince1970: Int32

    public init(daysSince1970: Int32) { self.daysSince1970 = daysSince1970 }

    public init(year: Int, month: Int, day: Int) {
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        daysSince1970 = Int32(era * 146_097 + dayOfEra - 719_468)
    }

    public static func < (a: Day, b: Day) -> Bool { a.daysSince1970 < b.daysSince1970 }

    /// Midnight UTC, at which the day begins.
    public var start: Instant { Instant(microseconds: Int64(daysSince1970) * 86_400_000_000) }

    public var civil: (year: Int, month: Int, day: Int) {
        let z = Int(daysSince1970) + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// Reads `YYYY-MM-DD`. Nil unless it is a day that exists, in the years 1 to 9999 (PostgreSQL has no year 0).
    public init?(iso8601 text: UnsafeRawBufferPointer) {
        guard text.count == 10, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"), let century = text.twoDigits(at: 0),
            let yearOfCentury = text.twoDigits(at: 2), let month = text.twoDigits(at: 5), let day = text.twoDigits(at: 8),
            month >= 1, month <= 12, day >= 1
        else { return nil }
        let year = century * 100 + yearOfCentury
        guard year > 0, day <= Day.length(ofMonth: month, year: year) else { return nil }
        self.init(year: Int(year), month: Int(month), day: Int(day))
    }

    private static func length(ofMonth month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    public init?(_ text: String) {
        var text = text
        guard let value = text.withUTF8({ Day(iso8601: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = value
    }

    /// `YYYY-MM-DD`.
    public var description: String {
        let (year, month, day) = civil
        let digits = String(year)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + "\(digits)-\(padded(Int64(month)))-\(padded(Int64(day)))"
    }
}

private func padded(_ value: Int64) -> String { value < 10 ? "0\(value)" : String(value) }

extension Int64 {
    fileprivate func floorDivided(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

extension UInt8 {
    /// 0…9 for an ASCII digit.
    var decimalDigit: Int64? { self >= 0x30 && self <= 0x39 ? Int64(self - 0x30) : nil }
}

extension UnsafeRawBufferPointer {
    /// The number that two ASCII digits at `position` spell.
    fileprivate func twoDigits(at position: Int) -> Int64? {
        guard position + 2 <= count, let tens = self[position].decimalDigit, let units = self[position + 1].decimalDigit else { return nil }
        return tens * 10 + units
    }
}
