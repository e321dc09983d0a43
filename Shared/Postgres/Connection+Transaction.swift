// Transactions and savepoints as bodies: what returns is committed, what throws is rolled back. A connection that breaks during COMMIT leaves open
// whether it happened: kind `outcomeUnknown`, and the caller reads its position back. Invariant: after `transaction` the connection is idle or broken.

internal import CPostgres
internal import Models

/// Isolation of a transaction.
public enum Isolation: String, Sendable {
    case readCommitted = "READ COMMITTED"
    case repeatableRead = "REPEATABLE READ"
    case serializable = "SERIALIZABLE"
}

extension Connection {
    /// BEGIN, the body, COMMIT. Rolls back and rethrows when the body throws. Throws `outcomeUnknown` when the connection breaks during COMMIT.
    /// A transaction inside another is an error: use `savepoint`.
    public func transaction<Result>(
        isolation: Isolation = .readCommitted, readOnly: Bool = false, _ body: (Connection) throws -> Result
    ) throws -> Result {
        guard depth == 0 else {
            throw PostgresError(sqlState: nil, kind: .fatal, operation: "begin", message: "a transaction inside a transaction; use savepoint { }")
        }
        try control("BEGIN ISOLATION LEVEL \(isolation.rawValue) \(readOnly ? "READ ONLY" : "READ WRITE")", "begin")
        depth = 1
        let result: Result
        do {
            result = try body(self)
        } catch {
            depth = 0
            // The body's error is the one that matters; a connection that cannot roll back is broken and says so itself.
            if !isBroken { do { try control("ROLLBACK", "rollback") } catch { markBroken() } }
            throw error
        }
        depth = 0
        try commit()
        return result
    }

    /// SAVEPOINT, the body, RELEASE. When the body throws, only its own work is undone and the transaction goes on.
    public func savepoint<Result>(_ body: (Connection) throws -> Result) throws -> Result {
        guard depth > 0 else {
            throw PostgresError(sqlState: nil, kind: .fatal, operation: "savepoint", message: "a savepoint outside a transaction")
        }
        let name = "gigawatch_savepoint_\(depth)"
        try control("SAVEPOINT \(name)", "savepoint")
        depth += 1
        let result: Result
        do {
            result = try body(self)
        } catch {
            depth -= 1
            if !isBroken { do { try control("ROLLBACK TO \(name); RELEASE \(name)", "rollback to savepoint") } catch { markBroken() } }
            throw error
        }
        depth -= 1
        try control("RELEASE \(name)", "release savepoint")
        return result
    }

    private func commit() throws(PostgresError) {
        let handle = try live("commit")
        guard PQsendQuery(handle, "COMMIT") == 1 else {
            throw broken("commit").with(kind: .outcomeUnknown, operation: "commit")
        }
        let result: OpaquePointer?
        do {
            result = try finish(handle, "commit")
        } catch {
            // An error that leaves the connection alive is the server's own "no": the transaction is rolled back, and its kind is known.
            throw isBroken ? error.with(kind: .outcomeUnknown, operation: "commit") : error
        }
        guard let result, !isBroken else {
            PQclear(result)
            throw broken("commit").with(kind: .outcomeUnknown, operation: "commit")
        }
        // COMMIT of a failed transaction succeeds with the tag ROLLBACK: somebody has swallowed an error without a savepoint.
        let rolledBack = PQcmdStatus(result).map { String(cString: $0) } == "ROLLBACK"
        PQclear(result)
        if rolledBack {
            throw PostgresError(
                sqlState: "25P02", kind: .fatal, operation: "commit",
                message: "a statement had failed and its error was swallowed; nothing was committed. Use savepoint { }")
        }
    }

    /// BEGIN and its kin, which are allowed to leave a transaction open.
    private func control(_ sql: String, _ operation: String) throws(PostgresError) {
        let handle = try live(operation)
        guard PQsendQuery(handle, sql) == 1 else { throw broken(operation) }
        PQclear(try finish(handle, operation))
    }
}
