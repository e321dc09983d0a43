// The one table that says what each SQLSTATE means for a caller: try again, put the record aside, or stop. The codes are PostgreSQL's
// appendix A; a code that is not listed falls to its class (first two characters), a class that is not listed is fatal: an error we did not
// foresee stops with a clear message instead of being retried for ever. Pure; tested line by line.

public import Models

public enum SQLState {
    /// What a caller does about an error with this code.
    public static func kind(of sqlState: String) -> FailureKind {
        codes[sqlState] ?? classes[String(sqlState.prefix(2))] ?? .fatal
    }

    /// Single codes that differ from their class.
    private static let codes: [String: FailureKind] = [
        "08007": .outcomeUnknown,  // transaction_resolution_unknown
        "08P01": .fatal,  // protocol_violation
        "21000": .fatal,  // cardinality_violation: one ON CONFLICT statement met a row twice
        "22P04": .fatal,  // bad_copy_file_format: our own encoder is wrong
        "25006": .retry,  // read_only_sql_transaction: a standby until fail-over is through
        "25P03": .retry,  // idle_in_transaction_session_timeout
        "26000": .retry,  // invalid_sql_statement_name: the statement cache is emptied, then it works
        "40000": .retry,  // transaction_rollback
        "40001": .retry,  // serialization_failure
        "40002": .quarantine,  // transaction_integrity_constraint_violation
        "40003": .outcomeUnknown,  // statement_completion_unknown
        "40P01": .retry,  // deadlock_detected
        "42501": .configuration,  // insufficient_privilege
        "42P01": .configuration,  // undefined_table: the schema is not the one that this program knows
        "42703": .configuration,  // undefined_column
        "42883": .configuration,  // undefined_function
        "53400": .configuration,  // configuration_limit_exceeded
        "54000": .quarantine,  // program_limit_exceeded: a value too long for an index
        "55000": .fatal,  // object_not_in_prerequisite_state
        "55006": .retry,  // object_in_use
        "55P02": .configuration,  // cant_change_runtime_param
        "55P03": .retry,  // lock_not_available
        "55P04": .retry,  // unsafe_new_enum_value_usage
        "57014": .retry,  // query_canceled: statement_timeout, or somebody's cancel
        "57P01": .retry,  // admin_shutdown
        "57P02": .retry,  // crash_shutdown
        "57P03": .retry,  // cannot_connect_now
        "57P04": .configuration,  // database_dropped
        "57P05": .retry,  // idle_session_timeout
        "72000": .retry,  // snapshot_too_old
    ]

    private static let classes: [String: FailureKind] = [
        "08": .retry,  // connection exception
        "0L": .configuration,  // invalid grantor
        "0P": .configuration,  // invalid role specification
        "22": .quarantine,  // data exception
        "23": .quarantine,  // integrity constraint violation
        "28": .configuration,  // invalid authorization
        "3D": .configuration,  // invalid catalogue (database) name
        "3F": .configuration,  // invalid schema name
        "44": .quarantine,  // WITH CHECK OPTION violation
        "53": .retry,  // insufficient resources: disk full, out of memory, too many connections
        "58": .retry,  // system error: I/O
        "F0": .configuration,  // configuration file error
    ]
}
