// The runner against a real server: once, in order, together, and never over what a newer release has left.

import Glibc
import Models
import Postgres
import Synchronization
import TestServers
import Testing

@testable import Schema

@Suite struct MigrationsTests {
    @Test func `an empty database gets everything, a second run does nothing`() throws {
        let connection = try TestPostgres.emptyDatabase().connect()
        let first = try Migrations.run(on: connection)
        #expect(first.steps == Migrations.all.map(\.version))
        #expect(first.objects.count == FactTables.objects.count + Migrations.objects.count)
        let second = try Migrations.run(on: connection)
        #expect(second == Migrations.Outcome())
        #expect(try Migrations.missing(on: connection) == nil)
        #expect(try connection.value("SHOW statement_timeout") == "1min")
    }

    @Test func `numbers are unique, and each area keeps to its own`() {
        let versions = Migrations.all.map(\.version)
        #expect(Set(versions).count == versions.count)
        #expect(Migrations.ledgerSteps.allSatisfy { (1...19).contains($0.version) })
        #expect(Migrations.readModelSteps.allSatisfy { (20...39).contains($0.version) })
        #expect(Migrations.alertingSteps.allSatisfy { (40...59).contains($0.version) })
        #expect(Migrations.querySteps.allSatisfy { $0.version >= 60 })
        let names = (FactTables.objects + Migrations.objects).map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test func `a step that was edited after it was applied is refused by its number`() throws {
        let connection = try TestPostgres.emptyDatabase().connect()
        try Migrations.run(on: connection, steps: [Migration(1, "one", "CREATE TABLE gigawatch.a (x int)")], objects: [])
        let error = #expect(throws: SchemaError.self) {
            try Migrations.run(on: connection, steps: [Migration(1, "one", "CREATE TABLE gigawatch.a (x bigint)")], objects: [])
        }
        #expect(error?.description.contains("migration 1 (one) was applied with another text") == true)
        #expect(error?.kind == .configuration)
    }

