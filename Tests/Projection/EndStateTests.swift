// What a topic with everything in it leaves in the database: each record once, applied or set aside with its reason, and books that balance.

import Kafka
import Models
import Postgres
import ProjectionCore
import Testing
import TestServers

@Suite(.serialized) struct EndStateTests {
    @Test func `each kind of record ends where it belongs`() throws {
        let log = try TestLog()
        let scene = try ProjectionScene(log)
        let at = TestEvents.now().adding(-600)
        func partition(_ key: String) -> Int32 { Array(key.utf8).withUnsafeBytes { Partitioner.partition(of: $0, partitions: log.partitions) } }
        let stray = (0..<100).map { "key-\($0)" }.first { partition($0) != partition("colossus") } ?? "key"
        let level = TestEvents.fact("e-1", "site.capacity.reported.v1", "colossus", at: at, data: #"{"facility_power_mw":150}"#)
        try log.send([
            level, level,
            TestEvents.fact("e-1", "site.capacity.reported.v1", "colossus", at: at, data: #"{"facility_power_mw":151}"#),
            TestRecord(topic: .events, key: "colossus", value: "{\"specversion\":"),
            TestRecord(topic: .events, key: "colossus", value: nil),
            TestEvents.fact("e-2", "site.status.changed.v1", "colossus", at: at, data: #"{"status":"energized","name":"a\u0000b"}"#),
            TestEvents.fact("e-3", "moon.base.opened.v1", "colossus", at: at, data: "{}"),
            TestEvents.fact("e-4", "site.status.changed.v9", "colossus", at: at, data: "{}"),
            TestRecord(topic: .events, key: stray, value: TestEvents.event("e-5", "site.capacity.reported.v1", "colossus", at: at, data: #"{"h100e":1}"#)),
            TestRecord(
                topic: .events, key: "colossus", value: #"{"status":"energized","owner":"xai","users":["xai","x"],"region":"tva","country":"US"}"#,
                headers: [
                    ("ce_specversion", "1.0"), ("ce_id", "e-6"), ("ce_source", "//other/program"), ("ce_type", "site.status.changed.v1"),
                    ("ce_subject", "colossus"), ("ce_time", "\(at)"), ("ce_evidence", "https://example.org/1"), ("content-type", "application/json"),
                ]),
            TestRecord(topic: .events, key: "colossus", value: TestEvents.event("e-7", "site.telemetry.v1", "colossus", at: at, data: #"{"power_kw":5}"#)),
            TestEvents.reading("r-1", "colossus", at: at, power: 100, energy: 50), TestEvents.reading("r-1", "colossus", at: at, power: 100, energy: 50),
            TestEvents.reading("r-1", "colossus", at: at, power: 101, energy: 50),
            TestEvents.reading("r-2", "colossus", at: at.adding(1), power: 200, energy: 60),
            TestRecord(
                topic: .telemetry, key: "colossus", value: #"{"power_kw":300}"#,
                headers: [
                    ("ce_specversion", "1.0"), ("ce_id", "r-3"), ("ce_source", "//test/desk"), ("ce_type", "site.telemetry.v1"), ("ce_subject", "colossus"),
                    ("ce_time", "\(at.adding(2))"),
                ]),
            TestEvents.fact("e-8", "site.capacity.reported.v1", "colossus", at: at, more: #","supersedes":"e-1","note":"x""#, data: #"{"facility_power_mw":152}"#),
            TestEvents.fact("e-9", "fact.withdrawn.v1", "colossus", at: at, data: #"{"source":"//test/desk","event":"e-8"}"#),
        ])
        try scene.runToEnd()

        #expect(try scene.rows("SELECT source, id, type, accepted_by FROM gigawatch.fact ORDER BY id") == [
            ["//test/desk", "e-1", "site.capacity.reported.v1", "desk"], ["//other/program", "e-6", "site.status.changed.v1", "null"],
            ["//test/desk", "e-8", "site.capacity.reported.v1", "desk"], ["//test/desk", "e-9", "fact.withdrawn.v1", "desk"],
        ])
        #expect(try scene.rows("SELECT status, owner, users::text, region, country FROM gigawatch.fact_site_status_changed") == [
            ["energized", "xai", "{xai,x}", "tva", "US"]
        ])
        #expect(try scene.rows("SELECT id, facility_power_mw FROM gigawatch.fact_site_capacity_reported ORDER BY id") == [["e-1", "150"], ["e-8", "152"]])
        #expect(try scene.rows("SELECT extensions::text FROM gigawatch.fact WHERE id = 'e-8'") == [[#"{"note": "x"}"#]])
        #expect(try scene.rows("SELECT kind, victim_id, corrector_event_id FROM gigawatch.correction ORDER BY kind") == [
            ["supersedes", "e-1", "e-8"], ["withdraws", "e-8", "e-9"],
        ])
        #expect(try scene.rows("SELECT id, power_kw FROM gigawatch.reading ORDER BY id") == [["r-1", "100"], ["r-2", "200"], ["r-3", "300"]])
        #expect(
            try scene.rows("SELECT sum(count), max(power_kw_max), sum(energy_kwh_gain) FROM gigawatch.telemetry_hour WHERE subject = 'colossus'")
                == [["3", "300", "10"]])
        #expect(try scene.rows("SELECT kind, code, count(*) FROM gigawatch.quarantine GROUP BY 1, 2 ORDER BY 1, 2") == [
            ["quarantined", "data.field.nul", "1"], ["quarantined", "identity.conflict", "2"], ["quarantined", "json.malformed", "1"],
            ["quarantined", "partition.wrong", "1"], ["quarantined", "record.tombstone", "1"], ["quarantined", "topic.wrong", "1"],
            ["unapplied", "type.unknown", "1"], ["unapplied", "type.version_unknown", "1"],
        ])
        #expect(try scene.rows("SELECT sum(read), sum(applied), sum(duplicate), sum(quarantined), sum(unapplied) FROM gigawatch.stream_position") == [
            ["18", "7", "2", "7", "2"]
        ])
    }

    @Test func `what is set aside goes to the quarantine topic with its bytes and its reason`() throws {
        let log = try TestLog()
        let scene = try ProjectionScene(log)
        try log.send([TestRecord(topic: .events, key: "k", value: "not JSON", headers: [("x-trace", "7")])])
        let process = try scene.start()
        try scene.waitUntilStored(process)
        let isPublished = try TestProcess.poll(seconds: 30, every: 50) {
            try log.ends([.quarantine]).values.reduce(0, +) == 1
        }
        #expect(isPublished)
        _ = try process.terminate()
        #expect(try scene.rows("SELECT published_at IS NOT NULL FROM gigawatch.quarantine") == [["t"]])
    }

    @Test func `readings in any order and any batches end in the same roll-ups`() throws {
        var random = SeededGenerator.announced("roll-ups in the database")
        let begin = Instant(microseconds: TestEvents.now().microseconds / 3_600_000_000 * 3_600_000_000 - 3_600_000_000)
        var counter = 1000.0
        let readings = (0..<600).map { index in
            counter = Int.random(in: 0..<40, using: &random) == 0 ? Double.random(in: 0...5, using: &random) : counter + Double.random(in: 0...3, using: &random)
            return TestEvents.reading(
                "r-\(index)", "site-\(index % 2)", at: begin.adding(Double(index) * 5.7), power: Double.random(in: 0...500_000, using: &random), energy: counter,
                utilization: Double.random(in: 0...1, using: &random))
        }
        var digests: [[String: String]] = []
        for order in [readings, readings.reversed(), readings.shuffled(using: &random)] {
            let log = try TestLog(partitions: 2)
            let scene = try ProjectionScene(log)
            try log.send(order)
            try scene.runToEnd(["GIGAWATCH_PROJECTION_BATCH": digests.count == 0 ? "10000" : "17"])
            digests.append(try scene.database.contentDigest().filter { $0.key.hasPrefix("telemetry_") })
            #expect(try scene.rows("SELECT count(*) FROM gigawatch.telemetry_minute WHERE energy_is_open") == [["0"]])
        }
        #expect(digests[0].count == 2)
        #expect(digests[0] == digests[1] && digests[1] == digests[2])
    }

    @Test func `a repeat that is older than the digests in memory is found in the database`() throws {
        let log = try TestLog(partitions: 1)
        let scene = try ProjectionScene(log)
        let begin = TestEvents.now().adding(-5000)
        let readings = (0..<3000).map { TestEvents.reading("r-\($0)", "site", at: begin.adding(Double($0)), power: 1) }
        try log.send(readings)
        try scene.runToEnd(["GIGAWATCH_PROJECTION_DIGESTS": "1000", "GIGAWATCH_PROJECTION_BATCH": "500"])
        try log.send(Array(readings[..<200]) + [TestEvents.reading("r-5", "site", at: begin.adding(5), power: 2)])
        try scene.runToEnd(["GIGAWATCH_PROJECTION_DIGESTS": "1000", "GIGAWATCH_PROJECTION_BATCH": "500"])
        #expect(try scene.rows("SELECT read, applied, duplicate, quarantined FROM gigawatch.stream_position WHERE read > 0") == [["3201", "3000", "200", "1"]])
        #expect(try scene.rows("SELECT sum(count) FROM gigawatch.telemetry_hour") == [["3000"]])
    }
}
