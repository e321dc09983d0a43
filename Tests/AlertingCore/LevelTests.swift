// The machine of one alert, step by step, through the evaluator's own door: records in, transitions out.
import AlertingCore
import JSON
import Models
import Testing

/// Feeds one partition with records as text, without servers.
final class Bench {
    let log = ControlLog()
    var evaluator: PartitionEvaluator
    private let parser = JSONParser()
    private var offsets: [TopicName: Int64] = [:]
    private var cut: Int64 = 0
    var all: [Transition] = []

    init(limits: EvaluationLimits = EvaluationLimits()) { evaluator = PartitionEvaluator(partition: 3, limits: limits) }

    static func at(_ seconds: Double) -> Instant { Instant(microseconds: 1_780_000_000_000_000 + Int64(seconds * 1e6)) }

    private func next(_ topic: TopicName) -> Int64 {
        defer { offsets[topic, default: 0] += 1 }
        return offsets[topic, default: 0]
    }

    func publish(_ rule: String, at seconds: Double = 0) throws {
        let offset = next(.control)
        try parser.withParsed(rule) { view in
            let id = view["id"]?.string ?? ""
            var event = EventWriter(.rulePublished, id: "c\(offset)", source: "/t", subject: id, occurredAt: Self.at(seconds))
            event.data { writer in writer.key("rule"); writer.value(view) }
            try control(event, offset, seconds)
        }
    }

    func retire(_ rule: String, at seconds: Double) throws {
        let offset = next(.control)
        var event = EventWriter(.ruleRetired, id: "c\(offset)", source: "/t", subject: rule, occurredAt: Self.at(seconds))
        event.data { _ in }
        try control(event, offset, seconds)
    }

    private func control(_ event: EventWriter, _ offset: Int64, _ seconds: Double) throws {
        try JSONParser().withParsed(event.bytes) { root in
            let view = try EnvelopeReader.structured(root).get()
            let entry = log.append(view, recordOffset: offset, acceptedAt: Self.at(seconds))
            if case .refused(_, let reason) = entry?.change { Issue.record("refused: \(reason)") }
            if let entry { evaluator.apply(entry) }
        }
        collect()
    }

    func power(_ kilowatts: Double, _ subject: String = "abilene", event seconds: Double, accepted: Double? = nil) throws {
        try send(.siteTelemetry, subject, "{\"power_kw\":\(kilowatts)}", event: seconds, accepted: accepted)
    }

    func send(
        _ type: EventType, _ subject: String, _ data: String, event seconds: Double, accepted: Double? = nil, assertion: Assertion? = nil
    ) throws {
        let topic = type.topic
        let offset = next(topic)
        var event = EventWriter(type, id: "e\(offset)", source: "/t", subject: subject, occurredAt: Self.at(seconds))
        event.assertion = assertion
        event.json = Array(data.utf8)
        try parser.withParsed(event.bytes) { root in
            evaluator.event(try EnvelopeReader.structured(root).get(), topic: topic, recordOffset: offset, acceptedAt: Self.at(accepted ?? seconds))
        }
        collect()
    }

    func metric(_ name: String, _ entity: String, _ value: Double?, sequence: Int64, accepted: Double) throws {
        let message = MetricMessage(
            metric: name, entity: entity, labels: ["region": entity], value: value, previous: nil, sequence: sequence, asOf: Self.at(accepted),
            cause: .rebuild)
        var writer = JSONWriter()
        message.write(to: &writer)
        let offset = next(.metrics)
        try parser.withParsed(writer.bytes) { evaluator.metric($0, recordOffset: offset, acceptedAt: Self.at(accepted)) }
        collect()
    }

    func begin(_ seconds: Double) {
        cut += 1
        evaluator.beginCut(cut, at: Self.at(seconds), clockOffset: cut)
    }

    func tick(_ seconds: Double) {
        begin(seconds)
        evaluator.endCut()
        collect()
    }

    func restart() throws {
        let bytes = evaluator.snapshot()
        evaluator = try PartitionEvaluator(restoring: bytes) { rule, version in
            log.entries.lazy.compactMap { entry in
                if case .publish(let found) = entry.change, found.definition.id == rule, found.version == version { found } else { nil }
            }.first
        }
        #expect(evaluator.snapshot() == bytes)
    }

    private func collect() { all += evaluator.takeTransitions() }