    @Test func `a step that fails leaves nothing behind and is tried again`() throws {
        let connection = try TestPostgres.emptyDatabase().connect()
        #expect(throws: SchemaError.self) {
            try Migrations.run(on: connection, steps: [Migration(1, "one", "CREATE TABLE gigawatch.a (x int); SELECT 1/0")], objects: [])
        }
        #expect(try connection.bool("SELECT to_regclass('gigawatch.a') IS NULL") == true)
        let outcome = try Migrations.run(on: connection, steps: [Migration(1, "one", "CREATE TABLE gigawatch.a (x int)")], objects: [])
        #expect(outcome.steps == [1])
    }

    @Test func `services that start together apply each step once`() throws {
        let database = try TestPostgres.emptyDatabase()
        let applied = Mutex<[Int]>([])
        let failures = Mutex<[String]>([])
        onThreads(4) { _ in
            do {
                let outcome = try Migrations.run(on: database.connect())
                applied.withLock { $0 += outcome.steps }
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(applied.withLock { $0.sorted() } == Migrations.all.map(\.version))
    }

    @Test func `an object is applied again from the first that changed, so a cascade is made good`() throws {
        let connection = try TestPostgres.emptyDatabase().connect()
        let view = SQLObject("b", "CREATE OR REPLACE VIEW gigawatch.b AS SELECT * FROM gigawatch.a()")
        let first = SQLObject("a", "CREATE OR REPLACE FUNCTION gigawatch.a() RETURNS TABLE (x int) LANGUAGE sql AS 'SELECT 1'")
        let changed = SQLObject(
            "a",
            """
            DROP FUNCTION IF EXISTS gigawatch.a() CASCADE;
            CREATE FUNCTION gigawatch.a() RETURNS TABLE (x int, y int) LANGUAGE sql AS 'SELECT 1, 2'
            """)
        try Migrations.run(on: connection, steps: [], objects: [first, view])
        let outcome = try Migrations.run(on: connection, steps: [], objects: [changed, view])
        #expect(outcome.objects == ["a", "b"])
        #expect(try connection.int64("SELECT y FROM gigawatch.b") == 2)
    }

    @Test func `an older program leaves a newer database's functions alone`() throws {
        let connection = try TestPostgres.emptyDatabase().connect()
        let (one, two) = (Migration(1, "one", "SELECT 1"), Migration(2, "two", "SELECT 2"))
        func answer(_ number: Int) -> SQLObject {
            SQLObject("a", "CREATE OR REPLACE FUNCTION gigawatch.a() RETURNS int LANGUAGE sql AS 'SELECT \(number)'")
        }
        try Migrations.run(on: connection, steps: [one, two], objects: [answer(2)])
        let outcome = try Migrations.run(on: connection, steps: [one], objects: [answer(1)])
        #expect(outcome.databaseIsNewer)
        #expect(try connection.int64("SELECT gigawatch.a()") == 2)
    }

    @Test func `who waits is told what is missing`() throws {
        let connection = try TestPostgres.emptyDatabase().connect()
        var reasons: [String] = []
        let error = #expect(throws: SchemaError.self) {
            try Migrations.wait(on: connection, within: .milliseconds(300)) { reasons.append($0) }
        }
        #expect(error?.kind == .retry)
        #expect(reasons.first == "the schema was never made")
        try Migrations.run(on: connection)
        try Migrations.wait(on: connection, within: .zero)
    }

    @Test func `the reader reads ops and cannot write`() throws {
        let connection = try TestPostgres.database().connect()
        guard try connection.bool("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == true else { return }
        try connection.run("CREATE VIEW ops.probe AS SELECT * FROM gigawatch.fact; SELECT gigawatch.grant_reader()")
        try connection.run("SET ROLE gigawatch_reader")
        #expect(try connection.int64("SELECT count(*) FROM ops.probe") == 0)
        for forbidden in ["DELETE FROM gigawatch.fact", "SELECT * FROM gigawatch.outbox", "CREATE TABLE ops.x (y int)"] {
            let error = #expect(throws: PostgresError.self) { try connection.run(forbidden) }
            #expect(error?.sqlState == "42501", "\(forbidden)")
        }
    }

    @Test func `every table and every column of a fact carries a comment`() throws {
        let connection = try TestPostgres.database().connect()
        let bare = try connection.query(
            """
            SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'gigawatch'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                AND obj_description(c.oid, 'pg_class') IS NULL
            """)
        #expect((0..<bare.count).map { bare[$0, 0] ?? "" } == [])
        for type in Catalogue.facts {
            for field in type.fields {
                let comment = try connection.value(
                    "SELECT col_description(('gigawatch.' || $1)::regclass, attnum) FROM pg_attribute WHERE attrelid = ('gigawatch.' || $1)::regclass AND attname = $2",
                    [.text(FactTables.tableName(of: type)), .text(FactTables.columnName(of: field))])
                #expect(comment?.isEmpty == false, "\(type).\(field.name)")
                if let unit = field.unit { #expect(comment?.hasSuffix(unit) == true) }
            }
        }
    }

    @Test func `money is numeric, and a column's type follows from the field's kind`() throws {
        let connection = try TestPostgres.database().connect()
        #expect(
            try connection.value(
                """
                SELECT format_type(atttypid, atttypmod) FROM pg_attribute
                WHERE attrelid = 'gigawatch.fact_capital_committed'::regclass AND attname = 'usd'
                """) == "numeric")
        #expect(FactTables.columnName(of: .required("source", .text, "x")) == "data_source")
    }
}

/// Runs the body on several threads at once and waits for all.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    final class Work: Sendable {
        let number: Int
        let body: @Sendable (Int) -> Void
        init(_ number: Int, _ body: @escaping @Sendable (Int) -> Void) { (self.number, self.body) = (number, body) }
    }
    var threads: [pthread_t] = []
    for number in 0..<count {
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let work = Unmanaged<Work>.fromOpaque(context).takeRetainedValue()
                work.body(work.number)
                return nil
            }, Unmanaged.passRetained(Work(number, body)).toOpaque())
        threads.append(thread)
    }
    for thread in threads { pthread_join(thread, nil) }
}
