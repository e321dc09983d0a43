// The binary COPY format against the server that reads it.

import Models
import TestServers
import Testing

@testable import Postgres

@Suite struct CopyTests {
    @Test func `every column type arrives as it was written`() throws {
        let connection = try Connection(TestPostgres.server)
        try connection.run(
            """
            CREATE TEMPORARY TABLE t (a smallint, b int, c bigint, d float8, e bool, f timestamptz, g date, h text, i bytea, j jsonb, k numeric, l text[])
            """)
        var buffer = CopyBuffer(capacity: 1024)
        for row in 0..<3000 {
            buffer.beginRow(columns: 12)
            guard row != 1 else {
                for _ in 0..<12 { buffer.null() }
                continue
            }
            buffer.int2(Int16(row))
            buffer.int4(-Int32(row))
            buffer.int8(Int64(row) << 32)
            buffer.double(Double(row) / 7)
            buffer.bool(row.isMultiple(of: 2))
            buffer.instant(Instant(microseconds: Int64(row) - 5))
            buffer.day(Day(daysSince1970: Int32(row)))
            buffer.text("é\(row)")
            buffer.bytes([0, UInt8(truncatingIfNeeded: row)])
            buffer.jsonb(Array("{\"n\":\(row)}".utf8))
            buffer.numeric(Double(row) * 1e9 + 0.25)
            buffer.textArray(row == 2 ? [] : ["a\"b", "", "\(row)"])
        }
        #expect(try connection.copyIn("COPY t FROM STDIN BINARY", buffer) == 3000)
        let rows = try connection.query("SELECT * FROM t WHERE a IS NULL OR a IN (2, 2999) ORDER BY a NULLS FIRST")
        #expect(rows.count == 3)
        #expect((0..<12).allSatisfy { rows.isNull(0, $0) })
        #expect(rows.textArray(1, "l") == [])
        #expect(rows.int64(2, "a") == 2999 && rows.int64(2, "b") == -2999 && rows.int64(2, "c") == 2999 << 32 && rows.double(2, "d") == 2999 / 7.0)
        #expect(rows.bool(2, "e") == false && rows.instant(2, "f") == Instant(microseconds: 2994) && rows.day(2, "g") == Day(daysSince1970: 2999))
        #expect(rows[2, "h"] == "é2999" && rows.bytes(2, "i") == [0, UInt8(truncatingIfNeeded: 2999)] && rows[2, "j"] == "{\"n\": 2999}")
        #expect(rows.decimal(2, "k") == "2999000000000.25" && rows.textArray(2, "l") == ["a\"b", "", "2999"])
    }

