// What a caller may write, and what is said when it is wrong.

import Models
import QueryCore
import Testing

@Suite struct ParameterTests {
    @Test func `a day counts to its last microsecond, an instant to itself`() throws {
        #expect(try ClockParameter.parse("2025-12-31", parameter: "as_of").instant.description == "2025-12-31T23:59:59.999999Z")
        #expect(try ClockParameter.parse("2025-12-31T12:00:00+02:00", parameter: "as_of").instant.description == "2025-12-31T10:00:00Z")
        #expect(try ClockParameter.parse("2025-12-31", parameter: "as_of").written == "2025-12-31")
    }

    @Test func `a plus sign that arrived as a space is still understood`() throws {
        #expect(try ClockParameter.parse("2025-12-31T12:00:00 02:00", parameter: "as_of").instant.description == "2025-12-31T10:00:00Z")
    }

    @Test(arguments: [
        ("as_of", "yesterday"), ("as_of", "2025-02-30"), ("as_of", "0001-01-01"), ("as_known", "9999-12-31"), ("limit", "0"), ("limit", "-1"),
        ("limit", "ten"),
        ("limit", "99999999999999999999"), ("format", "xml"), ("cursor", "%%%"), ("cursor", "c2l0ZXM"), ("at_least", "gigawatch.events"),
        ("at_least", "t/-1/4"),
        ("at_least", "t/1/99999999999999999999"), ("min_power_mw", "nan"), ("min_power_mw", "1e999"), ("energized", "maybe"), ("country", "U\u{0}S"),
        ("status", String(repeating: "x", count: 3_000)), ("colour", "blue"),
    ])
    func `a wrong parameter is named`(name: String, value: String) {
        let problem = #expect(throws: ParameterProblem.self) { try ModelRequest(.sites, parameters: [(name, value)]) }
        #expect(problem?.parameter == name)
        #expect(problem?.message.isEmpty == false)
    }

    @Test func `an unknown parameter is told with the nearest known one`() {
        let problem = #expect(throws: ParameterProblem.self) { try ModelRequest(.sites, parameters: [("as_off", "2025-12-31")]) }
        #expect(problem?.message.contains("did you mean 'as_of'?") == true)
    }

    @Test func `clocks on a model without them are refused, not ignored`() {
        let problem = #expect(throws: ParameterProblem.self) { try ModelRequest(.quarantine, parameters: [("as_of", "2025-12-31")]) }
        #expect(problem?.message.contains("has no clocks") == true)
    }

    @Test func `a parameter given twice is refused, but at_least may name several positions`() throws {
        #expect(throws: ParameterProblem.self) { try ModelRequest(.sites, parameters: [("limit", "5"), ("limit", "6")]) }
        #expect(try ModelRequest(.sites, parameters: [("at_least", "a.b/0/7"), ("at_least", "a.b/1/9")]).atLeast.count == 2)
    }

    @Test func `a cursor comes back as it went out, and only to its own list`() throws {
        let text = Cursor(keys: ["7359.4", "colossus-2"]).encoded(for: .sites)
        #expect(try Cursor(text, model: .sites).keys == ["7359.4", "colossus-2"])
        #expect(throws: ParameterProblem.self) { try Cursor(text, model: .contracts) }
        let forged = Cursor(keys: ["'; DROP TABLE", "x"]).encoded(for: .sites)
        #expect(throws: ParameterProblem.self) { try Cursor(forged, model: .sites) }
    }

    @Test func `base64url round-trips every length`() {
        for count in 0..<40 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 200) }
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
    }

    @Test func `a path matches whole segments, the literal before the placeholder`() {
        #expect(ReadModels.route("/v1/sites/colossus-2")?.values == ["id": "colossus-2"])
        #expect(ReadModels.route("/v1/sites/colossus-2/timeline")?.model.name == "site_timeline")
        #expect(ReadModels.route("/v1/metrics/history")?.model.name == "metric_history")
        #expect(ReadModels.route("/v1/sites/") == nil)
        #expect(ReadModels.route("/v1/nothing") == nil)
    }
}

@Suite struct DeclarationTests {
    @Test func `every model has its own name and path, and every column a meaning`() {
        #expect(Set(ReadModels.all.map(\.name)).count == ReadModels.all.count)
        #expect(Set(ReadModels.all.map(\.path)).count == ReadModels.all.count)
        for model in ReadModels.all {
            #expect(!model.sort.isEmpty, "\(model.name) has no order, so it cannot be paged")
            #expect(Set(model.columns.map(\.name)).count == model.columns.count, "\(model.name) names a column twice")
            for column in model.columns { #expect(!column.meaning.isEmpty, "\(model.name).\(column.name)") }
            for filter in model.filters {
                // An argument of the function stands in the source, a filter in a condition.
                let isArgument = model.source.contains("{\(filter.name)}")
                #expect(filter.condition.filter { $0 == "?" }.count == (isArgument ? 0 : 1), "\(model.name): \(filter.name)")
            }
        }
    }

    @Test func `values are parameters, never part of the statement's text`() throws {
        let evil = "x' OR 1=1 --"
        let request = try ModelRequest(.sites, parameters: [("owner", evil), ("as_of", "2025-12-31"), ("limit", "7")])
        let statement = ReadModel.sites.statement(for: request)
        #expect(!statement.sql.contains(evil))
        #expect(statement.parameters.contains(evil))
        #expect(statement.parameters.contains("7"))
        #expect(statement.parameters.contains("2025-12-31T23:59:59.999999Z"))
    }

    @Test func `filters without totals of their own give none, because totals over everything would mislead`() throws {
        let all = ReadModel.regions.statement(for: try ModelRequest(.regions, parameters: []))
        let some = ReadModel.regions.statement(for: try ModelRequest(.regions, parameters: [("country", "US")]))
        #expect(all.sql.contains("region_totals"))
        #expect(!some.sql.contains("region_totals"))
    }
}
