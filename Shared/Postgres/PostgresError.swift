// The one error that this module throws. `description` is safe to log: it holds the act, the server's primary message and the code, never a
// parameter. PostgreSQL repeats values in DETAIL ("Key (id)=(…) already exists") and sometimes in CONTEXT, so those stand apart in `detail`.
// Read next: SQLState.swift, which decides the kind.

internal import CPostgres
public import Models

public struct PostgresError: Error, Sendable, CustomStringConvertible {
    /// Five characters from the server; nil when the connection failed before one came.
    public let sqlState: String?
    /// What the caller does about it.
    public let kind: FailureKind
    /// What was attempted: `connect`, `query`, `copy`, `commit` …
    public let operation: String
    /// The primary message, in the server's words.
    public let message: String
    /// DETAIL, HINT, CONTEXT and the names of table, column and constraint. May repeat values: for the debug log alone.
    public let detail: String?
    /// The constraint that was violated, if one was.
    public let constraint: String?

    public init(sqlState: String?, kind: FailureKind, operation: String, message: String, detail: String? = nil, constraint: String? = nil) {
        self.sqlState = sqlState
        self.kind = kind
        self.operation = operation
        self.message = message
        self.detail = detail
        self.constraint = constraint
    }

    public var description: String {
        "postgres \(operation): \(message)" + (sqlState.map { " (SQLSTATE \($0))" } ?? "")
    }

    /// The same error with another kind: a connection that broke during COMMIT.
    func with(kind: FailureKind, operation: String) -> PostgresError {
        PostgresError(sqlState: sqlState, kind: kind, operation: operation, message: message, detail: detail, constraint: constraint)
    }

    /// From a result that holds an error.
    init(result: OpaquePointer, operation: String) {
        func field(_ code: Int32) -> String? { PQresultErrorField(result, code).map { String(cString: $0) } }
        let state = field(GW_PG_DIAG_SQLSTATE)
        let parts: [(String, String?)] = [
            ("detail", field(GW_PG_DIAG_MESSAGE_DETAIL)), ("hint", field(GW_PG_DIAG_MESSAGE_HINT)), ("context", field(GW_PG_DIAG_CONTEXT)),
            ("table", field(GW_PG_DIAG_TABLE_NAME)), ("column", field(GW_PG_DIAG_COLUMN_NAME)),
        ]
        let detail = parts.compactMap { name, value in value.map { "\(name): \($0)" } }.joined(separator: "; ")
        let message = field(GW_PG_DIAG_MESSAGE_PRIMARY) ?? PQresultErrorMessage(result).map { String(cString: $0).trimmedEnd } ?? "no message"
        self.init(
            sqlState: state,
            // Without a code libpq itself made the error: the connection is gone.
            kind: state.map(SQLState.kind(of:)) ?? .retry,
            operation: operation, message: message, detail: detail.isEmpty ? nil : detail, constraint: field(GW_PG_DIAG_CONSTRAINT_NAME))
    }

    /// From the connection's own message. A server that refuses a connection says why with a code, which libpq shows only in its verbose text:
    /// `FATAL:  28P01: password authentication failed`.
    init(connection: OpaquePointer?, operation: String) {
        let text = connection.flatMap { PQerrorMessage($0) }.map { String(cString: $0).trimmedEnd } ?? ""
        let state = Self.code(inVerbose: text)
        self.init(
            sqlState: state, kind: state.map(SQLState.kind(of:)) ?? .retry, operation: operation,
            message: text.isEmpty ? "the connection is gone" : text)
    }

    /// The five-character code in `SEVERITY:  28P01: text`.
    static func code(inVerbose text: String) -> String? {
        let bytes = Array(text.utf8)
        guard bytes.count > 9 else { return nil }
        for start in 3..<(bytes.count - 6) where bytes[start - 1] == UInt8(ascii: " ") && bytes[start - 2] == UInt8(ascii: " ") {
            let code = bytes[start..<start + 5]
            let isCode = code.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x41 && $0 <= 0x5A) }
            if isCode && bytes[start - 3] == UInt8(ascii: ":") && bytes[start + 5] == UInt8(ascii: ":") {
                return String(decoding: code, as: UTF8.self)
            }
        }
        return nil
    }
}

extension String {
    /// Without the line feed with which libpq ends its messages.
    var trimmedEnd: String {
        var text = Substring(self)
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
