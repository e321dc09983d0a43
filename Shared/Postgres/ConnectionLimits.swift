// How long a connection waits for anything. Without these a server that was stopped (not killed) holds its clients for ever: TCP still
// acknowledges what nobody reads. So each wait has two ends: the server's own timeout, and ours a little later for a server that says nothing.

public struct ConnectionLimits: Sendable {
    /// To connect, per host of the connection string.
    public var connect: Duration
    /// Unacknowledged bytes (`tcp_user_timeout`).
    public var network: Duration
    /// A statement (`statement_timeout`); zero: none.
    public var statement: Duration
    /// Waiting for a lock (`lock_timeout`); zero: none.
    public var lock: Duration
    /// A transaction that its client has forgotten (`idle_in_transaction_session_timeout`); zero: none.
    public var idleInTransaction: Duration
    /// How much longer than `statement` we wait for a server that says nothing before the connection counts as broken.
    public var silence: Duration
    /// Prepared statements kept per connection; the least recently used leaves.
    public var preparedStatements: Int

    public init(
        connect: Duration = .seconds(10), network: Duration = .seconds(20), statement: Duration = .seconds(60),
        lock: Duration = .seconds(30), idleInTransaction: Duration = .seconds(60), silence: Duration = .seconds(10),
        preparedStatements: Int = 256
    ) {
        self.connect = connect
        self.network = network
        self.statement = statement
        self.lock = lock
        self.idleInTransaction = idleInTransaction
        self.silence = silence
        self.preparedStatements = max(1, preparedStatements)
    }

    /// No limit on statements and locks: migrations, rebuilds.
    public static var unhurried: ConnectionLimits { ConnectionLimits(statement: .zero, lock: .zero, idleInTransaction: .zero) }
}

extension Duration {
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds.multipliedReportingOverflow(by: 1000).overflow ? .max / 2 : seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
