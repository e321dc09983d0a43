// Rule files: what is accepted, what is refused, and where each problem is said to be.
import AlertingCore
import JSON
import Models
import Testing
import YAML

enum RuleText {
    static func tree(_ yaml: String) throws -> RuleNode { node(try YAMLParser.parse(yaml)) }

    private static func node(_ yaml: YAMLNode) -> RuleNode {
        let (line, column) = (yaml.position.line, yaml.position.column)
        if let members = yaml.members {
            return RuleNode(.map(members.map {
                RuleNode.Entry(key: $0.key, line: $0.keyPosition.line, column: $0.keyPosition.column, value: node($0.value))
            }), line: line, column: column)
        }
        if let elements = yaml.elements { return RuleNode(.list(elements.map(node)), line: line, column: column) }
        guard case .scalar(let text, let isPlain) = yaml.content else { return RuleNode(.null, line: line, column: column) }
        return RuleNode.scalar(text, quoted: !isPlain, line: line, column: column)
    }

    static func rule(_ lines: String...) -> String {
        "rules:\n  - id: r\n" + lines.map { "    \($0)\n" }.joined()
    }
}

@Suite struct RuleFileTests {
    @Test(arguments: [
        (["on: site.telemetry.v1", "value: power_kw", "levels: [{ name: a, above: 5, until: 6 }]"], "until"),
        (["on: site.telemetry.v1", "value: power_kw", "levels: [{ name: a, below: 5, until: 4 }]"], "until"),
        (["on: site.telemetry.v1", "value: power_kw", "levels: [{ name: a, above: 5, below: 6 }]"], "either"),
        (["on: site.telemetry.v1", "value: power_kw", "levels: [{ name: a, above: 5 }, { name: b, above: 4 }]"], "mildest"),
        (["on: site.telemetry.v1", "value: power_kw", "levels: [{ name: a, above: 5, until: 4 }, { name: b, above: 6, until: 3 }]"], "graver"),
        (["on: site.telemetry.v1", "value: power_kw", "levels: [{ name: a, above: 0, until: 0 }]"], "never resolve"),
        (["on: site.telemetry.v1", "value: gpu_utilization", "levels: [{ name: a, above: 1 }]"], "never fire"),
        (["on: site.telemetry.v1", "value: power_kwh", "levels: [{ name: a, above: 5 }]"], "did you mean \"power_kw\""),
        (["on: site.telemetry.v2", "value: power_kw", "levels: [{ name: a, above: 5 }]"], "did you mean \"site.telemetry.v1\""),
        (["on: site.telemetry.v1", "value: power_kw + gpus", "levels: [{ name: a, above: 5 }]"], "Adds kW to chips"),
        (["on: site.telemetry.v1", "value: power_kw / 0", "levels: [{ name: a, above: 5 }]"], "zero"),
        (["on: site.telemetry.v1", "value: (power_kw", "levels: [{ name: a, above: 5 }]"], "Expected )"),
        (["on: site.telemetry.v1", "value: power_kw", "by: [region]", "levels: [{ name: a, above: 5 }]"], "metric"),
        (["on: site.telemetry.v1", "value: power_kw", "by: [subject, power_kw]", "levels: [{ name: a, above: 5 }]"], "measured"),
        (["on: site.telemetry.v1", "value: power_kw", "for: 5", "levels: [{ name: a, above: 5 }]"], "duration"),
        (["on: site.telemetry.v1", "value: power_kw", "aggregate: { function: mean, over: 10m }", "levels: [{ name: a, above: 5 }]"], "not supported yet"),
        (["on: site.telemetry.v1", "value: power_kw", "levels: [{ name: a, above: 5 }]", "annotations: { summary: '{{subjct}}' }"], "{{subject}}"),
        (["on: site.telemetry.v1", "value: power_kw", "levels: [{ name: a, above: 5 }]", "where: { region: [] }"], "never fire"),
        (["on: gpu.batch.moved.v1", "value: units", "levels: [{ name: a, above: 5 }]", "where: { stage: orderd }"], "no value of stage"),
        (["value: power_kw", "levels: [{ name: a, above: 5 }]"], "needs \"on\""),
        (["on: site.telemetry.v1", "metric: regions.gap_mw", "value: power_kw", "levels: [{ name: a, above: 5 }]"], "not at both"),
        (["on: site.telemetry.v1", "value: power_kw", "levels: []"], "at least one level"),
        (["on: site.telemetry.v1", "value: power_kw", "labels: { subject: x }", "levels: [{ name: a, above: 5 }]"], "set by Gigawatch"),
    ])
    func `a rule that cannot be meant is refused with the reason`(lines: [String], reason: String) throws {
        let text = "rules:\n  - id: r\n" + lines.map { "    \($0)\n" }.joined()
        let check = RuleSet.check(try RuleText.tree(text))
        #expect(check.ruleSet == nil)
        #expect(check.errors.contains { $0.message.contains(reason) }, "\(check.problems)")
        #expect(check.errors.allSatisfy { $0.line > 0 && $0.column > 0 && $0.pointer.hasPrefix("/rules/0") }, "\(check.problems)")
    }

