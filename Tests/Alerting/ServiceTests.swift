// The running service against a real broker and a real database: from records to transitions, to the alerts topic, to a receiver.
import HTTP
import Kafka
import Models
import Postgres
import Testing
import TestServers

private let secret = "whsec_Z2lnYXdhdHRzZWNyZXQxMjM0NTY3ODkwYWJjZGVm"

@Suite(.serialized) struct ServiceTests {
    private func rules(_ url: String, second: String = "") -> String {
        """
        {"rules":[{"id":"site-load","on":"site.telemetry.v1","value":"power_kw / 1000","of":"contracts.site_limit_mw",
          "levels":[{"name":"warning","above":0.95,"until":0.92},{"name":"critical","above":1,"until":0.97}],
          "annotations":{"summary":"{{subject}} draws {{value | percent}} of its limit"},"route":"operations"}],
         "routes":[{"name":"operations","receivers":["hook"],"group_by":["subject"],"group_wait":"0s","group_interval":"0s"}],
         "receivers":[{"name":"hook","webhook":{"url":"\(url)","secret":["\(secret)"],"allow_private_address":true,"timeout":"2s"}}]}
        """
    }

    @Test func `a reading above the limit reaches the database, the topic and a receiver that fails at first`() throws {
        let harness = try AlertingHarness()
        let receiver = try WebhookReceiver { number in
            switch number {
            case 0: HTTPResponse(status: 429, headers: [("Retry-After", "1")])
            case 1: HTTPResponse(status: 500)
            case 2: HTTPResponse(status: 302, headers: [("Location", "http://127.0.0.1:1/")])
            default: HTTPResponse(status: 204)
            }
        }
        defer { receiver.stop() }
        try harness.publish(rules(receiver.url))
        let service = try harness.start()
        defer { service.killHard() }
        try harness.metric("contracts.site_limit_mw", "abilene", 100, sequence: 1)
        #expect(harness.flush())
        let connection = try harness.database.connect()
        #expect(try TestProcess.poll(seconds: 60) { try connection.int64("SELECT count(*) FROM gigawatch.rule_version") == 1 }, "\(service.log)")
        try harness.telemetry(1, subject: "abilene", kilowatts: 101_500, at: wallClockNow())
        #expect(try TestProcess.poll(seconds: 30) { try harness.transitions().count == 1 }, "\(service.log)")
        #expect(TestProcess.poll(seconds: 20) { receiver.received.count >= 3 }, "\(service.log)")
        let first = receiver.received
        // 429 and 500 are tried again with the same id; a redirect is an answer that is neither followed nor repeated.
        #expect(first.prefix(3).map(\.status) == [429, 500, 302])
        #expect(Set(first.map(\.id)).count == 1 && Set(first.map(\.body)).count == 1)
        #expect(first.allSatisfy { $0.isSigned(with: Array("gigawattsecret1234567890abcdef".utf8)) })
        #expect(first[0].text.contains("\"version\":\"4\"") && first[0].text.contains("abilene draws 101.5 % of its limit"))
        #expect(try TestProcess.poll(seconds: 10) { try connection.value("SELECT state FROM gigawatch.delivery") == "dead" })

        try harness.telemetry(2, subject: "abilene", kilowatts: 60_000, at: wallClockNow())
        #expect(TestProcess.poll(seconds: 20) { receiver.received.count == 4 }, "\(service.log)")
        #expect(receiver.received[3].text.contains("\"status\":\"resolved\"") && receiver.received[3].id != first[0].id)
        #expect(try TestProcess.poll(seconds: 20) {
            try connection.int64("SELECT count(*) FROM gigawatch.alert_transition WHERE published_at IS NULL") == 0
        })
        #expect(try connection.value("SELECT state FROM gigawatch.alert_state") == "resolved")
        #expect(try service.terminate() == 0, "\(service.log)")
    }

    @Test func `killed again and again, and by two processes at once, the transitions are those of an uninterrupted run`() throws {
        let harness = try AlertingHarness()
        try harness.publish("""
            {"rules":[{"id":"flap","on":"site.telemetry.v1","value":"power_kw / 1000","levels":[{"name":"warning","above":95,"until":92},
              {"name":"critical","above":100,"until":97}]},
             {"id":"held","on":"site.telemetry.v1","value":"power_kw","for":"2s","keep_firing_for":"1s","levels":[{"name":"high","above":90000}]}]}
            """)
        let seed = UInt64.random(in: 0..<UInt64.max)
        print("seed \(seed)")
        var random = SplitMix(state: seed)
        let steady = try harness.start()
        defer { steady.killHard() }
        let reference = try harness.database.connect()
        #expect(try TestProcess.poll(seconds: 60) { try reference.int64("SELECT count(*) FROM gigawatch.rule_version") == 2 }, "\(steady.log)")
        for number in 0..<20_000 {
            try harness.telemetry(
                number, subject: "site-\(number % 40)", kilowatts: Double(80_000 + Int(random.next() % 25_000)),
                at: Instant(microseconds: wallClockNow().microseconds - Int64(random.next() % 200_000)))
            if number % 4000 == 0 { #expect(harness.flush()) }
        }
        #expect(harness.flush())
        func settled(_ connection: Connection) throws -> Bool {
            try connection.int64("SELECT coalesce(sum(read), 0)::bigint FROM gigawatch.stream_position WHERE consumer = 'alerting' AND topic LIKE '%.telemetry'") == 20_000
        }
        #expect(try TestProcess.poll(seconds: 60) { try settled(reference) }, "\(steady.log)")
        // Timers of the last readings run out on ticks that both runs read.
        #expect(try TestProcess.poll(seconds: 20) {
            try reference.int64("SELECT count(*) FROM gigawatch.alert_state WHERE state IN ('pending', 'recovering')") == 0
        })
        #expect(try steady.terminate() == 0, "\(steady.log)")
        let expected = try harness.transitions()
        #expect(expected.count > 1000)

        let second = try harness.onAnotherDatabase()
        let connection = try second.database.connect()
        for round in 0..<3 {
            let one = try second.start(extra: ["GIGAWATCH_ALERTING_SNAPSHOT_SECONDS": "0.1"])
            let other = round == 1 ? try second.start(workers: 1, extra: ["GIGAWATCH_ALERTING_SNAPSHOT_SECONDS": "0.1"]) : nil
            let goal = Int64(expected.count * (round + 1) / 5)
            _ = try TestProcess.poll(seconds: 40, every: 2) { try connection.int64("SELECT count(*) FROM gigawatch.alert_transition") ?? 0 > goal }
            one.killHard()
            other?.killHard()
        }
        let last = try second.start()
        defer { last.killHard() }
        #expect(try TestProcess.poll(seconds: 90) { try settled(connection) }, "\(last.log)")
        #expect(try TestProcess.poll(seconds: 30) { try connection.int64("SELECT count(*) FROM gigawatch.alert_transition") == Int64(expected.count) })
        #expect(try second.transitions() == expected)
        #expect(try last.terminate() == 0)
    }
}

/// A small generator, so that a printed seed gives the same run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