    @Test func `decimals are stored as they were written, digit by digit`() throws {
        let connection = try Connection(TestPostgres.server)
        let fixed = [
            "0", "-0", "0.00", "1", "-1", "10000", "9999", "10001", "0.0001", "0.00001", "1e9", "1E-7", "12.50", ".5", "5.", "123456789.987654321",
            "-99999999999999999999.9999", "1e30", "1e-30", "100000000", "0.1", "219270000000",
        ]
        var generator = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: .min ... .max, using: &generator)
        print("seed \(seed)")
        var state = seed
        func next(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        let random = (0..<2000).map { _ -> String in
            let digits = (0..<(1 + next(25))).map { _ in String(next(10)) }.joined()
            let point = Int(next(UInt64(digits.count + 1)))
            let exponent = next(3) == 0 ? "e\(Int(next(40)) - 20)" : ""
            let body = point == 0 ? "0.\(digits)" : "\(digits.prefix(point)).\(digits.dropFirst(point))"
            return (next(2) == 0 ? "-" : "") + body + exponent
        }
        let rows = try connection.query(
            """
            SELECT t FROM unnest($1::text[], $2::numeric[]) AS s (t, n) WHERE t::numeric::text IS DISTINCT FROM n::text
            """, [.textArray(fixed + random), .decimalArray(fixed + random)])
        #expect((0..<rows.count).map { rows[$0, 0] ?? "" } == [], "seed \(seed)")
        for wrong in ["", "-", ".", "1e", "1e5000", "abc", "1.2.3", "0x10", "1,5", " 1"] { #expect(NumericDigits(decimal: wrong) == nil, "\(wrong)") }
        #expect(throws: PostgresError.self) { try connection.query("SELECT $1::numeric[]", [.decimalArray(["one"])]) }
    }

    @Test func `a double becomes the decimal that was written for it`() throws {
        let connection = try Connection(TestPostgres.server)
        try connection.run("CREATE TEMPORARY TABLE t (n int, x numeric)")
        let values: [(Double, String)] = [
            (0.1, "0.1"), (219.27e9, "219270000000"), (1e22, "10000000000000000000000"), (-0.07, "-0.07"), (0, "0"),
            (.nan, "NaN"), (.infinity, "Infinity"), (Double.leastNonzeroMagnitude, "0." + String(repeating: "0", count: 323) + "5"),
        ]
        var buffer = CopyBuffer()
        for (index, value) in values.enumerated() {
            buffer.beginRow(columns: 2)
            buffer.int4(Int32(index))
            buffer.numeric(value.0)
        }
        try connection.copyIn("COPY t FROM STDIN BINARY", buffer)
        let rows = try connection.query("SELECT x FROM t ORDER BY n")
        #expect((0..<rows.count).map { rows[$0, 0] ?? "" } == values.map(\.1))
    }

    @Test func `a refused row is the data's fault and the connection goes on`() throws {
        let connection = try Connection(TestPostgres.server)
        try connection.run("CREATE TEMPORARY TABLE t (x text NOT NULL)")
        for bad in [[UInt8(0xFF)], [0x61, 0x00]] {
            var buffer = CopyBuffer()
            for _ in 0..<50_000 {
                buffer.beginRow(columns: 1)
                buffer.text("good")
            }
            buffer.beginRow(columns: 1)
            bad.withUnsafeBytes { buffer.text($0) }
            let error = try #require(throws: PostgresError.self) { try connection.copyIn("COPY t FROM STDIN BINARY", buffer) }
            #expect(error.sqlState == "22021" && error.kind == .quarantine)
        }
        var short = CopyBuffer()
        short.beginRow(columns: 0)
        #expect(try #require(throws: PostgresError.self) { try connection.copyIn("COPY t FROM STDIN BINARY", short) }.kind == .fatal)
        #expect(try #require(throws: PostgresError.self) { try connection.copyIn("COPY no_such_table FROM STDIN BINARY", short) }.sqlState == "42P01")
        #expect(try #require(throws: PostgresError.self) { try connection.copyIn("SELECT 1", short) }.kind == .fatal)
        #expect(try #require(throws: PostgresError.self) { try connection.run("COPY t FROM STDIN") }.kind == .fatal)
        #expect(try connection.int64("SELECT count(*) FROM t") == 0)
    }

    @Test func `an empty buffer stores nothing, a cleared one keeps its memory and forgets its rows`() throws {
        let connection = try Connection(TestPostgres.server)
        try connection.run("CREATE TEMPORARY TABLE t (x int)")
        var buffer = CopyBuffer()
        #expect(try connection.copyIn("COPY t FROM STDIN BINARY", buffer) == 0)
        buffer.beginRow(columns: 1)
        buffer.int4(1)
        let kept = buffer
        buffer.removeAll()
        buffer.beginRow(columns: 1)
        buffer.int4(2)
        #expect(kept.rows == 1 && kept.byteCount == buffer.byteCount)
        try connection.copyIn("COPY t FROM STDIN BINARY", kept)
        try connection.copyIn("COPY t FROM STDIN BINARY", buffer)
        #expect(try connection.value("SELECT string_agg(x::text, ',' ORDER BY x) FROM t") == "1,2")
    }

    @Test func `rows come out one by one, and a body that throws ends it`() throws {
        struct Stop: Error {}
        let connection = try Connection(TestPostgres.server)
        var lines: [String] = []
        try connection.copyOut("COPY (SELECT g, 'x' FROM generate_series(1, 3) g) TO STDOUT") { lines.append(String(decoding: $0, as: UTF8.self)) }
        #expect(lines == ["1\tx\n", "2\tx\n", "3\tx\n"])
        var count = 0
        #expect(throws: Stop.self) {
            try connection.copyOut("COPY (SELECT * FROM generate_series(1, 100000000)) TO STDOUT") { _ in
                count += 1
                if count == 10 { throw Stop() }
            }
        }
        #expect(count == 10)
        #expect(try connection.int64("SELECT 1") == 1)
        #expect(throws: PostgresError.self) { try connection.copyOut("COPY (SELECT 1/(g - 5) FROM generate_series(1, 9) g) TO STDOUT") { _ in } }
        #expect(try connection.int64("SELECT 1") == 1)
    }
}
