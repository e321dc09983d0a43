// Figures as people and spreadsheets see them.

import Models
import QueryCore
import Testing

@Suite struct PresentationTests {
    @Test(arguments: [
        (1_234_567.0, 0, "1,234,567"), (1_234.5, 1, "1,234.5"), (0.25, 3, "0.25"), (-0.004, 2, "0"), (-1_234.0, 0, "−1,234"), (999.95, 1, "1,000"),
        (0, 2, "0"),
        (7_359.400000000001, 1, "7,359.4"),
    ])
    func `numbers have separators and no trailing zeros`(value: Double, decimals: Int, expected: String) {
        #expect(NumberText.write(value, decimals: decimals) == expected)
    }

    @Test func `unknown is a dash for people and empty for a spreadsheet, never 0`() {
        let column = Column("x", .number(decimals: 1), "")
        #expect(Cell.null.shown(in: column) == "–")
        #expect(Cell.null.plain == "")
    }

    @Test func `money is shown in billions and kept in dollars`() {
        let column = Column("capital_cost_usd", .number(decimals: 2), unit: "USD", heading: "cost", scale: 1e-9, shownUnit: "B USD", "")
        #expect(Cell.number(219_272_380_600).shown(in: column) == "219.27")
        #expect(TextTable.heading(column).text == "cost (B USD)")
        #expect(CSVText.header([column]) == "capital_cost_usd (USD)\r\n")
    }

    @Test func `columns align, numbers to the right, and the widest text gives way`() {
        var table = TextTable(headings: [.init("site"), .init("power (MW)", alignsRight: true)])
        table.rows = [["a-very-long-name-of-a-campus", "1,276"], ["b", "7"]]
        #expect(
            table.lines() == [
                "site                          power (MW)",
                "a-very-long-name-of-a-campus       1,276",
                "b                                      7",
            ])
        let narrow = table.lines(width: 24)
        #expect(narrow.allSatisfy { $0.count <= 24 })
        #expect(narrow[1].contains("…") && narrow[1].hasSuffix("1,276"))
    }

    @Test func `colours come only when asked for`() {
        var table = TextTable(headings: [.init("state")])
        table.rows = [["firing"]]
        #expect(!table.text().contains("\u{1B}"))
        #expect(table.text(colours: true).contains("\u{1B}[31;1mfiring\u{1B}[0m"))
    }

    @Test func `text from outside cannot move the cursor of a terminal`() {
        #expect(Cell.text("a\u{1B}[2Jb").shown(in: Column("x", .text, "")) == "a [2Jb")
    }

    @Test(arguments: [
        ("plain", "plain"), ("a,b", "\"a,b\""), ("say \"hi\"", "\"say \"\"hi\"\"\""), ("two\nlines", "\"two\nlines\""), (" edge", "\" edge\""),
    ])
    func `a field is quoted where it must be`(value: String, expected: String) { #expect(CSVText.field(value) == expected) }
}
