// One connection to PostgreSQL, used by one thread at a time (not Sendable, as libpq's manual asks: "a PGconn … cannot be used concurrently from two threads").
// Every wait has an end (ConnectionLimits). Invariants: outside `transaction` no transaction is left open; a connection on which anything went wrong
// below SQL is `isBroken` until `reconnect()`. Read next: Connection+Statements.swift, Connection+Transaction.swift, Connection+Copy.swift.

internal import CPostgres
internal import Glibc
internal import Models

public final class Connection {
    public let applicationName: String
    public let limits: ConnectionLimits
    private let conninfo: String
    private let noticeBox: NoticeBox

    /// Nil before the first and after a failed connect.
    private(set) var handle: OpaquePointer?
    private(set) var failed = false
    var statements: StatementCache
    /// 0 outside, 1 inside `transaction`, more inside `savepoint`.
    var depth = 0
    var channels: Set<String> = []
    /// Cancels what runs on this connection, from any thread. Another one after each reconnect.
    public private(set) var canceller: Canceller?

    /// Connects. `conninfo` is a libpq connection string or URI; what it says wins over the environment (PGHOST …).
    /// - Parameter onNotice: called on this connection's thread, inside a call, for each NOTICE and WARNING.
    public init(
        _ conninfo: String, applicationName: String = "gigawatch", limits: ConnectionLimits = ConnectionLimits(),
        onNotice: ((Notice) -> Void)? = nil
    ) throws(PostgresError) {
        self.conninfo = conninfo
        self.applicationName = applicationName
        self.limits = limits
        noticeBox = NoticeBox(onNotice)
        statements = StatementCache(limit: limits.preparedStatements)
        try connect()
    }

    /// As above with the time limit of a statement alone.
    public convenience init(_ conninfo: String, applicationName: String, statementTimeout: Duration) throws(PostgresError) {
        try self.init(conninfo, applicationName: applicationName, limits: ConnectionLimits(statement: statementTimeout))
    }

    deinit { PQfinish(handle) }

    /// True when the connection can no longer be used as it is: call `reconnect()`.
    public var isBroken: Bool { failed || handle == nil || PQstatus(handle) != CONNECTION_OK }
    public var isInTransaction: Bool { depth > 0 }

    /// The server's version, such as 150020.
    public var serverVersion: Int { handle.map { Int(PQserverVersion($0)) } ?? 0 }
    public var database: String { handle.flatMap { PQdb($0) }.map { String(cString: $0) } ?? "" }
    /// The server process that serves us, as in pg_stat_activity.
    public var serverProcess: Int32 { handle.map { PQbackendPID($0) } ?? 0 }

    /// Closes. Using the connection afterwards throws until `reconnect()`.
    public func close() {
        PQfinish(handle)
        handle = nil
        canceller = nil
    }

    /// Drops the connection and makes another one like it; listened channels are listened to again, prepared statements are prepared anew.
    public func reconnect() throws(PostgresError) {
        guard depth == 0 else {
            throw PostgresError(sqlState: nil, kind: .fatal, operation: "connect", message: "reconnect inside a transaction: leave it first")
        }
        close()
        statements = StatementCache(limit: limits.preparedStatements)
        try connect()
        for channel in channels.sorted() { try run("LISTEN \(quotedIdentifier(channel))") }
    }

    // MARK: connecting

