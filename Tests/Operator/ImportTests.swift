// The Epoch importer and the rule by which one vintage replaces another.

import JSON
import Models
import OperatorCore
import Testing

@Suite struct ImportTests {
    static let centers = Array(
        """
        Name,Owner,Users,Project,Investors,Country,Address
        "Colossus 2",SpaceXAI #confident,"Anthropic #confident, Cursor #likely",,,United States,"1 Road, Memphis"
        Lone Star,,,,,United States,

        """.utf8)
    static let timelines = Array(
        """
        Data center,Date,Construction status,Buildings operational,IT power (MW),Power (MW),H100 equivalents,Total capital cost (2025 USD billions)
        Colossus 2,2025-02-28,"Land ""clearing""
        begins",0.0,0.0,0.0,0.0,0
        Colossus 2,2025-10-19,Running,1.0,239.0,323.0,277918.14,9.053798
        Colossus 2,2027-01-01,Grown,,,1000.0,,

        """.utf8)
    static let day = Day(year: 2026, month: 7, day: 19)

    func vintage(_ timelines: [UInt8] = timelines, knownOn: Day = day) throws -> EpochDataCenters.Result {
        try EpochDataCenters.facts(centers: Self.centers, timelines: timelines, chips: nil, knownOn: knownOn)
    }

