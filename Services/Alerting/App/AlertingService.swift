// Composes the alerting service: workers that evaluate, one ticker, one notifier with its deliverers, one HTTP server for health and metrics.
// Tests call the same function. Each part has its own thread; they meet in Kafka and PostgreSQL alone. Read next: EvaluationWorker.swift.

import HTTP
import Kafka
import Models
import Operations
import Postgres
import Schema
import Streaming

/// The running service.
final class AlertingService: Sendable {
    let server: HTTPServer
    private let context: ServiceContext
    private let threads: [OwnThread]

    init(_ context: ServiceContext, server: HTTPServer, threads: [OwnThread]) {
        (self.context, self.server, self.threads) = (context, server, threads)
    }

    /// Serves until a stop is requested. 1 when a part ended by itself, with what waiting cannot mend.
    func run() throws -> Int32 {
        context.log.info("listening", ["address": .text("\(server.listen)")])
        context.shutdown.wait()
        context.health.stopping()
        var code: Int32 = 0
        for thread in threads {
            guard let error = thread.join() else { continue }
            context.log.error("a part of the service stopped", ["reason": .text("\(error)")])
            code = 1
        }
        _ = server.stop(deadlineSeconds: try context.configuration(Keys.shutdownSeconds))
        context.log.info("stopped")
        return code
    }
}

/// Builds the service and starts it. It waits for the database and its schema, for topics, for the first tick: until then it is not ready.
func buildAlerting(_ context: ServiceContext) throws -> AlertingService {
    let configuration = context.configuration
    let log = context.log
    let listenText = try configuration(Keys.alertingListen)
    guard let listen = ListenAddress(listenText) else { throw SettingError(description: "\(Keys.alertingListen.name): expected address:port, got \"\(listenText)\"") }
    let settings = AlertingSettings(
        kafka: KafkaConfiguration(bootstrap: try configuration(Keys.kafka), properties: try configuration.kafkaProperties()) { line in
            if line.level <= 3 { log.warning("librdkafka reports", ["text": .text(line.text)]) }
        },
        conninfo: try configuration(Keys.postgres), prefix: try configuration(Keys.topicPrefix), workers: try configuration(Keys.alertingWorkers),
        snapshotSeconds: try configuration(Keys.alertingSnapshotSeconds),
        groupPatienceSeconds: try configuration(Keys.groupPatienceSeconds), externalURL: try configuration(Keys.alertingExternalURL), log: log,
        shutdown: context.shutdown)
    try settings.kafka.check()
    let replication = try configuration(Keys.replicationFactor)
    let partitions = try configuration(Keys.partitions)
    let signals = AlertingSignals(context.metrics)
    let boards = (0..<settings.workers).map { _ in WorkerBoard() }
    let shutdown = context.shutdown

    let server = try context.endpoint.serve(on: listen)
    context.health.add("evaluation") { evaluationStatus(boards) }
    observe(context.metrics, boards)

    @Sendable func part(_ name: String, _ body: @escaping @Sendable () throws -> Void) -> OwnThread {
        OwnThread(name) {
            do {
                try prepare(settings, replication: replication, partitions: partitions)
                if !shutdown.isRequested { try body() }
            } catch {
                shutdown.request()
                throw error
            }
        }
    }
    var threads: [OwnThread] = []
    for (number, board) in boards.enumerated() {
        threads.append(part("worker \(number)") { try EvaluationWorker(settings, signals: signals, board: board, number: number).run() })
    }
    threads.append(part("ticker") { Ticker(settings, ticks: signals.ticks).run() })
    threads.append(part("notifier") { Notifier(settings, signals: signals).run() })
    context.health.started()
    return AlertingService(context, server: server, threads: threads)
}

/// Waits for the servers, the schema and the topics, however long it takes.
private func prepare(_ settings: AlertingSettings, replication: Int, partitions: Int) throws {
    var pause = OutagePause()
    var hasSaid = false
    while !settings.shutdown.isRequested {
        do {
            let connection = try Connection(settings.conninfo, applicationName: "gigawatch alerting", limits: .unhurried)
            defer { connection.close() }
            try Migrations.run(on: connection)
            let admin = try Admin(settings.kafka)
            defer { admin.close() }
            var plans = TopicPlan.all
            for index in plans.indices where plans[index].partitions == TopicPlan.defaultPartitions { plans[index].partitions = Int32(partitions) }
            try admin.createTopics(plans, prefix: settings.prefix, replicationFactor: replication)
            return
        } catch {
            switch FailureKind(of: error) {
            case .retry, .outcomeUnknown, .fenced:
                if !hasSaid { settings.log.warning("waiting for Kafka and PostgreSQL", ["reason": .text("\(error)")]) }
                hasSaid = true
                _ = settings.shutdown.wait(seconds: Double(pause.next()) / 1000)
            case .quarantine, .configuration, .fatal: throw error
            }
        }
    }
}

private func evaluationStatus(_ boards: [WorkerBoard]) -> Health.Status {
    for board in boards {
        let state = board.state.withLock { $0 }
        if let error = state.error { return .notReady("evaluation waits: \(error)") }
        if let halt = state.halted.first { return .notReady("a partition is halted: \(halt)") }
        if board.progress.ageSeconds > 15 { return .notReady("a worker has stored nothing for \(Int(board.progress.ageSeconds)) s") }
    }
    guard let age = evaluationAge(boards) else { return .notReady("no tick has been evaluated yet") }
    return age < 15 ? .ready : .notReady("the newest tick that was evaluated is \(Int(age)) s old")
}

/// Seconds since the oldest of the ticks that the workers' partitions have come to; nil before the first.
private func evaluationAge(_ boards: [WorkerBoard]) -> Double? {
    let busy = boards.map { $0.state.withLock { $0 } }.filter { $0.partitions > 0 }
    guard !busy.isEmpty else { return boards.contains { $0.progress.ageSeconds < 15 } ? 0 : nil }
    var oldest: Instant?
    for state in busy {
        guard let at = state.evaluatedAt else { return nil }
        oldest = min(oldest ?? at, at)
    }
    return oldest.map { wallClock().seconds(since: $0) }
}

private func observe(_ metrics: Metrics, _ boards: [WorkerBoard]) {
    metrics.observe(DeclaredMetrics.alertingLag) { evaluationAge(boards).map { [Metrics.Sample($0)] } ?? [] }
    metrics.observe(DeclaredMetrics.alertingPartitions) {
        [Metrics.Sample(Double(boards.reduce(0) { $0 + $1.state.withLock { $0.partitions } }))]
    }
    metrics.observe(DeclaredMetrics.alertingWatchdog) { [Metrics.Sample(evaluationStatus(boards) == .ready ? 1 : 0)] }
}

/// A setting whose check needs a type of another module.
struct SettingError: Error, CustomStringConvertible {
    let description: String
}
