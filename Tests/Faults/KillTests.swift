// kill -9 in the middle of a stream, several times, then restart: no gap, no double, and the tables and transitions of an undisturbed run.
// A short form runs always; GIGAWATCH_TEST_FAULTS=all takes 100,000 events and more kills.
import Foundation
import Kafka
import Models
import Postgres
import TestServers
import Testing

private let isThorough = ProcessInfo.processInfo.environment["GIGAWATCH_TEST_FAULTS"] == "all"
private let eventCount = isThorough ? 100_000 : 30_000

@Suite(.serialized) struct `Kills` {
    /// The stream of a run: readings of many sites that cross a limit and come back, facts between them, each event written twice now and then.
    /// The same for every run: event times start at a fixed instant, so two databases can be compared.
    private func write(_ system: RunningSystem, events: Range<Int>, start: Instant) throws {
        let writer = try TestWriter()
        for number in events {
            let site = "site-\(number % 50)"
            if number % 100 == 7 {
                let fact = #"{"specversion":"1.0","id":"f\#(number)","source":"/tests/faults","type":"site.capacity.reported.v1","subject":"\#(site)","time":"2026-03-01T00:00:00Z","knownat":"2026-03-02T00:00:00Z","data":{"facility_power_mw":\#(number % 900)}}"#
                try writer.write(topic: "\(system.prefix).events", key: site, value: Array(fact.utf8))
            }
            let power = (number / 500) % 2 == 0 ? 90_000 : 110_000
            let reading = #"{"specversion":"1.0","id":"r\#(number)","source":"/tests/faults","type":"site.telemetry.v1","subject":"\#(site)","time":"\#(start.adding(Double(number / 50)))","data":{"power_kw":\#(power + number % 97),"energy_kwh_total":\#(number)}}"#
            for _ in 0..<(number % 1000 == 3 ? 2 : 1) {
                try writer.write(topic: "\(system.prefix).telemetry", key: site, value: Array(reading.utf8))
            }
        }
        #expect(writer.close() == 0)
    }

    private func applyRule(_ system: RunningSystem) throws {
        let rule = try TestFolder("rules")
        let path = rule.file("rules.yaml")
        try """
            rules:
              - id: power-high
                on: site.telemetry.v1
                value: power_kw / 1000
                by: [subject]
                levels:
                  - { name: critical, above: 105, until: 100 }
                owner: tests
                mode: enabled
            """.write(toFile: path, atomically: true, encoding: .utf8)
        let applied = try system.gigawatch("rules", "apply", path)
        #expect(applied.status == 0, "\(applied.output)")
        #expect(try system.wait("SELECT count(*) FROM gigawatch.rule_version", toBe: "1") == "1")
    }

    /// Waits until both consumers have read all that was written.
    private func settle(_ system: RunningSystem, seconds: Double) throws {
        let admin = try Admin(TestKafka.configuration)
        defer { admin.close() }
        let connection = try system.database.connect()
        var missing = ""
        let settled = try TestProcess.poll(seconds: seconds, every: 200) {
            missing = ""
            for topic in [TopicName.events, .telemetry] {
                let name = topic.fullName(prefix: system.prefix)
                let places = (0..<(try admin.partitionCount(of: name) ?? 0)).map { TopicPartition(topic: name, partition: $0) }
                for (place, end) in try admin.endOffsets(of: places) {
                    let partition = place.partition
                    for consumer in ["projection", "alerting"] {
                        let rows = try connection.query("SELECT next_offset FROM ops.positions WHERE consumer = $1 AND topic = $2 AND partition = $3", [.text(consumer), .text(name), .int(Int64(partition))])
                        let position = rows.count > 0 ? rows.int64(0, 0) ?? 0 : 0
                        if position < end { missing += "\(consumer) \(name)/\(partition): \(position) of \(end)\n" }
                    }
                }
            }
            return missing.isEmpty
        }
        #expect(settled, "not all was read:\n\(missing)")
    }