    @Test func `a row becomes levels, a blank is left out, billions become dollars exactly`() throws {
        let facts = try vintage().facts
        let running = try #require(facts.first { $0.key == "levels/colossus-2/2025-10-19" })
        try JSONParser().withParsed(running.payload) { data in
            #expect(data["facility_power_mw"]?.double == 323)
            #expect(data["capital_cost_usd"]?.integer == 9_053_798_000)
            #expect(data["buildings"]?.integer == 1)
        }
        let grown = try #require(facts.first { $0.key == "levels/colossus-2/2027-01-01" })
        #expect(grown.assertion == "projected")
        try JSONParser().withParsed(grown.payload) { #expect($0["it_power_mw"] == nil && $0["facility_power_mw"]?.double == 1_000) }
    }

    @Test func `the description holds from the first row, with codes, ids and the owner's confidence`() throws {
        let result = try vintage()
        let site = try #require(result.facts.first { $0.key == "site/colossus-2" })
        #expect(site.occurredOn == Day("2025-02-28") && site.confidence == "high")
        try JSONParser().withParsed(site.payload) { data in
            #expect(data["country"]?.string == "US" && data["owner"]?.string == "spacexai" && data["status"]?.string == "under_construction")
            #expect(data["users"]?.elements.map { $0.string ?? "" } == ["anthropic", "cursor"])
        }
        #expect(result.facts.contains { $0.key == "energized/colossus-2" && $0.occurredOn == Day("2025-10-19") })
        #expect(result.notes.contains { $0.hasPrefix("Lone Star") })
    }

    @Test func `the same vintage twice changes nothing; a newer one supersedes what changed and withdraws what is gone`() throws {
        let source = EpochDataCenters.source
        let first = try vintage().facts
        let plan = VintagePlan(source: source, facts: first, ledger: [], knownOn: Self.day)
        #expect(plan.added == first.count && plan.events.count == first.count)
        let ledger = first.map { LedgerFact(id: $0.eventID(vintage: Self.day), type: $0.type, subject: $0.subject, occurredAt: $0.occurredOn.start) }
        #expect(VintagePlan(source: source, facts: first, ledger: ledger, knownOn: Self.day).events.isEmpty)
        #expect(VintagePlan(source: source, facts: first, ledger: [], knownOn: Self.day).events == plan.events)

        let later = Day(year: 2026, month: 10, day: 1)
        let changed = String(decoding: Self.timelines, as: UTF8.self).replacingFirst("323.0", "330.0").replacingFirst(
            "Colossus 2,2027-01-01,Grown,,,1000.0,,\n", "")
        let next = VintagePlan(source: source, facts: try vintage(Array(changed.utf8), knownOn: later).facts, ledger: ledger, knownOn: later)
        #expect(next.changed == 1 && next.withdrawn == 1 && next.added == 0)
        try JSONParser().withParsed(next.events[0]) { event in
            #expect(event["supersedes"]?.string?.hasPrefix("levels/colossus-2/2025-10-19@2026-07-19.") == true)
            #expect(event["knownat"]?.string == "2026-10-01T00:00:00Z")
        }
        try JSONParser().withParsed(next.events[1]) { event in
            #expect(event["type"]?.string == "fact.withdrawn.v1")
            #expect(event["data"]?["event"]?.string?.hasPrefix("levels/colossus-2/2027-01-01@") == true)
        }
    }

    @Test func `every fact passes the checks of the catalogue`() throws {
        let plan = VintagePlan(source: EpochDataCenters.source, facts: try vintage().facts, ledger: [], knownOn: Self.day)
        for bytes in plan.events {
            try JSONParser().withParsed(bytes) { root in
                switch EnvelopeReader.structured(root) {
                case .failure(let violation): Issue.record("\(violation)")
                case .success(let event):
                    let type = try #require(event.eventType)
                    #expect(type.violations(in: event, acceptedAt: Instant("2026-11-24T00:00:00Z") ?? Self.day.start).isEmpty)
                }
            }
        }
    }

    @Test(arguments: [("a,b\n1,2\n", 1), ("a,b\r\n\"x\"\"y\",\"1\n2\"\r\n", 1), ("\u{FEFF}a,b\n1,\n\n", 1)])
    func `CSV in its usual forms is read`(text: String, rows: Int) throws {
        let table = try CSVTable(Array(text.utf8), required: ["a", "b"])
        #expect(table.rows.count == rows && table.header == ["a", "b"])
    }

    @Test(arguments: [("a,b\n1\n", 2), ("a,b\n\"1,2\n", 2), ("a,c\n1,2\n", 1), ("", 1), ("a,b\nx\"y,2\n", 2)])
    func `what is no CSV is refused with its line`(text: String, line: Int) {
        let problem = #expect(throws: CSVTable.Problem.self) { try CSVTable(Array(text.utf8), required: ["a", "b"]) }
        #expect(problem?.line == line)
    }

    @Test(arguments: [
        ("35.836372", 9, "35836372000"), ("323.0", 0, "323"), ("0", 9, "0"), ("-0.0", 0, "0"), ("1.5", 0, "1.5"), ("0.0000000015", 9, "1.5"),
        ("x", 0, nil),
    ])
    func `decimals move without rounding`(text: String, places: Int, expected: String?) { #expect(DecimalText.shifted(text, by: places) == expected) }

    @Test(arguments: [
        ("Colossus 2", "colossus-2"), ("  OpenAI/Stargate — Abilene ", "openai-stargate-abilene"), ("G42-Khazna", "g42-khazna"), ("—", ""),
    ])
    func `a name becomes an id`(name: String, expected: String) { #expect(Slug.make(name) == expected) }
}

@Suite struct SimulationTests {
    @Test func `the load passes its limit once and comes back, the same for the same seed`() {
        let meter = SimulatedSite(site: "s", seed: 7, limitMegawatts: 100, spanSeconds: 3_000, intervalSeconds: 10, start: Instant(microseconds: 0))
        let shares = (0...300).map { meter.reading($0).powerKilowatts / 100_000 }
        #expect(shares[0] < 0.92 && shares[300] < 0.92 && shares.max() ?? 0 > 1.04)
        let crossings = zip(shares, shares.dropFirst()).filter { ($0 > 1) != ($1 > 1) }.count
        #expect(crossings >= 2 && crossings <= 8)
        #expect(meter.event(17) == meter.event(17))
        let arrivals = meter.arrivals(count: 301)
        #expect(arrivals == meter.arrivals(count: 301))
        #expect(Set(arrivals).count > 290 && arrivals != arrivals.sorted())
    }
}

extension String {
    fileprivate func replacingFirst(_ pattern: String, _ replacement: String) -> String {
        guard let range = firstRange(of: pattern) else { return self }
        return String(self[..<range.lowerBound]) + replacement + String(self[range.upperBound...])
    }

    private func firstRange(of pattern: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(pattern) { return start..<index(start, offsetBy: pattern.count) }
            start = index(after: start)
        }
        return nil
    }
}