    @Test func `an unknown key is an error at its line and column, with the nearest known one`() throws {
        let check = RuleSet.check(try RuleText.tree("rules:\n  - id: r\n    on: site.telemetry.v1\n    value: power_kw\n    level: []\n"))
        let problem = check.errors.first { $0.pointer == "/rules/0/level" }
        #expect(problem?.line == 5 && problem?.column == 5 && problem?.message.contains("did you mean \"levels\"") == true)
    }

    @Test func `a rule written to the log and read back is the same rule`() throws {
        let check = RuleSet.check(try RuleText.tree("""
            rules:
              - id: r
                on: site.telemetry.v1
                value: (power_kw - 5) / 1000 * 2
                of: contracts.site_limit_mw
                where: { region: [PJM, ERCO], confidence: high }
                levels: [{ name: low, above: 1.5, until: 1 }, { name: high, above: 2 , until: 1 }]
                for: 1h30m
                keep_firing_for: 90s
                missing: { after: 15m, state: resolved }
                lateness: 1m
                labels: { team: grid }
                annotations: { summary: "{{subject}} {{value | percent}}" }
                mode: shadow
                owner: me
                route: operations
            routes: [{ name: operations, receivers: [hook], group_wait: 0s }]
            receivers: [{ name: hook, webhook: { url: "https://example.org/x", secret_file: /run/secret } }]
            inhibit: [{ when: { rule: a }, mute: { rule: b }, equal: [region] }]
            """))
        let set = try #require(check.ruleSet, "\(check.problems)")
        let again = try JSONParser().withParsed(set.rules[0].json) { RuleDefinition.check(RuleNode(json: $0)) }
        #expect(again.rule == set.rules[0] && again.rule?.json == set.rules[0].json)
        let routing = try JSONParser().withParsed(set.routing.json) { RoutingDefinition.check(RuleNode(json: $0)) }
        #expect(routing.routing == set.routing)
        for event in set.controlEvents(source: "/t", at: Instant(microseconds: 1_780_000_000_000_000)) {
            try JSONParser().withParsed(event.bytes) { root in
                let view = try EnvelopeReader.structured(root).get()
                #expect(view.eventType?.violations(in: view, acceptedAt: Instant(microseconds: 1_790_000_000_000_000)) == [])
                #expect(RuleDefinition.problems(inControlEvent: view) == [])
            }
        }
    }

    @Test(arguments: [("1 + 2 * 3 - power_kw", -993.0), ("(1 + 2) * power_kw / 4", 750), ("-power_kw", -1000), ("power_kw/1e3", 1), ("2 - 1 - 1 + power_kw", 1000)])
    func `arithmetic is what it is on paper`(text: String, expected: Double) throws {
        let bench = Bench()
        try bench.publish("{\"id\":\"x\",\"on\":\"site.telemetry.v1\",\"value\":\"\(text)\",\"levels\":[{\"name\":\"a\",\"above\":\(expected - 0.5),\"until\":\(expected - 0.6)}]}")
        bench.begin(0)
        try bench.power(1000, event: 0)
        #expect(bench.all.first?.value == expected)
    }

    @Test func `fingerprints are Alertmanager's`() {
        #expect(Fingerprint(labels: [TextPair("severity", "warning"), TextPair("job", "foo")]).description == "9266ef3da838ad95")
        #expect(Fingerprint(labels: [TextPair("job", "foo"), TextPair("severity", "critical")]).description == "3b15fd163d36582e")
        #expect(Fingerprint(labels: []).description == "cbf29ce484222325")
    }

    @Test func `a retry waits as asked and jitters, and gives up what cannot succeed`() {
        let schedule = RetrySchedule()
        #expect(schedule.verdict(.answered(status: 204, retryAfter: nil), attempt: 1, age: 0, jitter: 0.5) == .delivered)
        #expect(schedule.verdict(.answered(status: 500, retryAfter: nil), attempt: 1, age: 0, jitter: 0.5) == .retry(after: 0.25))
        #expect(schedule.verdict(.answered(status: 500, retryAfter: nil), attempt: 30, age: 0, jitter: 0.5) == .retry(after: 30))
        #expect(schedule.verdict(.answered(status: 429, retryAfter: 7), attempt: 1, age: 0, jitter: 0) == .retry(after: 7))
        for status in [408, 425, 429, 503] { #expect(schedule.verdict(.answered(status: status, retryAfter: nil), attempt: 1, age: 0, jitter: 0) != .dead) }
        for status in [301, 400, 401, 404, 410] { #expect(schedule.verdict(.answered(status: status, retryAfter: nil), attempt: 1, age: 0, jitter: 0) == .dead) }
        #expect(schedule.verdict(.failed(isRetryable: true), attempt: 3, age: 90_000, jitter: 0) == .dead)
    }
}
