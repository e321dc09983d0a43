// A connection against a real server: what it returns, how it ends what it began, and how each failure is named.

import Glibc
import Models
import Synchronization
import TestServers
import Testing

@testable import Postgres

@Suite struct ConnectionTests {
    @Test func `every kind of parameter comes back as it went`() throws {
        let connection = try Connection(TestPostgres.server)
        let moment = Instant(microseconds: 1_784_463_845_123_456)
        let day = try #require(Day("2024-02-29"))
        let rows = try connection.query(
            """
            SELECT $1::text AS t, $2::bigint AS i, $3::float8 AS d, $4::bool AS b, $5 AS y, $6 AS at, $7 AS day, $8::numeric AS m, $9::jsonb AS j,
                $10::text AS nothing, $11 AS before_1970
            """,
            [
                .text("a'é\n\u{1F600}"), .int(.min), .double(0.1), .bool(true), .bytes([0, 255, 1]), .instant(moment), .day(day),
                .decimal("-12345678901234567890.0100"), .json(Array(#"{"a": [1]}"#.utf8)), .null, .instant(Instant(microseconds: -1)),
            ])
        #expect(rows.count == 1 && rows.columns.count == 11)
        #expect(rows.text(0, "t") == "a'é\n\u{1F600}")
        #expect(rows.int64(0, "i") == .min)
        #expect(rows.double(0, "d") == 0.1)
        #expect(rows.bool(0, "b") == true)
        #expect(rows.bytes(0, "y") == [0, 255, 1])
        #expect(rows.instant(0, "at") == moment)
        #expect(rows.day(0, "day") == day)
        #expect(rows.decimal(0, "m") == "-12345678901234567890.0100")
        #expect(rows.text(0, "j") == #"{"a": [1]}"#)
        #expect(rows.isNull(0, "nothing") && rows.text(0, "nothing") == nil)
        #expect(rows.instant(0, "before_1970") == Instant(microseconds: -1))
        #expect(rows.text(1, 0) == nil && rows.text(0, 99) == nil && rows.text(-1, 0) == nil)
    }

    @Test func `infinite times are the ends of time`() throws {
        let rows = try Connection(TestPostgres.server).query(
            "SELECT 'infinity'::timestamptz, '-infinity'::timestamptz, 'NaN'::float8, '-inf'::float8")
        #expect(rows.instant(0, 0) == Instant(microseconds: .max) && rows.instant(0, 1) == Instant(microseconds: .min))
        #expect(rows.double(0, 2)?.isNaN == true && rows.double(0, 3) == -.infinity)
    }

    @Test func `arrays unnest into columns, with nulls, empty and of one size for any batch`() throws {
        let connection = try Connection(TestPostgres.server)
        let sql = """
            SELECT t, i, d, b, at, day, y, m, j FROM unnest($1::text[], $2::bigint[], $3::float8[], $4::bool[], $5::timestamptz[], $6::date[],
                $7::bytea[], $8::numeric[], $9::jsonb[]) WITH ORDINALITY AS s (t, i, d, b, at, day, y, m, j, n) ORDER BY n
            """
        for size in [0, 1, 3, 20_000] {
            let numbers = (0..<size).map { Int64($0) }
            let rows = try connection.query(
                sql,
                [
                    .textArray(numbers.map { $0 == 1 ? nil : "t\($0)" }), .intArray(numbers.map { $0 == 1 ? nil : $0 }),
                    .doubleArray(numbers.map { $0 == 1 ? nil : Double($0) / 3 }), .boolArray(numbers.map { $0 == 1 ? nil : $0.isMultiple(of: 2) }),
                    .instantArray(numbers.map { $0 == 1 ? nil : Instant(microseconds: $0) }),
                    .dayArray(numbers.map { $0 == 1 ? nil : Day(daysSince1970: Int32($0)) }),
                    .bytesArray(numbers.map { $0 == 1 ? nil : [UInt8(truncatingIfNeeded: $0)] }),
                    .decimalArray(numbers.map { $0 == 1 ? nil : "\($0).50" }),
                    .jsonArray(numbers.map { $0 == 1 ? nil : Array("{\"n\":\($0)}".utf8) }),
                ])
            #expect(rows.count == size)
            if size > 1 { #expect((0..<9).allSatisfy { rows.isNull(1, $0) }) }
            guard size > 2 else { continue }
            let last = size - 1
            #expect(rows[last, "t"] == "t\(last)" && rows.int64(last, "i") == Int64(last) && rows.double(last, "d") == Double(last) / 3)
            #expect(rows.bool(last, "b") == last.isMultiple(of: 2) && rows.instant(last, "at") == Instant(microseconds: Int64(last)))
            #expect(rows.day(last, "day") == Day(daysSince1970: Int32(last)) && rows.bytes(last, "y") == [UInt8(truncatingIfNeeded: last)])
            #expect(rows[last, "m"] == "\(last).50" && rows[last, "j"] == "{\"n\": \(last)}")
        }
        #expect(connection.statements.count == 1)
    }

    @Test func `NUL is refused before it is sent, as a fault of the data`() throws {
        let connection = try Connection(TestPostgres.server)
        for parameter in [Parameter.text("a\0b"), .textArray(["a\0b"]), .json(Array("\"a\0\"".utf8)), .jsonArray([[0]])] {
            let error = #expect(throws: PostgresError.self) { try connection.query("SELECT $1", [parameter]) }
            #expect(error?.kind == .quarantine && error?.sqlState == "22021")
        }
        #expect(try connection.int64("SELECT 1") == 1)
    }

    @Test func `an error names the act and the code, and keeps values to its detail`() throws {
        let connection = try Connection(TestPostgres.server)
        try connection.run("CREATE TEMPORARY TABLE t (secret text CONSTRAINT one_secret UNIQUE)")
        try connection.query("INSERT INTO t VALUES ($1)", [.text("hunter2")])
        let error = try #require(throws: PostgresError.self) { try connection.query("INSERT INTO t VALUES ($1)", [.text("hunter2")]) }
        #expect(error.sqlState == "23505" && error.kind == .quarantine && error.constraint == "one_secret")
        #expect(!error.description.contains("hunter2"))
        #expect(error.detail?.contains("hunter2") == true)
        #expect(!connection.isBroken)
    }

    @Test func `who cannot be reached, who is unknown and who writes nonsense are told apart`() throws {
        func kind(_ conninfo: String) -> FailureKind? {
            do {
                _ = try Connection(conninfo, limits: ConnectionLimits(connect: .seconds(1)))
                return nil
            } catch { return error.kind }
        }
        #expect(kind("host=127.0.0.1 port=1 user=x") == .retry)
        #expect(kind("\(try TestPostgres.server) dbname=no_such_database") == .configuration)
        #expect(kind("\(try TestPostgres.server) user=no_such_user") == .configuration)
        #expect(kind("hots=127.0.0.1") == .configuration)
        #expect(kind("host=127.0.0.1 port=none") == .configuration)
    }

    @Test func `a server that accepts and says nothing is given up in time`() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(listener, $0, length)
                _ = getsockname(listener, $0, &length)
            }
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
        listen(listener, 1)
        let start = ContinuousClock.now
        let error = #expect(throws: PostgresError.self) {
            _ = try Connection("host=127.0.0.1 port=\(port) user=x", limits: ConnectionLimits(connect: .seconds(1)))
        }
        #expect(error?.kind == .retry)
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test func `a statement that runs too long is ended by the server, a silent server by us`() throws {
        let connection = try Connection(TestPostgres.server, limits: ConnectionLimits(statement: .milliseconds(200), silence: .milliseconds(200)))
        let late = try #require(throws: PostgresError.self) { try connection.query("SELECT pg_sleep(5)") }
        #expect(late.sqlState == "57014" && late.kind == .retry && !connection.isBroken)
        // With its timeout off the server says nothing, as one that was stopped would.
        try connection.run("SET statement_timeout = 0")
        let silent = try #require(throws: PostgresError.self) { try connection.query("SELECT pg_sleep(5)") }
        #expect(silent.kind == .retry && connection.isBroken)
        #expect(throws: PostgresError.self) { try connection.query("SELECT 1") }
        try connection.reconnect()
        #expect(try connection.int64("SELECT 1") == 1)
    }

    @Test func `prepared statements are bounded on both sides, and survive a changed table`() throws {
        let connection = try Connection(TestPostgres.server, limits: ConnectionLimits(preparedStatements: 4))
        for number in 0..<20 { #expect(try connection.int64("SELECT \(number)") == Int64(number)) }
        #expect(connection.statements.count == 4)
        #expect(try connection.int64("SELECT count(*) FROM pg_prepared_statements") ?? 99 <= 5)
        try connection.run("CREATE TEMPORARY TABLE t (x int); INSERT INTO t VALUES (1)")
        #expect(try connection.query("SELECT * FROM t").columns == ["x"])
        try connection.run("ALTER TABLE t ADD COLUMN y int")
        #expect(try connection.query("SELECT * FROM t").columns == ["x", "y"])
        // As when a pooler hands us another server process.
        try connection.run("DEALLOCATE ALL")
        #expect(try connection.query("SELECT * FROM t").count == 1)
    }

    @Test func `a terminated connection is broken, and reconnects with its channels`() throws {
        let (connection, other) = (try Connection(TestPostgres.server), try Connection(TestPostgres.server))
        let channel = "gigawatch_test_\(getpid())"
        try connection.listen(channel)
        try other.query("SELECT pg_terminate_backend($1, 5000)", [.int(Int64(connection.serverProcess))])
        let error = try #require(throws: PostgresError.self) { try connection.query("SELECT 1") }
        #expect(error.kind == .retry && connection.isBroken)
        try connection.reconnect()
        try other.notify(channel, "it's there")
        #expect(try connection.notifications(within: .seconds(5)) == [Notification(channel: channel, payload: "it's there")])
        #expect(try connection.notifications(within: .milliseconds(10)) == [])
    }

    @Test func `another thread can cancel, and only that`() throws {
        let connection = try Connection(TestPostgres.server)
        let canceller = try #require(connection.canceller)
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let canceller = Unmanaged<Canceller>.fromOpaque(context).takeRetainedValue()
                usleep(100_000)
                canceller.cancel()
                return nil
            }, Unmanaged.passRetained(canceller).toOpaque())
        let error = try #require(throws: PostgresError.self) { try connection.query("SELECT pg_sleep(20)") }
        pthread_join(thread, nil)
        #expect(error.sqlState == "57014" && !connection.isBroken)
    }

    @Test func `notices go to the closure`() throws {
        let notices = Mutex<[String]>([])
        let connection = try Connection(TestPostgres.server) { notice in notices.withLock { $0.append("\(notice.severity) \(notice.message)") } }
        try connection.run("DO $$ BEGIN RAISE NOTICE 'look'; RAISE WARNING 'out'; END $$")
        #expect(notices.withLock { $0 } == ["NOTICE look", "WARNING out"])
    }
}
