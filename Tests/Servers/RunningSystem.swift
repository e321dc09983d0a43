// The whole system as a person runs it: our executables, on topics and a database of their own, spoken to over HTTP, SQL and the command line.
// Used by the integration and fault tests. Everything ends with the value: processes die with the test process at the latest.

public import HTTPClient
internal import Postgres
internal import Models

public final class RunningSystem {
    public let prefix: String
    public let database: TestDatabase
    private let ports: [String: Int]
    /// By service; `projection-2` and the like for further processes of one service.
    private var processes: [String: TestProcess] = [:]
    private let client = HTTPClient()
    private let extra: [String: String]

    public static let services = ["ingestion", "projection", "alerting", "query"]

    /// Makes topics and a database; starts nothing yet.
    public init(partitions: Int32? = nil, environment: [String: String] = [:]) throws {
        prefix = try TestKafka.prefix(partitions: partitions)
        database = try TestPostgres.database()
        ports = try Dictionary(uniqueKeysWithValues: RunningSystem.services.map { ($0, try TestSocket.freePort()) })
        extra = environment
    }

    /// Starts these services and waits until each is ready.
    public func start(_ services: [String] = RunningSystem.services) throws {
        for service in services { processes[service] = try launch(service, port: port(service)) }
        for service in services { try process(service).waitUntilReady(port: port(service)) }
    }

    /// One more process of a service, on a port of its own; `name` is how `process` finds it.
    public func startAnother(_ service: String, as name: String) throws {
        let port = try TestSocket.freePort()
        processes[name] = try launch(service, port: port)
        try process(name).waitUntilReady(port: port)
    }

    /// Kills (SIGKILL) a service and starts it again.
    public func killAndRestart(_ service: String, pauseSeconds: Double = 0) throws {
        try process(service).killHard()
        if pauseSeconds > 0 { TestProcess.poll(seconds: pauseSeconds) { false } }
        processes[service] = try launch(service, port: port(service))
    }

    public func process(_ name: String) throws -> TestProcess {
        guard let process = processes[name] else { throw TestServerMissing(description: "\(name) was not started") }
        return process
    }

    public func port(_ service: String) -> Int { ports[service] ?? 0 }
    public func url(_ service: String) -> String { "http://127.0.0.1:\(port(service))" }

    /// What a service or the command line gets as its environment.
    public func environment() throws -> [String: String] {
        var variables = [
            "GIGAWATCH_KAFKA": try TestKafka.bootstrap, "GIGAWATCH_POSTGRES": database.conninfo, "GIGAWATCH_TOPIC_PREFIX": prefix,
            "GIGAWATCH_INGESTION_URL": url("ingestion"), "GIGAWATCH_QUERY_URL": url("query"),
        ]
        for service in RunningSystem.services { variables["GIGAWATCH_\(service.uppercased())_LISTEN"] = "127.0.0.1:\(port(service))" }
        return variables.merging(extra) { $1 }
    }

    private func launch(_ service: String, port: Int) throws -> TestProcess {
        var variables = try environment()
        variables["GIGAWATCH_\(service.uppercased())_LISTEN"] = "127.0.0.1:\(port)"
        return try TestProcess(service, environment: variables)
    }

    // MARK: speaking to it

    /// POST to ingestion's /v1/events.
    public func post(_ body: String, contentType: String = "application/cloudevents+json", headers: [(name: String, value: String)] = []) throws -> HTTPReply {
        try client.send(HTTPRequest(method: "POST", url: url("ingestion") + "/v1/events", headers: [("content-type", contentType)] + headers, body: Array(body.utf8)))
    }

    /// GET from query.
    public func get(_ path: String) throws -> HTTPReply {
        try client.send(HTTPRequest(url: url("query") + path))
    }

    /// Runs `gigawatch` with these arguments, to its end.
    public func gigawatch(_ arguments: String..., seconds: Double = 60) throws -> (status: Int32, output: String) {
        let process = try TestProcess("gigawatch", arguments, environment: try environment())
        guard let status = process.wait(seconds: seconds) else { throw TestServerMissing(description: "gigawatch \(arguments) has not ended: \(process.log)") }
        return (status, process.log)
    }

    /// One value from the database.
    public func value(_ sql: String) throws -> String? {
        let rows = try database.connect().query(sql, [])
        return rows.count > 0 ? rows.text(0, 0) : nil
    }

    /// Waits until a statement's first value is this one; answers the last value seen.
    @discardableResult
    public func wait(_ sql: String, toBe wanted: String, seconds: Double = 60) throws -> String? {
        let connection = try database.connect()
        var last: String?
        try TestProcess.poll(seconds: seconds, every: 50) {
            let rows = try connection.query(sql, [])
            last = rows.count > 0 ? rows.text(0, 0) : nil
            return last == wanted
        }
        return last
    }

    /// Ends all services (SIGTERM), query and ingestion first.
    public func stop() throws {
        for (_, process) in processes where process.isRunning { process.signal(15) }
        for (name, process) in processes where process.wait(seconds: 30) == nil {
            process.killHard()
            throw TestServerMissing(description: "\(name) did not end on SIGTERM:\n\(process.log.suffix(2000))")
        }
        processes = [:]
    }
}
