// Instants, days and periods at their edges.

import Models
import Testing

@Suite struct InstantTests {
    static let good: [(String, Int64, String)] = [
        ("1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"),
        ("1969-12-31T23:59:59.999999Z", -1, "1969-12-31T23:59:59.999999Z"),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000_000, "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
        ("2024-02-29t12:00:00z", 1_709_208_000_000_000, "2024-02-29T12:00:00Z"),
        ("2000-02-29 00:00:00Z", 951_782_400_000_000, "2000-02-29T00:00:00Z"),
        ("2026-07-19T12:00:00.5+02:00", 1_784_455_200_500_000, "2026-07-19T10:00:00.5Z"),
        ("2026-07-19T00:30:00-01:00", 1_784_424_600_000_000, "2026-07-19T01:30:00Z"),
        ("2016-12-31T23:59:60Z", 1_483_228_799_000_000, "2016-12-31T23:59:59Z"),
        ("2026-01-01T00:00:00.1234567899Z", 1_767_225_600_123_456, "2026-01-01T00:00:00.123456Z"),
    ]
    @Test(arguments: good) func `an RFC 3339 instant is read and written`(text: String, microseconds: Int64, written: String) {
        #expect(Instant(text)?.microseconds == microseconds)
        #expect(Instant(microseconds: microseconds).description == written)
    }

    static let bad = [
        "", "2026", "2026-07-19", "2026-07-19T12:00:00", "2026-07-19T12:00Z", "2026-07-19T24:00:00Z", "2026-07-19T12:60:00Z",
        "2026-07-19T12:00:61Z", "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
        "2026-07-19T12:00:00.Z", "2026-07-19T12:00:00+0200", "2026-07-19T12:00:00+24:00", "2026-07-19T12:00:00Zx", "2026-07-19T12:00:00.5",
        "２026-07-19T12:00:00Z", "2026-07-19T12:00:00+02:0", "+026-07-19T12:00:00Z",
    ]
    @Test(arguments: bad) func `what is no RFC 3339 instant is not read`(text: String) { #expect(Instant(text) == nil) }

    @Test func `every day of four centuries is read back`() {
        for number in Int32(-146_097)...Int32(146_097) {
            let day = Day(daysSince1970: number)
            let (year, month, dayOfMonth) = day.civil
            #expect(Day(year: year, month: month, day: dayOfMonth) == day)
            if number % 97 == 0 { #expect(Day(day.description) == day) }
        }
        #expect(Day("0001-01-01") == Instant.earliest.day && Day("9999-12-31") == Instant.latest.day)
    }

    @Test func `arithmetic at the ends does not trap`() {
        #expect(Instant(microseconds: .max).adding(1).microseconds == .max && Instant(microseconds: .min).adding(-1).microseconds == .min)
        #expect(Instant(microseconds: 5).adding(.nan).microseconds == 5 && Instant(microseconds: 5).adding(.infinity).microseconds == .max)
        #expect(Instant(microseconds: .max).seconds(since: Instant(microseconds: .min)) > 1e13)
        #expect(Instant(microseconds: -1).milliseconds == -1 && Instant(microseconds: -1).day == Day("1969-12-31"))
        _ = (Instant(microseconds: .min).description, Instant(microseconds: .max).description, Instant(microseconds: .min).day)
    }

    static let periods: [(String, String?, String?)] = [
        ("2026", "2026-01-01", "2026-12-31"), ("FY2026", "2026-01-01", "2026-12-31"), ("2024Q1", "2024-01-01", "2024-03-31"),
        ("FY2026Q4", "2026-10-01", "2026-12-31"), ("2026H2", "2026-07-01", "2026-12-31"), ("2024-02", "2024-02-01", "2024-02-29"),
        ("2025-2029", "2025-01-01", "2029-12-31"), ("2026-12", "2026-12-01", "2026-12-31"), ("", nil, nil), ("26", nil, nil),
        ("2026Q0", nil, nil), ("2026Q5", nil, nil), ("2029-2025", nil, nil), ("FY2025-2026", nil, nil), ("2026-13", nil, nil), ("fy2026", nil, nil),
        ("2026 ", nil, nil), ("0000", nil, nil), ("9999", "9999-01-01", "9999-12-31"),
    ]
    @Test(arguments: periods) func `a period knows its days`(text: String, first: String?, last: String?) {
        let period = Period(text)
        #expect(period?.firstDay == first.flatMap { Day($0) } && period?.lastDay == last.flatMap { Day($0) })
        #expect((period == nil) == (first == nil))
    }
}