    /// What must be equal: the facts, the readings, the roll-ups, the counters' sums and the transitions with their values. A transition that
    /// the passing of time decided names its tick, and each run has a clock of its own: there the number of the tick is left out.
    private func outcome(_ system: RunningSystem) throws -> [String: String] {
        let prefix = system.prefix.count + 1
        let statements = [
            "facts": "SELECT count(*) || ' ' || md5(string_agg(source || id || occurred_at::text || data::text, ',' ORDER BY source, id)) FROM gigawatch.fact",
            "readings": "SELECT count(*) || ' ' || md5(string_agg(id || subject || occurred_at::text || power_kw::text, ',' ORDER BY id)) FROM gigawatch.reading",
            "minutes": "SELECT count(*) || ' ' || md5(string_agg(subject || bucket::text || count::text || power_kw_min::text || power_kw_max::text, ',' ORDER BY subject, bucket)) FROM gigawatch.telemetry_minute",
            "sites": "SELECT md5(string_agg(site || coalesce(facility_power_mw::text, '-'), ',' ORDER BY site)) FROM ops.sites",
            "accounts": "SELECT string_agg(t, ' ' ORDER BY t) FROM (SELECT substr(topic, \(prefix)) || ':' || sum(read) || '=' || sum(applied) || '+' || sum(duplicate) || '+' || sum(quarantined) || '+' || sum(unapplied) || '+' || sum(ignored) AS t FROM gigawatch.stream_position WHERE consumer = 'projection' AND topic ~ '(events|telemetry)$' GROUP BY topic) AS sums",
            "transitions": "SELECT count(*) || ' ' || md5(string_agg(fingerprint || to_state || coalesce(level, '') || round(value::numeric, 3)::text || event_at::text || CASE WHEN kind = 'timer' THEN '' ELSE coalesce(event_id, '') END, ',' ORDER BY fingerprint, event_at, record_offset, to_state)) FROM gigawatch.alert_transition",
        ]
        return try statements.mapValues { try system.value($0) ?? "nothing" }
    }

    /// Recent enough that nothing counts as backfill (an hour), which a tick would end at another place in each run; all of it past.
    private var start: Instant { Instant(milliseconds: Int64(Date().timeIntervalSince1970) / 60 * 60_000 - (Int64(eventCount) / 50 + 300) * 1000) }

    private func run(_ start: Instant, disturb: (RunningSystem, Int) throws -> Void) throws -> (outcome: [String: String], audit: (status: Int32, output: String)) {
        let system = try RunningSystem(partitions: 4, environment: ["GIGAWATCH_GROUP_PATIENCE_SECONDS": "3"])
        try system.start(["ingestion", "projection", "alerting"])
        try applyRule(system)
        let pieces = 6
        for piece in 0..<pieces {
            try write(system, events: (eventCount * piece / pieces)..<(eventCount * (piece + 1) / pieces), start: start)
            try disturb(system, piece)
        }
        try settle(system, seconds: 180)
        // The last cut's transitions follow its positions within a snapshot's time at the most.
        var last = try outcome(system)
        TestProcess.poll(seconds: 20, every: 1500) {
            let next = (try? outcome(system)) ?? [:]
            defer { last = next }
            return next == last
        }
        let audit = try system.gigawatch("audit")
        try system.stop()
        return (last, audit)
    }

    @Test func `projection and alerting killed in the middle leave what an undisturbed run leaves`() throws {
        let start = start
        let calm = try run(start) { _, _ in }
        #expect(calm.audit.status == 0, "\(calm.audit.output)")
        #expect(calm.outcome["transitions"]?.hasPrefix("0 ") == false, "the stream makes transitions: \(calm.outcome)")
        let disturbed = try run(start) { system, piece in
            try system.killAndRestart(piece % 2 == 0 ? "projection" : "alerting")
            if isThorough || piece == 3 { try system.killAndRestart(piece % 2 == 0 ? "alerting" : "projection", pauseSeconds: 0.5) }
        }
        #expect(disturbed.audit.status == 0, "\(disturbed.audit.output)")
        #expect(disturbed.outcome == calm.outcome)
    }

    @Test func `two projections at once, one killed, one added, leave the same`() throws {
        let start = start
        let calm = try run(start) { _, _ in }
        let shared = try run(start) { system, piece in
            switch piece {
            case 0: try system.startAnother("projection", as: "projection-2")
            case 2: try system.process("projection-2").killHard()
            case 3: try system.startAnother("projection", as: "projection-3")
            case 4:
                try system.process("projection").killHard()
                try system.startAnother("projection", as: "projection-4")
            default: break
            }
        }
        #expect(shared.audit.status == 0, "\(shared.audit.output)")
        #expect(shared.outcome == calm.outcome)
    }
}