    private func connect() throws(PostgresError) {
        failed = false
        // Entries before `dbname` are defaults that the connection string overrides, entries after it are ours alone.
        let seconds = { (duration: Duration) in String(max(1, duration.milliseconds / 1000)) }
        let settings: [(String, String)] = [
            ("connect_timeout", seconds(limits.connect)), ("tcp_user_timeout", String(limits.network.milliseconds)),
            ("keepalives", "1"), ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("dbname", conninfo), ("application_name", applicationName), ("client_encoding", "UTF8"),
        ]
        let made = withCStrings(settings.map(\.0)) { names in withCStrings(settings.map(\.1)) { values in PQconnectStartParams(names, values, 1) } }
        guard let made else {
            throw PostgresError(sqlState: nil, kind: .retry, operation: "connect", message: "out of memory")
        }
        // Until it is connected the verbose text is the only place where libpq shows the server's code.
        PQsetErrorVerbosity(made, PQERRORS_VERBOSE)
        let start = ContinuousClock.now
        let deadline = start + limits.connect * Double(max(1, hostCount(made)))
        var state = PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            if PQstatus(made) == CONNECTION_BAD || state == PGRES_POLLING_FAILED {
                let error = PostgresError(connection: made, operation: "connect")
                PQfinish(made)
                throw error.connectFailure
            }
            guard wait(on: PQsocket(made), for: state == PGRES_POLLING_READING ? POLLIN : POLLOUT, until: deadline) else {
                PQfinish(made)
                throw PostgresError(sqlState: nil, kind: .retry, operation: "connect", message: "no answer within \(limits.connect)")
            }
            state = PQconnectPoll(made)
        }
        PQsetErrorVerbosity(made, PQERRORS_DEFAULT)
        PQsetNoticeReceiver(made, receiveNotice, Unmanaged.passUnretained(noticeBox).toOpaque())
        handle = made
        canceller = PQgetCancel(made).map { Canceller($0) }
        do {
            // No JIT: read models are wide plans over few rows, compiling one took seconds where running it takes milliseconds.
            try run(
                """
                SET jit = off; SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET extra_float_digits = 1; SET bytea_output = 'hex'; \
                SET client_min_messages = 'notice'; SET standard_conforming_strings = on; \
                SET statement_timeout = \(limits.statement.milliseconds); SET lock_timeout = \(limits.lock.milliseconds); \
                SET idle_in_transaction_session_timeout = \(limits.idleInTransaction.milliseconds)
                """)
        } catch {
            close()
            throw error.with(kind: error.kind, operation: "connect")
        }
    }

    private func hostCount(_ connection: OpaquePointer) -> Int {
        guard let options = PQconninfo(connection) else { return 1 }
        defer { PQconninfoFree(options) }
        var option = options
        var hosts = 1
        while let keyword = option.pointee.keyword {
            if strcmp(keyword, "host") == 0 || strcmp(keyword, "hostaddr") == 0, let value = option.pointee.val {
                hosts = max(hosts, String(cString: value).split(separator: ",").count)
            }
            option += 1
        }
        return hosts
    }

    // MARK: waiting

    /// The live handle, or an error that says what to do.
    func live(_ operation: String) throws(PostgresError) -> OpaquePointer {
        guard let handle, !failed else {
            throw PostgresError(sqlState: nil, kind: .retry, operation: operation, message: "the connection is broken; reconnect")
        }
        return handle
    }

    /// Nothing more can be said on this connection.
    func markBroken() { failed = true }

    /// The error on the connection itself, which is broken from now on.
    func broken(_ operation: String) -> PostgresError {
        failed = true
        return PostgresError(connection: handle, operation: operation)
    }

    /// When a server that says nothing counts as gone.
    var answerDeadline: ContinuousClock.Instant? {
        limits.statement == .zero ? nil : ContinuousClock.now + limits.statement + limits.silence
    }

    /// The next result of the running command, nil when it is done. Waits with a deadline, which PQgetResult alone does not.
    func nextResult(_ handle: OpaquePointer, _ operation: String, until deadline: ContinuousClock.Instant?) throws(PostgresError) -> OpaquePointer? {
        while PQisBusy(handle) == 1 {
            guard wait(on: PQsocket(handle), for: POLLIN, until: deadline) else {
                failed = true
                throw PostgresError(
                    sqlState: nil, kind: .retry, operation: operation,
                    message: "the server has said nothing for \(limits.statement + limits.silence)")
            }
            guard PQconsumeInput(handle) == 1 else { throw broken(operation) }
        }
        return PQgetResult(handle)
    }

    /// All results of the running command; throws its error after the last was read, so that the connection can go on.
    func finish(_ handle: OpaquePointer, _ operation: String) throws(PostgresError) -> OpaquePointer? {
        let deadline = answerDeadline
        var last: OpaquePointer?
        var error: PostgresError?
        while true {
            let next: OpaquePointer?
            do {
                next = try nextResult(handle, operation, until: deadline)
            } catch let waiting {
                PQclear(last)
                throw waiting
            }
            guard let result = next else { break }
            switch PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
                PQclear(last)
                last = result
            case PGRES_COPY_IN:
                // A COPY where none was expected: end it, or the connection waits for rows for ever.
                PQclear(result)
                _ = PQputCopyEnd(handle, "not expected here")
                error = error ?? PostgresError(sqlState: nil, kind: .fatal, operation: operation, message: "COPY FROM STDIN goes through copyIn")
            case PGRES_COPY_OUT:
                PQclear(result)
                var row: UnsafeMutablePointer<CChar>?
                while PQgetCopyData(handle, &row, 0) > 0 { PQfreemem(row) }
                error = error ?? PostgresError(sqlState: nil, kind: .fatal, operation: operation, message: "COPY TO STDOUT goes through copyOut")
            default:
                error = error ?? PostgresError(result: result, operation: operation)
                PQclear(result)
            }
            if PQstatus(handle) != CONNECTION_OK {
                failed = true
                break
            }
        }
        if let error {
            PQclear(last)
            if PQstatus(handle) != CONNECTION_OK { failed = true }
            throw error
        }
        return last
    }
}

extension PostgresError {
    /// Before a server has spoken libpq gives only words. A connection string that it cannot read will not become right by waiting.
    fileprivate var connectFailure: PostgresError {
        let wrong = [
            "invalid connection option", "missing \"=\"", "invalid URI", "unexpected character", "invalid integer value",
            "invalid port number", "no password supplied", "could not parse", "invalid sslmode", "unterminated quoted string",
        ]
        return sqlState == nil && wrong.contains(where: { message.contains(substring: $0) }) ? with(kind: .configuration, operation: operation) : self
    }
}

extension String {
    /// Without Foundation.
    fileprivate func contains(substring: String) -> Bool {
        let (here, wanted) = (Array(utf8), Array(substring.utf8))
        guard wanted.count <= here.count else { return false }
        return (0...(here.count - wanted.count)).contains { here[$0..<$0 + wanted.count].elementsEqual(wanted) }
    }
}

/// Waits until the socket is ready; false when the deadline has passed first.
func wait(on socket: Int32, for events: Int32, until deadline: ContinuousClock.Instant?) -> Bool {
    var entry = pollfd(fd: socket, events: Int16(events), revents: 0)
    while true {
        let left = deadline.map { max(0, ($0 - ContinuousClock.now).milliseconds + 1) }
        let ready = poll(&entry, 1, left.map { Int32(clamping: $0) } ?? -1)
        if ready > 0 { return true }
        if ready == 0 { return false }
        if errno != EINTR { return true }  // libpq meets the same error and words it
    }
}

/// A null-terminated array of C strings, valid inside the body.
func withCStrings<Result>(_ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result) -> Result {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    var pointers: [UnsafePointer<CChar>?] = copies.map { $0.map { UnsafePointer($0) } }
    pointers.append(nil)
    return pointers.withUnsafeBufferPointer { buffer in
        // The array has at least the null entry, so it has an address.
        buffer.baseAddress.map(body) ?? withUnsafePointer(to: nil, body)
    }
}
