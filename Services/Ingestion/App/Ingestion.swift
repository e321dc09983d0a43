// The whole program on one page: the producer, the door, the HTTP server, and the thread that prepares the topics. It needs no database.
// Tests call `buildIngestion` too. Read next: Door.swift.

internal import AlertingCore
internal import HTTP
internal import IngestionCore
internal import Kafka
internal import Models
internal import Operations

/// A composed, not yet running ingestion.
struct Ingestion {
    let settings: IngestionSettings
    let context: ServiceContext
    let doorkeeper: Doorkeeper

    /// Runs until the shutdown; answers the exit code: 1 when an event that was taken could not be delivered.
    func run() throws -> Int32 {
        let log = context.log, shutdown = context.shutdown
        let signals = IngestionSignals(context.metrics)
        let pending = PendingTable()
        let flow = Flow(limitBytes: settings.inFlightBytes)
        let holder = DoorHolder()
        let producer = try Producer(
            settings.kafka,
            properties: [
                "linger.ms": String(settings.lingerMilliseconds), "message.timeout.ms": String(settings.deliverySeconds * 1000),
                "queue.buffering.max.kbytes": String(max(1024, settings.inFlightBytes / 1024 * 2)),
            ],
            onRebuild: { log.warning("the Kafka client starts anew after a fatal error", ["reason": .text($0.message)]) },
            onDelivery: { holder.door?.deliver($0) })
        let door = Door(
            gate: EventGate(limits: settings.limits, controlCheck: checkControl), producer: producer, pending: pending, prefix: settings.prefix,
            flow: flow, signals: signals)
        holder.door = door
        observe(door, flow, producer)
        context.health.add("kafka") {
            door.obstacle.map { .notReady($0.detail) } ?? .ready
        }
        shutdown.onReload {
            do {
                try doorkeeper.reload()
                log.info("the token file was read again")
            } catch { log.error("the token file is broken; the last good one stays in force", ["reason": .text("\(error)")]) }
        }
        let server = try serve(door)
        if settings.tokens == nil { log.info("no token file is set: listening on loopback only, everybody there may do everything") }
        log.info("ingestion listens", ["address": .text("\(server.listen)"), "kafka": .text(settings.kafka.bootstrap)])
        let preparation = OwnThread("topics") { try prepareTopics(door) }
        context.health.started()
        shutdown.wait()
        context.health.stopping()
        door.stop()
        server.quiesce()
        let unanswered = server.stop(deadlineSeconds: settings.shutdownSeconds)
        let lost = producer.close(deadline: unanswered > 0 ? 1 : max(1, settings.shutdownSeconds / 4))
        let failure = preparation.join()
        log.info("ingestion has stopped", ["requests_told_to_repeat": .int(unanswered), "events_not_delivered": .int(lost)])
        if let failure { throw failure }
        if lost > 0 { log.error("events that were taken could not be delivered; their senders were told to repeat them", ["events": .int(lost)]) }
        return lost > 0 ? 1 : 0
    }

    // MARK: Parts

    private func serve(_ door: Door) throws -> HTTPServer {
        let endpoint = context.endpoint, doorkeeper = doorkeeper
        var http = HTTPServerConfiguration(
            listen: settings.listen, threads: settings.threads, connectionLimit: settings.connections, idleTimeoutSeconds: settings.idleSeconds,
            bodyLimitBytes: settings.limits.bodyBytes, certificatePEM: settings.certificatePEM, keyPEM: settings.keyPEM)
        let limit = settings.limits.bodyBytes
        // Who may not send is told so before the body comes.
        http.planBody = { exchange in
            guard exchange.path == "/v1/events", exchange.method == "POST" else { return .collect(limitBytes: 64 * 1024) }
            do throws(Refusal) {
                exchange.attachment = try doorkeeper.grant(exchange)
                return .collect(limitBytes: limit)
            } catch {
                return .refuse(Door.response(error))
            }
        }
        return try HTTPServer(configuration: http) { exchange in
            if endpoint.respond(to: exchange) { return }
            guard exchange.path == "/v1/events" else { return door.refuse(exchange, .unknownPath(exchange.path)) }
            guard exchange.method == "POST" else {
                var response = Door.response(.method)
                response.headers.append(("Allow", "POST"))
                exchange.respond(response)
                return
            }
            guard let grant = exchange.attachment as? Grant else {
                return door.refuse(exchange, Refusal(500, .internalFailure, "The request came without its sender's rights."))
            }
            door.take(exchange, grant: grant)
        }
    }

    /// Makes the topics that are missing, says where others differ from the plan, opens the door.
    private func prepareTopics(_ door: Door) throws {
        var pause = 0.2
        while !context.shutdown.isRequested {
            do {
                let admin = try Admin(settings.kafka)
                defer { admin.close() }
                let made = try admin.createTopics(settings.topicPlans, prefix: settings.prefix, replicationFactor: settings.replicationFactor)
                if !made.isEmpty { context.log.info("topics created", ["topics": .text(made.sorted().joined(separator: " "))]) }
                door.open()
                for difference in try admin.differences(from: settings.topicPlans, prefix: settings.prefix, bootstrap: settings.kafka.bootstrap) {
                    context.log.warning("a topic differs from the plan", [
                        "topic": .text(difference.topic), "property": .text(difference.property), "planned": .text(difference.expected),
                        "actual": .text(difference.actual), "mend": .text(difference.mend),
                    ])
                }
                return
            } catch {
                guard error.kind == .retry || error.kind == .outcomeUnknown else { context.shutdown.request(); throw error }
                context.log.warning("waiting for Kafka", ["reason": .text(error.message), "pause_seconds": .number(pause)])
                context.shutdown.wait(seconds: pause)
                pause = min(pause * 2, 10)
            }
        }
    }

    /// Rules and routing are checked in alerting's own language, so that what is in the log can be evaluated.
    private var checkControl: EventGate.ControlCheck {
        { event in
            RuleDefinition.problems(inControlEvent: event).map { problem in
                Violation(.ruleInvalid, at: problem.pointer, expected: "a rule that can be evaluated", actual: problem.message)
            }
        }
    }

    private func observe(_ door: Door, _ flow: Flow, _ producer: Producer) {
        context.metrics.observe(DeclaredMetrics.ingestionInFlightBytes) { [Metrics.Sample(Double(flow.bytesInFlight))] }
        context.metrics.observe(DeclaredMetrics.ingestionInFlightEvents) { [Metrics.Sample(Double(flow.eventsInFlight))] }
        context.metrics.observe(DeclaredMetrics.ingestionConnections) { [Metrics.Sample(Double(door.requestsInFlight))] }
        context.metrics.observe(DeclaredMetrics.ingestionBrokerAvailable) { [Metrics.Sample(producer.isAvailable ? 1 : 0)] }
    }
}

/// The producer is made before the door that its reports go to.
private final class DoorHolder: @unchecked Sendable {     // written once, before the first record is produced
    var door: Door?
}

/// Composes the service. Throws when a setting is wrong.
func buildIngestion(_ context: ServiceContext) throws -> Ingestion {
    let settings = try IngestionSettings(context.configuration, log: context.log)
    return Ingestion(settings: settings, context: context, doorkeeper: try Doorkeeper(path: settings.tokens))
}
