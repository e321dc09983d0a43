// How the living leave the dead behind. A group gives a new member its partitions only when every old member has answered or was given up; Apache Kafka
// gives a killed member up after its session time-out, the local broker (noida 0.2.3) never does, so a restart after a kill would wait for ever.
// Since positions are PostgreSQL's, a group is only a name: a member that waits too long raises the group's generation in PostgreSQL, and every living
// member that sees it joins again under the new name. While the two names overlap, the fence of positions keeps the result the same.
// Invariant: one raise per generation, whoever is first. One thread. Read next: Worker.swift, PositionStore.swift.
public import Postgres

/// The name of one member's group. A value of its worker.
public struct GroupGeneration {
    private let base: String
    private let patienceSeconds: Double
    private var number: Int64 = 0
    private var waitingSince: Double?
    private var nextLook = 0.0

    /// - Parameter patienceSeconds: how long a member waits for its partitions before it raises the generation.
    public init(base: String, patienceSeconds: Double) {
        self.base = base
        self.patienceSeconds = patienceSeconds
    }

    /// The group's name on the broker.
    public var name: String { number == 0 ? base : "\(base).\(number)" }

    /// Before joining: reads the generation.
    public mutating func read(on connection: Connection) throws(PostgresError) {
        number = try stored(on: connection)
        waitingSince = nil
        nextLook = monotonicSeconds() + 2
    }

    /// Looks again at once, at the next `mustRejoin` (another owner was here).
    public mutating func lookSoon() { nextLook = 0 }

    /// Call it in each round. True: leave the group, `read`, and join under the new name.
    /// - Parameters:
    ///   - isWaiting: no partitions were given since the member joined or gave them up.
    ///   - brokerAnswers: asked before raising, because nobody gets partitions from a broker that is away.
    public mutating func mustRejoin(isWaiting: Bool, on connection: Connection, brokerAnswers: () -> Bool) throws(PostgresError) -> Bool {
        let now = monotonicSeconds()
        if !isWaiting { waitingSince = nil } else if waitingSince == nil { waitingSince = now }
        guard now >= nextLook else { return false }
        nextLook = now + 2
        if try stored(on: connection) != number { return true }
        guard let since = waitingSince, now - since >= patienceSeconds, brokerAnswers() else { return false }
        try connection.query(
            """
            INSERT INTO gigawatch.consumer_group AS g (name, generation) VALUES ($1, $2::bigint + 1)
            ON CONFLICT (name) DO UPDATE SET generation = $2::bigint + 1, changed_at = now() WHERE g.generation = $2::bigint
            """, [.text(base), .int(number)])
        return true
    }

    private func stored(on connection: Connection) throws(PostgresError) -> Int64 {
        try connection.int64("SELECT generation FROM gigawatch.consumer_group WHERE name = $1", [.text(base)]) ?? 0
    }
}
