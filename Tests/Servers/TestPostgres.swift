// Fresh databases for tests: the schema is made once per process in a template, each test gets a copy of it in about 50 ms, and all are dropped when
// the process ends. Databases that a killed test process left behind are dropped by the next one. Safe from any thread.

internal import Glibc
public import Postgres
internal import Schema
internal import Synchronization

public enum TestPostgres {
    /// Connection string of the server (its maintenance database), from GIGAWATCH_TEST_POSTGRES.
    public static var server: String {
        get throws { try TestEnvironment.required("GIGAWATCH_TEST_POSTGRES", "host=127.0.0.1 port=54329 user=postgres") }
    }

    /// A new database with the whole schema.
    public static func database() throws -> TestDatabase {
        try create(from: template())
    }

    /// A new database without anything in it.
    public static func emptyDatabase() throws -> TestDatabase {
        try create(from: "template0")
    }

    // MARK: parts

    private struct State {
        var counter: UInt64 = 0
        var template: String?
        var made: [String] = []
        var isRegistered = false
    }

    private static let state = Mutex(State())
    /// Apart from `state`, so that names can be had while the template is being made.
    private static let making = Mutex(())

    private static func newName(_ kind: String) -> String {
        state.withLock { state in
            state.counter += 1
            if !state.isRegistered {
                state.isRegistered = true
                atexit { TestPostgres.dropAll() }
            }
            let name = "gigawatch_test_\(TestEnvironment.uniqueName(state.counter))\(kind)"
            state.made.append(name)
            return name
        }
    }

    private static func template() throws -> String {
        try making.withLock { _ in
            if let template = state.withLock({ $0.template }) { return template }
            try dropLeftovers()
            let database = try create(from: "template0", "_template")
            let connection = try database.connect()
            try Migrations.run(on: connection)
            // A template must have no sessions.
            connection.close()
            state.withLock { $0.template = database.name }
            return database.name
        }
    }

    private static func create(from template: String, _ kind: String = "") throws -> TestDatabase {
        let server = try server
        let name = newName(kind)
        let connection = try Connection(server, applicationName: "gigawatch tests")
        let locale = template == "template0" ? " ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'" : ""
        // Copies of one template can be made at once, but a session of a copy that is just being made may look like a visitor of the template.
        var attempts = 0
        while true {
            do {
                try connection.run("CREATE DATABASE \(quotedIdentifier(name)) TEMPLATE \(quotedIdentifier(template))\(locale)")
                break
            } catch {
                guard error.sqlState == "55006", attempts < 50 else { throw error }
                attempts += 1
                usleep(100_000)
            }
        }
        return TestDatabase(name: name, conninfo: conninfo(server, database: name))
    }

    /// At the end of the process.
    private static func dropAll() {
        let (made, template) = state.withLock { ($0.made, $0.template) }
        guard let server = TestEnvironment.value("GIGAWATCH_TEST_POSTGRES"), !made.isEmpty || template != nil else { return }
        do {
            let connection = try Connection(server, applicationName: "gigawatch tests")
            for name in made { try connection.run("DROP DATABASE IF EXISTS \(quotedIdentifier(name)) WITH (FORCE)") }
        } catch {
            // The next test process drops what this one could not.
        }
    }

    /// Databases of processes that no longer run, on a server of this machine.
    private static func dropLeftovers() throws {
        let connection = try Connection(server, applicationName: "gigawatch tests")
        guard try connection.bool("SELECT inet_server_addr() IS NULL OR inet_server_addr() <<= '127.0.0.0/8' OR inet_server_addr() = '::1'") == true
        else { return }
        let rows = try connection.query("SELECT datname, split_part(datname, '_', 3) FROM pg_database WHERE datname ~ '^gigawatch_test_[0-9]+_'")
        for row in 0..<rows.count {
            guard let name = rows[row, 0], let process = rows[row, 1].flatMap({ Int32($0) }), !TestEnvironment.isAlive(process) else { continue }
            do { try connection.run("DROP DATABASE IF EXISTS \(quotedIdentifier(name)) WITH (FORCE)") } catch {
                // Another process does the same.
            }
        }
    }

    static func drop(_ name: String) throws {
        try Connection(server, applicationName: "gigawatch tests").run("DROP DATABASE IF EXISTS \(quotedIdentifier(name)) WITH (FORCE)")
        state.withLock { state in state.made.removeAll { $0 == name } }
    }

    /// The connection string with another database: libpq takes the last `dbname` of a keyword string; in a URI it is the path.
    static func conninfo(_ server: String, database: String) -> String {
        guard server.hasPrefix("postgres://") || server.hasPrefix("postgresql://") else { return "\(server) dbname=\(database)" }
        let parts = server.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let pieces = parts[0].split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        let authority = pieces.count > 2 ? pieces[2] : ""
        return "\(pieces[0])//\(authority)/\(database)" + (parts.count > 1 ? "?\(parts[1])" : "")
    }
}

/// A database of one test.
public struct TestDatabase: Sendable {
    public let name: String
    /// For GIGAWATCH_POSTGRES of a service, or `Connection`.
    public let conninfo: String

    /// A connection of this test's own.
    public func connect(applicationName: String = "gigawatch tests", limits: ConnectionLimits = ConnectionLimits()) throws -> Connection {
        try Connection(conninfo, applicationName: applicationName, limits: limits)
    }

    /// Content of the database in a form that two databases can be compared by: relation → "rows digest".
    public func contentDigest(excluding columns: [String] = []) throws -> [String: String] {
        let rows = try connect().query("SELECT relation, rows, digest FROM gigawatch.content_digest($1)", [.textArray(columns)])
        return Dictionary(
            (0..<rows.count).map { (rows[$0, 0] ?? "", "\(rows[$0, 1] ?? "") \(rows[$0, 2] ?? "")") }, uniquingKeysWith: { first, _ in first })
    }

    /// Drops it now, whoever is connected; else the end of the process does.
    public func drop() throws { try TestPostgres.drop(name) }
}
