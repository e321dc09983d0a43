// Names, coordinates and the messages that the services send each other.

import JSON
import Models
import Testing

private func written(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
    var writer = JSONWriter()
    body(&writer)
    return writer.bytes
}

@Suite struct MessageTests {
    @Test func `a metric is read back with each kind of cause`() throws {
        let coordinates = RecordCoordinates(topic: "gigawatch.events", partition: 3, recordOffset: 1042)
        for cause in [MetricMessage.Cause.fact(source: "s", id: "1", coordinates), .passing(Instant(microseconds: 5)), .rebuild] {
            let metric = MetricMessage(
                metric: "regions.gap_mw", entity: "PJM", labels: ["region": "PJM"], value: 1234.5, previous: nil, sequence: 42,
                asOf: Instant(microseconds: 0), cause: cause)
            #expect(try JSONParser().withParsed(written(metric.write)) { MetricMessage($0) } == metric)
        }
        #expect(try JSONParser().withParsed(#"{"metric":"a"}"#) { MetricMessage($0) } == nil)
    }

    @Test func `a tick is read back, a broken one is not`() throws {
        let tick = ClockTick(n: 7, at: Instant(milliseconds: 1), ends: ["a.events": [0, 5], "a.metrics": []])
        #expect(try JSONParser().withParsed(written(tick.write)) { ClockTick($0) } == tick)
        #expect(try JSONParser().withParsed(#"{"n":1,"at":"1970-01-01T00:00:00Z","ends":{"a":[-1]}}"#) { ClockTick($0) } == nil)
    }

    @Test func `a transition is read back, and its id follows from what decided it`() throws {
        let evidence = AlertTransition.Evidence(
            coordinates: RecordCoordinates(topic: "gigawatch.telemetry", partition: 1, recordOffset: 9), source: "s", id: "r-9")
        var transition = AlertTransition(
            rule: "r", ruleVersion: 2, fingerprint: "f", kind: .record, from: .pending, to: .firing, eventAt: Instant(milliseconds: 1),
            acceptedAt: Instant(milliseconds: 2), deciding: evidence, cut: 3)
        transition.level = "warning"
        transition.value = 0.96
        transition.threshold = 0.95
        transition.labels = ["subject": "x"]
        transition.annotations = ["summary": "x draws 0.96"]
        transition.firstBreach = evidence
        transition.startedAt = Instant(milliseconds: 1)
        transition.isDelivered = false
        #expect(try JSONParser().withParsed(written(transition.write)) { AlertTransition($0) } == transition)
        let id = transition.id
        transition.value = 7
        transition.labels = [:]
        #expect(transition.id == id)
        transition.deciding.coordinates.recordOffset = 10
        #expect(transition.id != id)
    }

    @Test func `coordinates are read back`() {
        let coordinates = RecordCoordinates(topic: "gigawatch.events", partition: 3, recordOffset: 1042)
        #expect(RecordCoordinates("gigawatch.events/3/1042") == coordinates && coordinates.description == "gigawatch.events/3/1042")
        for bad in ["", "a/b/c", "a/1", "a/-1/0", "a/1/-1", "/1/1", "a/1/1/1", "a/99999999999/1"] { #expect(RecordCoordinates(bad) == nil) }
    }

    @Test func `topics have their prefix, and only theirs`() {
        #expect(TopicName.events.fullName() == "gigawatch.events" && TopicName.alerts.fullName(prefix: "a.b") == "a.b.alerts")
        #expect(TopicName(fullName: "a.b.alerts", prefix: "a.b") == .alerts)
        for bad in ["alerts", "gigawatch", "gigawatch.", "gigawatchalerts", "gigawatch.other", "x.alerts"] {
            #expect(TopicName(fullName: bad) == nil)
        }
        for plan in TopicPlan.all {
            #expect(plan.partitions == (plan.name == .control || plan.name == .clock ? 1 : 12) && plan.timestampType == "LogAppendTime")
            #expect((plan.retentionMilliseconds == -1) == (plan.name != .telemetry && plan.name != .clock))
        }
    }

    static let slugs = [
        ("xAI Colossus 1 (Memphis)", "xai-colossus-1-memphis"), ("  A -- B  ", "a-b"), ("OpenAI", "openai"), ("Électricité", "lectricit"), ("", ""),
        ("---", ""), ("3M", "3m"),
    ]
    @Test(arguments: slugs) func `a name becomes a slug`(name: String, slug: String) { #expect(EntityID.slug(name) == slug) }

    @Test func `countries are those of ISO 3166`() {
        #expect(Country.codes.count == 249 && Set(Country.codes).count == 249)
        for code in Country.codes { #expect(Country.isCode(code)) }
        for bad in ["", "U", "us", "XX", "EU", "UK", "USA", "\u{0}\u{0}", "ÄÖ"] { #expect(!Country.isCode(bad)) }
    }

    @Test func `a figure is as sure as its least sure fact`() {
        #expect(Confidence.weakest(of: [.high, nil, .low, .medium]) == .low && Confidence.weakest(of: [nil]) == nil)
        #expect(Assertion.weakest(of: [.reported, .projected, .inferred]) == .projected && Assertion.inferred < .calculated)
    }

    @Test func `an event touches its subject and what its data name`() throws {
        try JSONParser().withParsed(EventType.siteStatusChanged.exampleEvent().bytes) { root in
            let event = try EnvelopeReader.structured(root).get()
            let touched = EventType.siteStatusChanged.entities(of: event)
            #expect(touched.first == TouchedEntity(kind: .site, id: "stargate-abilene"))
            #expect(Set(touched.dropFirst()) == [
                .init(kind: .organization, id: "crusoe"), .init(kind: .organization, id: "oracle"), .init(kind: .organization, id: "openai"),
                .init(kind: .organization, id: "blue-owl"), .init(kind: .country, id: "US"), .init(kind: .region, id: "ERCO"),
            ])
        }
    }

    @Test func `codes are distinct, dotted and explained`() {
        #expect(Set(ErrorCode.allCases.map(\.meaning)).count == ErrorCode.allCases.count)
        for code in ErrorCode.allCases {
            #expect(code.rawValue.utf8.allSatisfy { $0 == 0x2E || $0 == 0x5F || (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) })
            #expect(code.meaning.hasSuffix("."))
        }
    }
}
