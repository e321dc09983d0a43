// The runner: brings a database to the schema that this program knows. Several services may start at once: all take one advisory lock, the first does
// the work, the others find it done. Invariants: each numbered step is applied once, in a transaction of its own together with the row that says so;
// an applied step whose text has changed is an error; repeatable objects and fact tables are applied again when their text has changed, each
// group in one transaction. Runs on the caller's thread. Read next: MigrationList.swift (what is applied), FactTables.swift.

internal import Glibc
public import Models
public import Postgres

/// Brings a database to the schema that this program knows.
public enum Migrations {
    /// The highest numbered step.
    public static var latest: Int { all.last?.version ?? 0 }

    /// What a run did.
    public struct Outcome: Sendable, Equatable {
        /// Numbers of the steps that were applied now.
        public var steps: [Int] = []
        /// Names of the objects that were applied now.
        public var objects: [String] = []
        /// True when a newer release has been here: its objects were left alone.
        public var databaseIsNewer = false
    }

    /// Applies what is missing. Safe to call at every start and from several services at once. Throws `SchemaError`, or the `PostgresError` of a statement.
    @discardableResult
    public static func run(on connection: Connection) throws -> Outcome {
        try run(on: connection, steps: all, objects: FactTables.objects + objects)
    }

    /// As above with other steps: for tests of the runner itself.
    @discardableResult
    static func run(on connection: Connection, steps: [Migration], objects: [SQLObject]) throws -> Outcome {
        // Migrations may wait for each other and work for long; the connection's own limits come back afterwards.
        try connection.run("SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0")
        let limits = connection.limits
        defer {
            do {
                try connection.run(
                    """
                    SET statement_timeout = \(limits.statement.wholeMilliseconds); SET lock_timeout = \(limits.lock.wholeMilliseconds); \
                    SET idle_in_transaction_session_timeout = \(limits.idleInTransaction.wholeMilliseconds)
                    """)
            } catch {
                // A broken connection says so at its next use.
            }
        }
        try lock(connection)
        defer {
            do { try connection.query("SELECT pg_advisory_unlock($1)", [.int(lockKey)]) } catch {
                // The lock ends with the session.
            }
        }

        var outcome = Outcome()
        try prepare(connection)
        let known = try applied(on: connection)
        let digests = try self.digests(of: steps.map(\.sql), on: connection)
        for (step, digest) in zip(steps, digests) {
            if let recorded = known[step.version] {
                guard recorded == digest else { throw SchemaError.changedStep(version: step.version, name: step.name) }
                continue
            }
            try apply(step, digest, on: connection)
            outcome.steps.append(step.version)
        }
        // An older program that starts again during a roll-out must not put its functions over those of the newer one.
        outcome.databaseIsNewer = (known.keys.max() ?? 0) > (steps.map(\.version).max() ?? 0)
        if !outcome.databaseIsNewer { outcome.objects = try applyObjects(objects, on: connection) }
        return outcome
    }

    /// Waits until the database has every step up to `version` and its objects: for services that do not migrate themselves.
    /// - Parameter attempt: called before each pause with what is still missing, so that the caller can log it and stop waiting by throwing.
    public static func wait(
        for version: Int = latest, on connection: Connection, within timeout: Duration = .seconds(60),
        attempt: (_ missing: String) throws -> Void = { _ in }
    ) throws {
        let deadline = ContinuousClock.now + timeout
        while true {
            let missing = try self.missing(upTo: version, on: connection)
            guard let missing else { return }
            guard ContinuousClock.now < deadline else { throw SchemaError.notReady(missing) }
            try attempt(missing)
            usleep(200_000)
        }
    }

    /// What the database lacks of this program's schema; nil when nothing.
    public static func missing(upTo version: Int = latest, on connection: Connection) throws -> String? {
        guard try connection.bool("SELECT to_regclass('gigawatch.schema_object') IS NOT NULL") == true else { return "the schema was never made" }
        let known = try applied(on: connection)
        let open = all.map(\.version).filter { $0 <= version && known[$0] == nil }
        if !open.isEmpty { return "migration \(open.map { String($0) }.joined(separator: ", ")) is not applied" }
        if (known.keys.max() ?? 0) > latest { return nil }
        let objects = FactTables.objects + objects
        let digests = try self.digests(of: objects.map(\.sql), on: connection)
        let rows = try connection.query("SELECT name, digest FROM gigawatch.schema_object")
        let recorded = Dictionary((0..<rows.count).map { (rows[$0, 0] ?? "", rows[$0, 1] ?? "") }, uniquingKeysWith: { first, _ in first })
        for (object, digest) in zip(objects, digests) where recorded[object.name] != digest { return "\(object.name) is not up to date" }
        return nil
    }

    // MARK: parts

    /// Any constant will do, as long as nobody else of this database uses it: "gigawatch" in ASCII, cut to 8 bytes.
    private static let lockKey: Int64 = 0x6769_6761_7761_7463

