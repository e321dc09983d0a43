// What was set aside and is asked for again: applied with its original coordinates, once, or still wrong with the reason.

import Models
import Postgres
import Testing
import TestServers

@Suite(.serialized) struct ReplayTests {
    /// As an earlier release left it: a record of this log in the quarantine.
    private func setAside(_ scene: ProjectionScene, offset: Int64, kind: String, value: String) throws {
        try scene.database.connect().query(
            """
            INSERT INTO gigawatch.quarantine (topic, partition, record_offset, accepted_at, value, headers, kind, code)
            VALUES ($1, 0, $2, now() - interval '1 hour', convert_to($3, 'UTF8'), '[["acceptedby","desk"]]', $4, 'type.unknown')
            """, [.text(TopicName.events.fullName(prefix: scene.log.prefix)), .int(offset), .text(value), .text(kind)])
    }

    @Test func `a record of a type that is known by now is applied at the next start`() throws {
        let scene = try ProjectionScene(try TestLog(partitions: 1))
        let at = TestEvents.now().adding(-86_400)
        try setAside(
            scene, offset: 900, kind: "unapplied",
            value: TestEvents.event("e-1", "site.capacity.reported.v1", "colossus", at: at, data: #"{"facility_power_mw":150}"#))
        try setAside(scene, offset: 901, kind: "unapplied", value: TestEvents.event("e-2", "moon.base.opened.v1", "colossus", at: at, data: "{}"))
        let process = try scene.start()
        _ = try TestProcess.poll(seconds: 30, every: 50) { try scene.rows("SELECT count(*) FROM gigawatch.fact") == [["1"]] }
        _ = try process.terminate()
        #expect(try scene.rows("SELECT id, record_offset, accepted_by FROM gigawatch.fact") == [["e-1", "900", "desk"]])
        #expect(try scene.rows("SELECT record_offset, state, state_reason FROM gigawatch.quarantine ORDER BY 1") == [
            ["900", "replayed", "applied"], ["901", "open", "null"],
        ])
    }

    @Test func `a replay that a person asks for is applied once, or says what is still wrong`() throws {
        let scene = try ProjectionScene(try TestLog(partitions: 1))
        let at = TestEvents.now().adding(-86_400)
        let level = TestEvents.event("e-1", "site.capacity.reported.v1", "colossus", at: at, data: #"{"facility_power_mw":150}"#)
        try setAside(scene, offset: 900, kind: "quarantined", value: level)
        try setAside(scene, offset: 901, kind: "quarantined", value: level)
        try setAside(scene, offset: 902, kind: "quarantined", value: "not JSON")
        let process = try scene.start()
        try scene.database.connect().query("UPDATE gigawatch.quarantine SET replay_requested_at = now(), replay_requested_by = 'desk'")
        _ = try TestProcess.poll(seconds: 30, every: 50) {
            try scene.rows("SELECT count(*) FROM gigawatch.quarantine WHERE replay_requested_at IS NOT NULL") == [["0"]]
        }
        _ = try process.terminate()
        #expect(try scene.rows("SELECT record_offset, state, state_reason, replay_result LIKE 'json.malformed%' FROM gigawatch.quarantine ORDER BY 1") == [
            ["900", "replayed", "applied", "null"], ["901", "replayed", "had been applied before", "null"], ["902", "open", "null", "t"],
        ])
        #expect(try scene.rows("SELECT count(*) FROM gigawatch.fact") == [["1"]])
    }
}
