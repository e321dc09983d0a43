// Running SQL: `run` for a script without parameters, `query` for one statement with parameters, prepared once per connection and text.
// Results come as text. Both throw the server's error after the whole answer was read, so the connection stays usable.

internal import CPostgres
public import Models

extension Connection {
    /// One or more statements without parameters; their rows are dropped.
    public func run(_ sql: String) throws(PostgresError) {
        let handle = try live("run")
        guard PQsendQuery(handle, sql) == 1 else { throw broken("run") }
        PQclear(try finish(handle, "run"))
        try refuseOpenTransaction()
    }

    /// One statement with parameters `$1` …, prepared and cached by its text.
    @discardableResult
    public func query(_ sql: String, _ parameters: [Parameter] = []) throws(PostgresError) -> Rows {
        let encoded = try EncodedParameters(parameters)
        let key = encoded.signature.isEmpty ? sql : encoded.signature + "\u{1F}" + sql
        do {
            return try execute(sql, key, encoded)
        } catch let error where error.sqlState == "26000" || error.isStalePlan {
            // The schema has changed under the prepared statement, or a pooler has given us another server process.
            statements.forget(key)
            guard depth == 0 else { throw error.with(kind: .retry, operation: error.operation) }
            return try execute(sql, key, encoded)
        }
    }

    /// The text of the first column of the first row; nil when there is no row or it is NULL.
    public func value(_ sql: String, _ parameters: [Parameter] = []) throws(PostgresError) -> String? {
        try query(sql, parameters).text(0, 0)
    }

    /// The first value as an integer.
    public func int64(_ sql: String, _ parameters: [Parameter] = []) throws(PostgresError) -> Int64? {
        try query(sql, parameters).int64(0, 0)
    }

    /// The first value as a double.
    public func double(_ sql: String, _ parameters: [Parameter] = []) throws(PostgresError) -> Double? {
        try query(sql, parameters).double(0, 0)
    }

    /// The first value as a boolean.
    public func bool(_ sql: String, _ parameters: [Parameter] = []) throws(PostgresError) -> Bool? {
        try query(sql, parameters).bool(0, 0)
    }

    /// The first value as an instant.
    public func instant(_ sql: String, _ parameters: [Parameter] = []) throws(PostgresError) -> Instant? {
        try query(sql, parameters).instant(0, 0)
    }

    private func execute(_ sql: String, _ key: String, _ parameters: EncodedParameters) throws(PostgresError) -> Rows {
        let handle = try live("query")
        let name: String
        if let known = statements.find(key) {
            name = known
        } else {
            name = statements.nextName()
            guard PQsendPrepare(handle, name, sql, Int32(parameters.types.count), parameters.types) == 1 else { throw broken("query") }
            PQclear(try finish(handle, "query"))
            statements.insert(key, name: name)
            try giveBack(handle)
        }
        let sent = parameters.arena.withUnsafeBytes { arena in
            let values = parameters.starts.map { start -> UnsafePointer<CChar>? in
                guard start >= 0 else { return nil }
                // A null pointer would mean NULL, so an empty value at the start of an empty arena needs an address too.
                return (arena.baseAddress ?? emptyBytes).advanced(by: start).assumingMemoryBound(to: CChar.self)
            }
            return PQsendQueryPrepared(handle, name, Int32(values.count), values, parameters.lengths, parameters.formats, 0)
        }
        guard sent == 1 else { throw broken("query") }
        guard let result = try finish(handle, "query") else { throw broken("query") }
        let rows = Rows(result)
        try refuseOpenTransaction()
        return rows
    }

    /// Returns statements beyond the limit to the server. In a failed transaction nothing can run, so they wait for the next time.
    private func giveBack(_ handle: OpaquePointer) throws(PostgresError) {
        guard PQtransactionStatus(handle) != PQTRANS_INERROR else { return }
        while let name = statements.evict() {
            guard PQsendQuery(handle, "DEALLOCATE \(name)") == 1 else { throw broken("query") }
            PQclear(try finish(handle, "query"))
        }
    }

    /// A BEGIN outside `transaction` would hold locks and a snapshot until somebody notices: it is undone at once, and said.
    private func refuseOpenTransaction() throws(PostgresError) {
        guard depth == 0, let handle, PQtransactionStatus(handle) != PQTRANS_IDLE, !isBroken else { return }
        guard PQsendQuery(handle, "ROLLBACK") == 1 else { throw broken("run") }
        PQclear(try finish(handle, "run"))
        throw PostgresError(sqlState: nil, kind: .fatal, operation: "run", message: "a statement left a transaction open; use transaction { }")
    }
}

extension PostgresError {
    /// "cached plan must not change result type": a table has changed since the statement was prepared.
    fileprivate var isStalePlan: Bool { sqlState == "0A000" && message.hasPrefix("cached plan") }
}

/// One readable byte for empty values. Never written, so any thread may read it.
nonisolated(unsafe) private let emptyBytes: UnsafeRawPointer = {
    let byte = UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1)
    byte.storeBytes(of: 0, as: UInt8.self)
    return UnsafeRawPointer(byte)
}()

/// A name in double quotes, for the few statements that take no parameter there.
public func quotedIdentifier(_ name: String) -> String {
    "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
}

/// A text in single quotes, for statements that take no parameter there (CREATE DATABASE, SET).
public func quotedLiteral(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
}
