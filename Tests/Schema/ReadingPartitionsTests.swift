// Readings find a day, late ones move into it, old days leave whole.

import Glibc
import Models
import Postgres
import Synchronization
import TestServers
import Testing

@testable import Schema

@Suite struct ReadingPartitionsTests {
    private func insert(_ connection: Connection, _ instants: [String]) throws {
        try connection.query(
            """
            INSERT INTO gigawatch.reading (source, id, subject, occurred_at, known_at, accepted_at, partition, record_offset)
            SELECT 's', n::text, 'site', t, t, t, 0, n FROM unnest($1::timestamptz[]) WITH ORDINALITY AS s (t, n)
            """, [.instantArray(instants.map { Instant($0) })])
    }

    @Test func `a reading without a day waits in the default partition and moves when its day is made`() throws {
        let connection = try TestPostgres.database().connect()
        try insert(connection, ["2026-03-01T23:59:59.999999Z", "2026-03-02T00:00:00Z", "1999-01-01T00:00:00Z"])
        #expect(try connection.int64("SELECT count(*) FROM gigawatch.reading_default") == 3)
        #expect(try connection.int64("SELECT gigawatch.ensure_reading_partitions('2026-03-01', '2026-03-03')") == 3)
        #expect(try connection.int64("SELECT gigawatch.ensure_reading_partitions('2026-03-01', '2026-03-03')") == 0)
        #expect(try connection.int64("SELECT count(*) FROM gigawatch.reading_default") == 1)
        #expect(try connection.int64("SELECT count(*) FROM gigawatch.reading_20260301") == 1)
        #expect(try connection.int64("SELECT count(*) FROM gigawatch.reading_20260302") == 1)
        #expect(try connection.int64("SELECT count(*) FROM gigawatch.reading") == 3)
    }

    @Test func `retention drops days that are over, and what waits in the default partition`() throws {
        let connection = try TestPostgres.database().connect()
        try connection.query("SELECT gigawatch.ensure_reading_partitions('2026-03-01', '2026-03-03')")
        try insert(connection, ["2026-03-01T12:00:00Z", "2026-03-02T12:00:00Z", "1999-01-01T00:00:00Z", "2030-01-01T00:00:00Z"])
        try connection.run(
            """
            INSERT INTO gigawatch.reading_digest VALUES ('t', 0, 0, '2026-03-01', '2026-03-01 12:00+00', ''), ('t', 0, 1, '2026-03-01', '2026-03-02 12:00+00', '')
            """)
        #expect(try connection.int64("SELECT gigawatch.drop_reading_partitions('2026-03-02 11:00+00')") == 1)
        #expect(try connection.int64("SELECT count(*) FROM gigawatch.reading") == 2)
        #expect(try connection.int64("SELECT count(*) FROM gigawatch.reading_digest") == 1)
    }

    @Test func `workers that make the same days at once do not meet in an error`() throws {
        let database = try TestPostgres.database()
        let failures = Mutex<[String]>([])
        let made = Mutex<Int64>(0)
        onThreads(4) { _ in
            do {
                let count = try database.connect().int64("SELECT gigawatch.ensure_reading_partitions('2026-01-01', '2026-01-20')") ?? 0
                made.withLock { $0 += count }
            } catch { failures.withLock { $0.append("\(error)") } }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(made.withLock { $0 } == 20)
    }

    @Test func `digests are equal for equal content in any order, and differ for any difference`() throws {
        let (one, two) = (try TestPostgres.database(), try TestPostgres.database())
        let (a, b) = (try one.connect(), try two.connect())
        func fact(_ id: String, _ data: String) -> String {
            """
            INSERT INTO gigawatch.fact (source, id, type, subject, occurred_at, known_at, accepted_at, topic, partition, record_offset, data, digest)
            VALUES ('s', '\(id)', 't.v1', 'x', '2026-01-01', '2026-01-01', '2026-01-01', 'topic', 0, 1, '\(data)', '')
            """
        }
        for id in ["1", "2", "3"] { try a.run(fact(id, "{}")) }
        for id in ["3", "1", "2"] { try b.run(fact(id, "{}")) }
        try b.run("UPDATE gigawatch.fact SET subject = 'x'")
        #expect(try one.contentDigest() == two.contentDigest())
        #expect(try one.contentDigest()["fact"]?.hasPrefix("3 ") == true)
        try b.run("UPDATE gigawatch.fact SET topic = 'other' WHERE id = '2'")
        #expect(try one.contentDigest() != two.contentDigest())
        #expect(try one.contentDigest(excluding: ["topic"]) == two.contentDigest(excluding: ["topic"]))
        try b.run(fact("4", #"{"a": 1}"#))
        try a.run(fact("4", #"{"a": 2}"#))
        #expect(try one.contentDigest(excluding: ["topic"])["fact"] != two.contentDigest(excluding: ["topic"])["fact"])
    }
}