    /// Asks again and again instead of waiting in the server: a waiting statement would hold a snapshot, and index builds wait for those.
    private static func lock(_ connection: Connection) throws {
        while try connection.bool("SELECT pg_try_advisory_lock($1)", [.int(lockKey)]) != true { usleep(50_000) }
    }

    private static func prepare(_ connection: Connection) throws {
        // IF NOT EXISTS asks for the right to create even when nothing is to be created, and a service may run without it.
        if try connection.bool("SELECT to_regnamespace('gigawatch') IS NULL") == true { try connection.run("CREATE SCHEMA gigawatch") }
        guard try connection.bool("SELECT to_regclass('gigawatch.schema_object') IS NULL") == true else { return }
        try connection.transaction { connection in
            try connection.run(
                """
                CREATE TABLE gigawatch.schema_version (
                    version integer PRIMARY KEY, name text NOT NULL, digest text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());
                CREATE TABLE gigawatch.schema_object (
                    name text COLLATE "C" PRIMARY KEY, digest text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());
                COMMENT ON TABLE gigawatch.schema_version IS 'Numbered migrations that were applied, with the digest of their text.';
                COMMENT ON TABLE gigawatch.schema_object IS 'Functions, views and fact tables as they were applied last, with the digest of their text.';
                """)
        }
    }

    private static func applied(on connection: Connection) throws -> [Int: String] {
        let rows = try connection.query("SELECT version, digest FROM gigawatch.schema_version")
        var known: [Int: String] = [:]
        for row in 0..<rows.count { if let version = rows.int64(row, 0) { known[Int(version)] = rows[row, 1] ?? "" } }
        return known
    }

    private static func apply(_ step: Migration, _ digest: String, on connection: Connection) throws {
        do {
            try connection.transaction { connection in
                try connection.run(step.sql)
                try connection.query(
                    "INSERT INTO gigawatch.schema_version (version, name, digest) VALUES ($1, $2, $3)",
                    [.int(Int64(step.version)), .text(step.name), .text(digest)])
            }
        } catch let error as PostgresError where error.kind != .retry && error.kind != .outcomeUnknown {
            throw SchemaError.failed(what: "migration \(step.version) (\(step.name))", cause: error)
        }
    }

    /// From the first object that has changed on, all are applied: a DROP … CASCADE takes only what stands later in the list.
    private static func applyObjects(_ objects: [SQLObject], on connection: Connection) throws -> [String] {
        let digests = try self.digests(of: objects.map(\.sql), on: connection)
        let rows = try connection.query("SELECT name, digest FROM gigawatch.schema_object")
        let recorded = Dictionary((0..<rows.count).map { (rows[$0, 0] ?? "", rows[$0, 1] ?? "") }, uniquingKeysWith: { first, _ in first })
        guard let first = objects.indices.first(where: { recorded[objects[$0].name] != digests[$0] }) else { return [] }
        var done: [String] = []
        try connection.transaction { connection in
            for index in first..<objects.count {
                let object = objects[index]
                do {
                    try connection.run(object.sql)
                } catch let error as PostgresError where error.kind != .retry {
                    throw SchemaError.failed(what: "\(object.name)", cause: error)
                }
                try connection.query(
                    """
                    INSERT INTO gigawatch.schema_object (name, digest) VALUES ($1, $2)
                    ON CONFLICT (name) DO UPDATE SET digest = excluded.digest, applied_at = now()
                    """, [.text(object.name), .text(digests[index])])
                done.append(object.name)
            }
        }
        return done
    }

    private static func digests(of texts: [String], on connection: Connection) throws -> [String] {
        let rows = try connection.query(
            """
            SELECT encode(sha256(convert_to(t, 'UTF8')), 'hex') FROM unnest($1::text[]) WITH ORDINALITY AS s (t, n) ORDER BY n
            """, [.textArray(texts)])
        return (0..<rows.count).map { rows[$0, 0] ?? "" }
    }
}

/// Why a database could not be brought to this program's schema.
public enum SchemaError: Error, CustomStringConvertible {
    /// The text of a step is not the one that was applied.
    case changedStep(version: Int, name: String)
    /// The SQL of a step or object failed.
    case failed(what: String, cause: PostgresError)
    /// `wait` has waited long enough.
    case notReady(String)

    public var description: String {
        switch self {
        case .changedStep(let version, let name):
            "migration \(version) (\(name)) was applied with another text; restore its text and put the change into a new migration"
        case .failed(let what, let cause):
            "\(what) failed: \(cause)" + (cause.detail.map { "; \($0)" } ?? "")
        case .notReady(let missing):
            "the database is not ready: \(missing); start projection, which migrates, or run gigawatch doctor"
        }
    }

    /// What the caller does about it.
    public var kind: FailureKind {
        switch self {
        case .changedStep: .configuration
        case .failed(_, let cause): cause.kind == .configuration ? .configuration : .fatal
        case .notReady: .retry
        }
    }
}

extension Duration {
    /// For SET … = n.
    fileprivate var wholeMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
