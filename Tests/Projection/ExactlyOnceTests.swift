// Whatever dies and whoever joins, the database ends as after an uninterrupted run of the same log.

import Glibc
import Models
import Postgres
import Testing
import TestServers

@Suite(.serialized) struct ExactlyOnceTests {
    /// The digest after a run that nothing disturbed.
    private func undisturbed(_ log: TestLog) throws -> [String: String] {
        let scene = try ProjectionScene(log)
        try scene.runToEnd()
        return try scene.database.contentDigest()
    }

    private func mixedLog(_ name: String, facts: Int = 1500, readings: Int = 4000) throws -> TestLog {
        var random = SeededGenerator.announced(name)
        let log = try TestLog()
        try log.send(TestEvents.mixture(facts: facts, readings: readings, &random))
        return log
    }

    @Test func `killed at every failpoint in turn, it ends like an uninterrupted run`() throws {
        let log = try mixedLog("failpoints")
        let expected = try undisturbed(log)
        let scene = try ProjectionScene(log)
        let names = [
            "worker.begin.before", "worker.begin.after", "projection.facts.after", "projection.readings.after", "projection.rollups.after",
            "projection.quarantine.after", "worker.write.after", "worker.position.after", "worker.commit.after", "projection.publish.after",
        ]
        for name in names {
            let process = try scene.start(["GIGAWATCH_FAILPOINT": "\(name):kill:2", "GIGAWATCH_PROJECTION_BATCH": "120", "GIGAWATCH_PROJECTION_WORKERS": "1"])
            let status = process.wait(seconds: 40)
            // Publishing may have nothing left to do by then; every other place is passed again and again.
            if name != "projection.publish.after" { #expect(status == 128 + SIGKILL, "\(name): \(process.log.suffix(500))") }
            process.killHard()
        }
        let last = try scene.start()
        try scene.waitUntilStored(last)
        _ = try last.terminate()
        #expect(try scene.database.contentDigest() == expected)
        #expect(try scene.rows("SELECT count(*) FROM gigawatch.stream_position WHERE read <> next_offset - first_offset") == [["0"]])
    }

    @Test func `two at once, one killed, one added: the same result`() throws {
        let log = try mixedLog("two processes")
        let expected = try undisturbed(log)
        let scene = try ProjectionScene(log)
        let slow = ["GIGAWATCH_PROJECTION_BATCH": "25"]
        let first = try scene.start(slow)
        let second = try scene.start(slow)
        _ = try TestProcess.poll(seconds: 30) { try scene.positions().values.reduce(0, +) > 200 }
        first.killHard()
        let third = try scene.start(slow)
        try scene.waitUntilStored()
        _ = try second.terminate()
        _ = try third.terminate()
        #expect(try scene.database.contentDigest() == expected)
    }

    @Test func `database connections that are cut again and again lose nothing and quarantine nothing more`() throws {
        let log = try mixedLog("cut connections")
        let expected = try undisturbed(log)
        let scene = try ProjectionScene(log)
        let process = try scene.start(["GIGAWATCH_PROJECTION_BATCH": "40"])
        let connection = try scene.database.connect(applicationName: "the one who cuts")
        for _ in 0..<25 {
            usleep(150_000)
            try connection.query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'gigawatch-%'")
        }
        try scene.waitUntilStored(process)
        #expect(process.isRunning)
        _ = try process.terminate()
        #expect(try scene.database.contentDigest() == expected)
    }
}