    /// `pending>firing:warning` and so on.
    var story: [String] { all.map { "\($0.from.rawValue)>\($0.to.rawValue)" + ($0.level.map { ":\($0)" } ?? "") } }
}

let twoLevels = """
    {"id":"load","on":"site.telemetry.v1","value":"power_kw / 1000","by":["subject"],
     "levels":[{"name":"warning","above":95,"until":92},{"name":"critical","above":100,"until":97}]
    """

@Suite struct LevelTests {
    @Test func `levels rise and fall with hysteresis, one alert moving between them`() throws {
        let bench = Bench()
        try bench.publish(twoLevels + "}")
        bench.begin(0)
        for (second, megawatts) in [90, 96, 94, 92, 91.9, 101, 98, 96.9, 93, 91, 95, 101.5].enumerated() {
            try bench.power(megawatts * 1000, event: Double(second))
        }
        #expect(bench.story == [
            "inactive>firing:warning", "firing>resolved", "resolved>firing:critical", "firing>firing:warning", "firing>resolved",
            "resolved>firing:critical",
        ])
        #expect(Set(bench.all.map(\.fingerprint)).count == 1)
        #expect(bench.all[0].threshold == 95 && bench.all[0].value == 96)
        #expect(bench.all[3].threshold == 97)
        #expect(bench.all[0].firstBreach?.id == "e1" && bench.all[0].deciding.id == "e1")
        #expect(bench.all[3].firstBreach?.id == "e5" && bench.all[3].startedAt == Bench.at(5))
    }

    @Test func `below mirrors above`() throws {
        let bench = Bench()
        try bench.publish("""
            {"id":"idle","on":"site.telemetry.v1","value":"gpu_utilization","levels":[{"name":"low","below":0.3,"until":0.5}]}
            """)
        bench.begin(0)
        for (second, share) in [0.6, 0.3, 0.29, 0.5, 0.51].enumerated() {
            try bench.send(.siteTelemetry, "a", "{\"power_kw\":1,\"gpu_utilization\":\(share)}", event: Double(second))
        }
        #expect(bench.story == ["inactive>firing:low", "firing>resolved"])
        #expect(bench.all[0].value == 0.29 && bench.all[0].threshold == 0.3)
        #expect(bench.all[1].value == 0.51 && bench.all[1].threshold == 0.5)
    }

    @Test func `for runs in event time while readings come`() throws {
        let bench = Bench()
        try bench.publish(twoLevels + ",\"for\":\"60s\"}")
        bench.begin(0)
        try bench.power(96_000, event: 0, accepted: 100)
        try bench.power(96_000, event: 59, accepted: 100.1)
        try bench.power(96_000, event: 60, accepted: 100.2)
        #expect(bench.story == ["inactive>pending:warning", "pending>firing:warning"])
        #expect(bench.all[1].firstBreach?.id == "e0" && bench.all[1].deciding.id == "e2")
    }

    @Test func `for ends in log time when readings stop, and a graver level waits for its own`() throws {
        let bench = Bench()
        try bench.publish(twoLevels + ",\"for\":\"60s\"}")
        bench.begin(0)
        try bench.power(96_000, event: 0, accepted: 1)
        try bench.power(101_000, event: 30, accepted: 31)
        bench.tick(60.9)
        #expect(bench.story == ["inactive>pending:warning"])
        bench.tick(61)
        #expect(bench.story.last == "pending>firing:warning")
        bench.tick(90.9)
        #expect(bench.all.count == 2)
        bench.tick(91)
        #expect(bench.story.last == "firing>firing:critical")
        #expect(bench.all[2].deciding.place.topic == .clock && bench.all[2].kind == .timer && bench.all[2].eventAt == Bench.at(90))
    }

    @Test func `a breach that ends before for has run out fires nothing`() throws {
        let bench = Bench()
        try bench.publish(twoLevels + ",\"for\":\"60s\"}")
        bench.begin(0)
        try bench.power(96_000, event: 0)
        try bench.power(95_000, event: 10)
        bench.tick(100)
        #expect(bench.story == ["inactive>pending:warning", "pending>inactive"])
        #expect(bench.all.allSatisfy { !$0.isDelivered })
    }

    @Test func `keep_firing_for holds an alert over a dip`() throws {
        let bench = Bench()
        try bench.publish(twoLevels + ",\"keep_firing_for\":\"30s\"}")
        bench.begin(0)
        try bench.power(96_000, event: 0)
        try bench.power(80_000, event: 10)
        try bench.power(93_000, event: 20)
        try bench.power(80_000, event: 30)
        bench.tick(59.9)
        bench.tick(60)
        #expect(bench.story == [
            "inactive>firing:warning", "firing>recovering:warning", "recovering>firing:warning", "firing>recovering:warning", "recovering>resolved",
        ])
        #expect(bench.all.map(\.isDelivered) == [true, false, false, false, true])
    }

    @Test func `a late reading never moves a level`() throws {
        let bench = Bench()
        try bench.publish(twoLevels + "}")
        bench.begin(0)
        try bench.power(90_000, event: 10)
        try bench.power(120_000, event: 9)
        #expect(bench.all.isEmpty && bench.evaluator.lateReadings == 1)
    }

    @Test func `a ratio uses the newest figure of the same entity, and waits while it is unknown`() throws {
        let bench = Bench()
        try bench.publish("""
            {"id":"share","on":"site.telemetry.v1","value":"power_kw / 1000","of":"contracts.site_limit_mw",
             "levels":[{"name":"over","above":1,"until":0.97}],"annotations":{"summary":"{{subject}} draws {{value | percent}} of its limit"}}
            """)
        bench.begin(0)
        try bench.power(120_000, event: 0)
        try bench.metric("contracts.site_limit_mw", "abilene", 100, sequence: 1, accepted: 1)
        try bench.power(120_000, event: 2)
        try bench.metric("contracts.site_limit_mw", "abilene", 200, sequence: 2, accepted: 3)
        try bench.metric("contracts.site_limit_mw", "abilene", 50, sequence: 1, accepted: 4)
        try bench.power(120_000, event: 5)
        #expect(bench.story == ["inactive>firing:over", "firing>resolved"])
        #expect(bench.all[0].value == 1.2)
        #expect(bench.all[0].annotations == [TextPair("summary", "abilene draws 120 % of its limit")])
    }

    @Test func `an old event is recorded, and told once the log is caught up with`() throws {
        let bench = Bench()
        try bench.publish(twoLevels + "}")
        bench.begin(10_000)
        try bench.power(96_000, "old", event: 0, accepted: 9_999)
        try bench.power(96_000, "gone", event: 0, accepted: 9_999)
        try bench.power(10_000, "gone", event: 1, accepted: 9_999)
        #expect(bench.all.map(\.undelivered) == [.backfill, .backfill, .backfill])
        bench.tick(10_003)
        #expect(bench.all.count == 3)
        bench.tick(10_005)
        #expect(bench.all.count == 4)
        #expect(bench.all[3].isDelivered && bench.story[3] == "firing>firing:warning")
        bench.tick(10_100)
        #expect(bench.all.count == 4)
        try bench.power(10_000, "old", event: 2, accepted: 10_101)
        #expect(bench.all[4].to == .resolved && bench.all[4].isDelivered)
    }

    @Test func `plans fire nothing unless the rule says so`() throws {
        for (plans, expected) in [(false, 0), (true, 2)] {
            let bench = Bench()
            try bench.publish("""
                {"id":"campus","on":"site.capacity.reported.v1","value":"facility_power_mw / 1000","include_plans":\(plans),
                 "levels":[{"name":"gigawatt","above":1,"until":0.9}]}
                """)
            bench.begin(0)
            try bench.send(.siteCapacityReported, "a", "{\"facility_power_mw\":1200}", event: 0, assertion: .projected)
            try bench.send(.siteCapacityReported, "b", "{\"facility_power_mw\":1200}", event: 5000, accepted: 0)
            #expect(bench.all.count == expected)
        }
    }

    @Test func `filters look at the data and at the entity's own fields`() throws {
        let bench = Bench()
        try bench.publish("""
            {"id":"texas","on":"site.telemetry.v1","value":"power_kw","where":{"region":["ERCO","PJM"]},"levels":[{"name":"hot","above":10}],
             "labels":{"team":"grid"}}
            """)
        bench.begin(0)
        try bench.power(20, event: 0)
        try bench.send(.siteStatusChanged, "abilene", "{\"status\":\"energized\",\"region\":\"ERCO\",\"owner\":\"oracle\"}", event: 0)
        try bench.power(20, event: 1)
        #expect(bench.story == ["inactive>firing:hot"])
        #expect(bench.all[0].labels == [
            TextPair("alertname", "texas"), TextPair("owner", "oracle"), TextPair("region", "ERCO"), TextPair("rule", "texas"),
            TextPair("subject", "abilene"), TextPair("team", "grid"),
        ])
        #expect(bench.all[0].fingerprint == Fingerprint(labels: [TextPair("alertname", "texas"), TextPair("subject", "abilene")]))
    }

    @Test func `a finer identity makes alerts of its own`() throws {
        let bench = Bench()
        try bench.publish("""
            {"id":"chips","on":"site.chips.reported.v1","value":"units","by":["subject","chip"],"levels":[{"name":"many","above":100}]}
            """)
        bench.begin(0)
        for (second, (chip, units)) in [("h100", 200), ("b200", 50), ("b200", 300), ("h100", 1)].enumerated() {
            try bench.send(.siteChipsReported, "a", "{\"chip\":\"\(chip)\",\"units\":\(units)}", event: Double(second))
            try bench.restart()
        }
        #expect(bench.story == ["inactive>firing:many", "inactive>firing:many", "firing>resolved"])
        #expect(bench.all[0].fingerprint == bench.all[2].fingerprint && bench.all[0].fingerprint != bench.all[1].fingerprint)
    }

    @Test func `silence is a state of its own`() throws {
        let bench = Bench()
        try bench.publish(twoLevels + ",\"missing\":{\"after\":\"60s\",\"state\":\"no_data\"}}")
        bench.begin(0)
        try bench.power(96_000, event: 0)
        bench.tick(59)
        bench.tick(60)
        bench.tick(200)
        try bench.restart()
        try bench.power(50_000, event: 201)
        #expect(bench.story == ["inactive>firing:warning", "firing>no_data", "no_data>inactive"])
        #expect(bench.all[1].kind == .absence && bench.all.allSatisfy(\.isDelivered))
    }

    @Test func `an edit of a text keeps the alert, an edit of a bound decides at once, a retirement ends it`() throws {
        let bench = Bench()
        try bench.publish(twoLevels + "}")
        bench.begin(0)
        try bench.power(96_000, event: 0)
        try bench.publish(twoLevels + ",\"annotations\":{\"summary\":\"changed\"}}", at: 1)
        #expect(bench.all.count == 1)
        try bench.publish(twoLevels.replacing("\"above\":95,\"until\":92", with: "\"above\":95.5,\"until\":93") + "}", at: 2)
        #expect(bench.all.count == 1)
        try bench.publish(twoLevels.replacing("\"above\":95,\"until\":92", with: "\"above\":98,\"until\":97")
            .replacing("\"until\":97}]", with: "\"until\":97}]") + "}", at: 3)
        #expect(bench.story == ["inactive>firing:warning", "firing>resolved"])
        #expect(bench.all[1].kind == .rule && bench.all[1].ruleVersion == 4)
        try bench.power(99_000, event: 4)
        try bench.retire("load", at: 5)
        #expect(bench.story.suffix(2) == ["resolved>firing:warning", "firing>resolved"])
        try bench.power(120_000, event: 6)
        #expect(bench.all.count == 4)
    }

    @Test func `a rule about a metric holds from its publication on`() throws {
        let bench = Bench()
        bench.begin(0)
        try bench.metric("regions.gap_mw", "PJM", 900, sequence: 1, accepted: 0)
        try bench.publish("{\"id\":\"short\",\"metric\":\"regions.gap_mw\",\"levels\":[{\"name\":\"short\",\"above\":500,\"until\":100}]}", at: 1)
        #expect(bench.story == ["inactive>firing:short"])
        try bench.metric("regions.gap_mw", "PJM", 50, sequence: 2, accepted: 2)
        #expect(bench.story.last == "firing>resolved")
        #expect(bench.all[0].labels.contains(TextPair("region", "PJM")))
    }
}

extension String {
    func replacing(_ old: String, with new: String) -> String {
        guard let range = self.firstRange(of: old) else { return self }
        return replacingCharacters(range, new)
    }
    private func replacingCharacters(_ range: Range<String.Index>, _ new: String) -> String { self[..<range.lowerBound] + new + self[range.upperBound...] }
    private func firstRange(of text: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
