// The whole program on one page: migrations, topics, workers that share the partitions, and the tasks that one process at a time does
// (deriver, outbox, quarantine, maintenance). Tests call `buildProjection` too. Read next: Shared/Streaming/Worker.swift, ProjectionProcessor.swift.

internal import Glibc
internal import HTTP
internal import Kafka
internal import Models
internal import Operations
internal import Postgres
internal import Schema
internal import Streaming

/// A composed, not yet running projection.
struct Projection {
    let settings: ProjectionSettings
    let signals: ProjectionSignals
    let context: ServiceContext

    /// Runs until the shutdown; throws what a person must mend.
    func run() throws {
        let shutdown = context.shutdown
        let server = try settings.listen.map { try context.endpoint.serve(on: $0) }
        defer { _ = server?.stop(deadlineSeconds: 2) }
        try prepareDatabase(shutdown)
        let partitions = try prepareTopics(shutdown)
        guard !shutdown.isRequested else { return }
        let threads = workers(partitions) + [deriver(), outboxPublisher(), quarantinePublisher(), maintenance()]
        for board in signals.boards {
            context.health.add("worker") { board.current.complaint(at: wallClock()).map { .notReady($0) } ?? .ready }
        }
        context.health.started()
        context.log.info("projection runs", ["workers": .int(signals.boards.count), "partitions": .int(partitions)])
        shutdown.wait()
        context.health.stopping()
        let failures = threads.compactMap { $0.join() }
        if let first = failures.first { throw first }
        context.log.info("projection has stopped")
    }

    // MARK: Before the first record

    private func prepareDatabase(_ shutdown: Shutdown) throws {
        try patiently(shutdown, "the database") {
            let connection = try Connection(settings.postgres, applicationName: "gigawatch-projection migrations")
            let outcome = try Migrations.run(on: connection)
            if !outcome.steps.isEmpty || !outcome.objects.isEmpty {
                context.log.info("schema brought up to date", ["steps": .int(outcome.steps.count), "objects": .int(outcome.objects.count)])
            }
            _ = try Maintenance(rawDays: settings.rawDays, minuteDays: settings.minuteDays, signals: signals).round(on: connection)
        }
    }

    /// Makes the topics that are missing; answers how many partitions events and telemetry have.
    private func prepareTopics(_ shutdown: Shutdown) throws -> Int32 {
        var partitions: Int32 = 0
        try patiently(shutdown, "Kafka") {
            let admin = try Admin(settings.kafka)
            defer { admin.close() }
            try admin.createTopics(settings.topicPlans, prefix: settings.prefix, replicationFactor: settings.replicationFactor)
            let counts = try admin.partitionCounts()
            guard let events = counts[TopicName.events.fullName(prefix: settings.prefix)],
                let telemetry = counts[TopicName.telemetry.fullName(prefix: settings.prefix)]
            else { throw MissingTopics(prefix: settings.prefix) }
            guard events == telemetry else { throw UnequalPartitions(events: events, telemetry: telemetry) }
            partitions = events
        }
        return partitions
    }

    /// Tries until it works: servers may start after us.
    private func patiently(_ shutdown: Shutdown, _ what: String, _ body: () throws -> Void) throws {
        var pause = OutagePause()
        while !shutdown.isRequested {
            do {
                return try body()
            } catch where [.retry, .outcomeUnknown].contains(FailureKind(of: error)) {
                let milliseconds = pause.next()
                context.log.warning("waiting for a server", ["server": .text(what), "reason": .text("\(error)"), "pause_ms": .int(milliseconds)])
                shutdown.wait(seconds: Double(milliseconds) / 1000)
            }
        }
    }

    // MARK: Threads

    private func workers(_ partitions: Int32) -> [OwnThread] {
        signals.boards.enumerated().map { index, board in
            let settings = settings, signals = signals, shutdown = context.shutdown
            return OwnThread("projection-\(index)") {
                defer { shutdown.request() }        // a worker that cannot go on ends the process: another start is the way back
                let processor = ProjectionProcessor(
                    prefix: settings.prefix, partitions: partitions, windowCapacity: settings.windowCapacity, signals: signals)
                let worker = Worker(settings.worker(index), processor: processor, progress: board) { signals.note($0) }
                try worker.run(until: shutdown)
            }
        }
    }

    private func task(_ name: StaticString, lock: Int64, pauseSeconds: Double) -> ElectedTask {
        ElectedTask(name: name, lockKey: lock, pauseSeconds: pauseSeconds, postgres: settings.postgres, log: context.log)
    }

    private func deriver() -> OwnThread {
        let settings = settings, signals = signals, shutdown = context.shutdown, task = task("deriver", lock: 0x6769_6761_0001, pauseSeconds: 0.05)
        return OwnThread("deriver") {
            defer { shutdown.request() }
            let deriver = Deriver(prefix: settings.prefix, signals: signals)
            task.run(until: shutdown) { try deriver.round(on: $0) }
        }
    }

    private func quarantinePublisher() -> OwnThread {
        let settings = settings, signals = signals, shutdown = context.shutdown, task = task("quarantine", lock: 0x6769_6761_0002, pauseSeconds: 0.2)
        return OwnThread("quarantine") {
            defer { shutdown.request() }
            let publisher = try QuarantinePublisher(kafka: settings.kafka, prefix: settings.prefix, signals: signals)
            defer { publisher.close() }
            task.run(until: shutdown) { try publisher.round(on: $0) }
        }
    }

    private func outboxPublisher() -> OwnThread {
        let shutdown = context.shutdown, log = context.log
        let publisher = OutboxPublisher(kafka: settings.kafka, postgres: settings.postgres) { log.warning("the outbox waits", ["reason": .text($0)]) }
        context.metrics.observe(DeclaredMetrics.projectionPublished) { [Metrics.Sample(Double(publisher.status.published))] }
        return OwnThread("outbox") {
            defer { shutdown.request() }
            try publisher.run(until: shutdown)
        }
    }

    private func maintenance() -> OwnThread {
        let shutdown = context.shutdown, task = task("maintenance", lock: 0x6769_6761_0003, pauseSeconds: 60)
        let maintenance = Maintenance(rawDays: settings.rawDays, minuteDays: settings.minuteDays, signals: signals)
        return OwnThread("maintenance") {
            defer { shutdown.request() }
            task.run(until: shutdown) { try maintenance.round(on: $0) }
        }
    }
}

/// Topics that should have been made are not there yet.
struct MissingTopics: ClassifiedError, CustomStringConvertible {
    let prefix: String
    var kind: FailureKind { .retry }
    var description: String { "the topics \(prefix).events and \(prefix).telemetry are not there yet" }
}

/// An entity would have two partition numbers.
struct UnequalPartitions: ClassifiedError, CustomStringConvertible {
    let events: Int32
    let telemetry: Int32
    var kind: FailureKind { .configuration }
    var description: String { "the events topic has \(events) partitions and telemetry \(telemetry): they must have the same number; make one of them anew" }
}

/// Composes the service from its settings.
func buildProjection(_ context: ServiceContext) throws -> Projection {
    let settings = try ProjectionSettings(context.configuration, log: context.log)
    let signals = ProjectionSignals(log: context.log, metrics: context.metrics, prefix: settings.prefix, workers: settings.workers)
    return Projection(settings: settings, signals: signals, context: context)
}

/// Lets other threads run; for waits of a few milliseconds outside the workers.
func pauseMilliseconds(_ milliseconds: UInt32) { usleep(milliseconds * 1000) }
