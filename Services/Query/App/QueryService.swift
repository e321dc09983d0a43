// Composes the query service: a pool of connections that only read, the gate that waits for positions, the hub that follows what changes, the
// relay to ingestion, and one HTTP server before them. Tests call the same function. The server's threads never touch the database: they
// parse, hand over and return. Read next: Router.swift.

import HTTP
import Operations
import Postgres
import Schema

/// The running service.
final class QueryService: Sendable {
    let server: HTTPServer
    private let context: ServiceContext
    private let pool: ConnectionPool
    private let gate: PositionGate
    private let hub: StreamHub
    private let relay: ControlRelay

    init(context: ServiceContext, server: HTTPServer, pool: ConnectionPool, gate: PositionGate, hub: StreamHub, relay: ControlRelay) {
        (self.context, self.server, self.pool, self.gate, self.hub, self.relay) = (context, server, pool, gate, hub, relay)
    }

    /// Serves until a stop is requested, then finishes what was begun.
    func run() throws -> Int32 {
        context.log.info("listening", ["address": .text("\(server.listen)")])
        context.shutdown.wait()
        try stop(deadlineSeconds: context.configuration(Keys.shutdownSeconds))
        return 0
    }

    func stop(deadlineSeconds: Double) {
        context.health.stopping()
        server.quiesce()
        hub.stop()
        gate.stop()
        relay.stop()
        pool.stop()
        _ = server.stop(deadlineSeconds: deadlineSeconds)
        context.log.info("stopped")
    }
}

/// Builds the service and starts it; ready once the database has the schema that this program knows.
func buildQuery(_ context: ServiceContext) throws -> QueryService {
    let configuration = context.configuration
    let conninfo = try configuration(Keys.postgres)
    let listenText = try configuration(Keys.queryListen)
    guard let listen = ListenAddress(listenText) else {
        throw ConfigurationError.wrong(Keys.queryListen.name, "expected address:port, got \"\(listenText)\"")
    }
    let statementSeconds = try configuration(Keys.queryStatementSeconds)
    let limits = ConnectionLimits(statement: .milliseconds(Int(statementSeconds * 1000)), lock: .seconds(2), idleInTransaction: .seconds(30))
    let pool = ConnectionPool(conninfo: conninfo, size: try configuration(Keys.queryConnections), waiting: 1_024, limits: limits, log: context.log)
    let gate = PositionGate(conninfo: conninfo, log: context.log)
    let prefix = try configuration(Keys.topicPrefix)
    let hub = StreamHub(conninfo: conninfo, log: context.log)
    let relay = ControlRelay(ingestionURL: try configuration(Keys.ingestionURL))
    let assets = try DashboardFiles(chartFolder: configuration(Keys.queryChartFolder), log: context.log)
    let answers = ModelAnswers(
        pool: pool, gate: gate, topicPrefix: prefix, waitSeconds: try configuration(Keys.queryAtLeastSeconds), log: context.log)
    let metrics = QueryMetrics(context.metrics)
    context.metrics.observe(DeclaredMetrics.queryStreams) { [hub] in [Metrics.Sample(Double(hub.listenerCount))] }
    let router = Router(endpoint: context.endpoint, answers: answers, hub: hub, relay: relay, assets: assets, metrics: metrics)
    context.health.add("database") { pool.status }
    pool.start()
    gate.start()
    hub.start()
    relay.start()
    let server = try HTTPServer(
        configuration: HTTPServerConfiguration(
            listen: listen, threads: try configuration(Keys.queryThreads), connectionLimit: try configuration(Keys.queryConnectionLimit),
            idleTimeoutSeconds: 60, bodyLimitBytes: 64 * 1024)
    ) { router.handle($0) }
    context.health.started()
    return QueryService(context: context, server: server, pool: pool, gate: gate, hub: hub, relay: relay)
}

extension ConfigurationError {
    /// The error that a key's own reader would throw; here for values whose check needs a type of another module.
    static func wrong(_ name: String, _ message: String) -> any Error { SettingProblem(description: "\(name): \(message)") }
}

/// A setting that stops the program.
struct SettingProblem: Error, CustomStringConvertible { let description: String }
