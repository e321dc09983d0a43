// What was committed, what was not, and what nobody can know.

import Glibc
import Models
import TestServers
import Testing

@testable import Postgres

@Suite struct TransactionTests {
    struct Stop: Error {}

    private func table() throws -> (Connection, TestDatabase) {
        let database = try TestPostgres.emptyDatabase()
        let connection = try database.connect()
        try connection.run("CREATE TABLE t (x int PRIMARY KEY)")
        return (connection, database)
    }

    private func rows(_ connection: Connection) throws -> Int64? { try connection.int64("SELECT count(*) FROM t") }

    @Test func `what returns is committed, what throws is rolled back`() throws {
        let (connection, _) = try table()
        #expect(try connection.transaction { connection in try connection.query("INSERT INTO t VALUES (1) RETURNING x").int64(0, 0) } == 1)
        #expect(throws: Stop.self) {
            try connection.transaction { connection in
                try connection.query("INSERT INTO t VALUES (2)")
                throw Stop()
            }
        }
        #expect(throws: PostgresError.self) { try connection.transaction { connection in try connection.query("INSERT INTO t VALUES (1)") } }
        #expect(try rows(connection) == 1)
        #expect(!connection.isInTransaction && !connection.isBroken)
    }

    @Test func `a savepoint undoes its own part alone`() throws {
        let (connection, _) = try table()
        try connection.transaction { connection in
            try connection.query("INSERT INTO t VALUES (1)")
            for value in [1, 2, 1, 3] {
                do {
                    try connection.savepoint { connection in
                        try connection.query("INSERT INTO t VALUES ($1)", [.int(Int64(value))])
                        if value == 3 { try connection.savepoint { _ in throw Stop() } }
                    }
                } catch is Stop {
                } catch let error as PostgresError { #expect(error.kind == .quarantine) }
            }
        }
        #expect(try rows(connection) == 2)
    }

    @Test func `a swallowed error cannot pass for a commit`() throws {
        let (connection, _) = try table()
        let error = try #require(throws: PostgresError.self) {
            try connection.transaction { connection in
                try connection.query("INSERT INTO t VALUES (1)")
                do { try connection.query("INSERT INTO t VALUES (1)") } catch {
                    // Swallowed.
                }
            }
        }
        #expect(error.kind == .fatal && error.operation == "commit")
        #expect(try rows(connection) == 0)
    }

    @Test func `no transaction inside another, none left open`() throws {
        let (connection, _) = try table()
        #expect(throws: PostgresError.self) { try connection.transaction { connection in try connection.transaction { _ in } } }
        let error = try #require(throws: PostgresError.self) { try connection.run("BEGIN; INSERT INTO t VALUES (1)") }
        #expect(error.message.contains("left a transaction open"))
        #expect(try rows(connection) == 0)
        #expect(throws: PostgresError.self) { try connection.savepoint { _ in } }
    }

    @Test func `a connection that dies during COMMIT leaves the outcome unknown`() throws {
        let (connection, database) = try table()
        // A deferred trigger makes COMMIT last long enough to be killed in the middle.
        try connection.run(
            """
            CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(20); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()
            """)
        let killer = try Killer(database, process: connection.serverProcess)
        let error = try #require(throws: PostgresError.self) {
            try connection.transaction { connection in try connection.query("INSERT INTO t VALUES (1)") }
        }
        killer.join()
        #expect(error.kind == .outcomeUnknown && error.operation == "commit")
        #expect(connection.isBroken)
        try connection.reconnect()
        #expect(try rows(connection) == 0)
    }

    @Test func `a COMMIT that the server refuses has the kind of its reason`() throws {
        let (connection, _) = try table()
        try connection.run("CREATE TABLE u (x int REFERENCES t DEFERRABLE INITIALLY DEFERRED)")
        let error = try #require(throws: PostgresError.self) {
            try connection.transaction { connection in try connection.query("INSERT INTO u VALUES (7)") }
        }
        #expect(error.sqlState == "23503" && error.kind == .quarantine)
        #expect(!connection.isBroken)
    }

    @Test func `a read-only transaction reads one snapshot`() throws {
        let (connection, database) = try table()
        let other = try database.connect()
        try connection.transaction(isolation: .repeatableRead, readOnly: true) { connection in
            #expect(try rows(connection) == 0)
            try other.query("INSERT INTO t VALUES (1)")
            #expect(try rows(connection) == 0)
        }
        let error = #expect(throws: PostgresError.self) {
            try connection.transaction(readOnly: true) { connection in try connection.query("INSERT INTO t VALUES (2)") }
        }
        #expect(error?.sqlState == "25006" && error?.kind == .retry)
    }
}

/// Terminates a server process once it is in its COMMIT.
private final class Killer {
    private var thread = pthread_t()

    init(_ database: TestDatabase, process: Int32) throws {
        final class Order: Sendable {
            let database: TestDatabase, process: Int32
            init(_ database: TestDatabase, _ process: Int32) { (self.database, self.process) = (database, process) }
        }
        pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let order = Unmanaged<Order>.fromOpaque(context).takeRetainedValue()
                do {
                    let connection = try order.database.connect()
                    try TestProcess.poll(seconds: 10) {
                        try connection.value("SELECT query FROM pg_stat_activity WHERE pid = $1 AND state = 'active'", [.int(Int64(order.process))])
                            == "COMMIT"
                    }
                    try connection.query("SELECT pg_terminate_backend($1)", [.int(Int64(order.process))])
                } catch { Issue.record(error) }
                return nil
            }, Unmanaged.passRetained(Order(database, process)).toOpaque())
    }

    func join() { pthread_join(thread, nil) }
}
