// What the tests of the running service share: topics and a database of their own, a producer that plays ingestion and projection, a webhook
// receiver whose answers the test decides. Real broker, real PostgreSQL, the real program.
import AlertingCore
import Crypto
import HTTP
import JSON
import Kafka
import Models
import Postgres
import Streaming
import Synchronization
import TestServers
import YAML

final class AlertingHarness: Sendable {
    let prefix: String
    let database: TestDatabase
    let producer: Producer

    convenience init(partitions: Int32 = 4) throws { try self.init(prefix: TestKafka.prefix(partitions: partitions)) }

    private init(prefix: String) throws {
        self.prefix = prefix
        database = try TestPostgres.database()
        producer = try Producer(try TestKafka.configuration) { _ in }
    }

    /// The same topics, read into an empty database.
    func onAnotherDatabase() throws -> AlertingHarness { try AlertingHarness(prefix: prefix) }

    func start(workers: Int = 2, extra: [String: String] = [:]) throws -> TestProcess {
        var environment = try [
            "GIGAWATCH_KAFKA": TestKafka.bootstrap, "GIGAWATCH_POSTGRES": database.conninfo, "GIGAWATCH_TOPIC_PREFIX": prefix,
            "GIGAWATCH_ALERTING_LISTEN": "127.0.0.1:0", "GIGAWATCH_ALERTING_WORKERS": "\(workers)", "GIGAWATCH_ALERTING_SNAPSHOT_SECONDS": "0.5",
            "GIGAWATCH_PARTITIONS": "4", "GIGAWATCH_LOG_FORMAT": "json",
        ]
        environment.merge(extra) { $1 }
        return try TestProcess("alerting", environment: environment)
    }

    func send(_ event: EventWriter) throws {
        let topic = Catalogue.type(named: event.type)?.topic ?? .events
        try produce(topic, key: event.subject, event.bytes)
    }

    func produce(_ topic: TopicName, key: String, _ value: [UInt8]) throws {
        try Array(key.utf8).withUnsafeBytes { key in
            try value.withUnsafeBytes { value in try producer.produce(topic: topic.fullName(prefix: prefix), key: key, value: value, token: 0) }
        }
    }

    func flush() -> Bool { TestProcess.poll(seconds: 30) { producer.outstanding == 0 } }

    func publish(_ rules: String) throws {
        let check = RuleSet.check(try RuleNodes.json(rules))
        guard let set = check.ruleSet else { throw RuleFileError(description: check.problems.map(\.description).joined(separator: "\n")) }
        for event in set.controlEvents(source: "/test", at: wallClockNow()) { try send(event) }
    }

    func telemetry(_ number: Int, subject: String, kilowatts: Double, at: Instant) throws {
        var event = EventWriter(.siteTelemetry, id: "t\(number)", source: "/meter", subject: subject, occurredAt: at)
        event.data { $0.member("power_kw", kilowatts) }
        try send(event)
    }

    func metric(_ name: String, _ entity: String, _ value: Double, sequence: Int64) throws {
        let message = MetricMessage(
            metric: name, entity: entity, labels: ["site": entity], value: value, previous: nil, sequence: sequence, asOf: wallClockNow(), cause: .rebuild)
        var writer = JSONWriter()
        message.write(to: &writer)
        try produce(.metrics, key: entity, writer.bytes)
    }

    /// Transitions as they must be the same in every run: by alert and in order.
    func transitions() throws -> [String] {
        let connection = try database.connect()
        defer { connection.close() }
        let rows = try connection.query(
            """
            SELECT fingerprint || ' ' || sequence || ' ' || from_state || '>' || to_state || ' ' || coalesce(level, '') || ' ' || coalesce(value::text, '')
              || ' ' || id || ' ' || event_id FROM gigawatch.alert_transition ORDER BY shard, sequence
            """)
        return (0..<rows.count).compactMap { rows.text($0, 0) }
    }
}

struct RuleFileError: Error, CustomStringConvertible {
    let description: String
}

/// Answers each request as the test's script says, and keeps what came.
final class WebhookReceiver: Sendable {
    struct Received: Sendable {
        let id: String
        let timestamp: String
        let signature: String
        let body: [UInt8]
        let status: Int
        var text: String { String(decoding: body, as: UTF8.self) }

        func isSigned(with secret: [UInt8]) -> Bool {
            let message = Array("\(id).\(timestamp).".utf8) + body
            return signature.split(separator: " ").contains { $0 == "v1,\(Base64.encode(SHA256.hmac(key: secret, message: message)))" }
        }
    }

    private let log: Log
    private let server: HTTPServer

    private final class Log: Sendable {
        let received = Mutex<[Received]>([])
    }

    /// - Parameter answer: the response to the how-manieth request (from 0).
    init(_ answer: @escaping @Sendable (Int) -> HTTPResponse) throws {
        let log = Log()
        self.log = log
        server = try HTTPServer(configuration: HTTPServerConfiguration(listen: ListenAddress(host: "127.0.0.1", port: 0))) { exchange in
            let response = log.received.withLock { received in
                let response = answer(received.count)
                received.append(Received(
                    id: exchange.header("webhook-id") ?? "", timestamp: exchange.header("webhook-timestamp") ?? "",
                    signature: exchange.header("webhook-signature") ?? "", body: exchange.body, status: Int(response.status)))
                return response
            }
            exchange.respond(response)
        }
    }

    var url: String { "http://127.0.0.1:\(server.listen.port)/hook" }
    var received: [Received] { log.received.withLock { $0 } }
    func stop() { _ = server.stop(deadlineSeconds: 2) }
}

/// Maps the parsers' trees to rule nodes.
enum RuleNodes {
    static func json(_ text: String) throws -> RuleNode { try JSONParser().withParsed(text) { RuleNode(json: $0) } }

    static func yaml(_ text: String) throws -> RuleNode { node(try YAMLParser.parse(text)) }

    private static func node(_ yaml: YAMLNode) -> RuleNode {
        let (line, column) = (yaml.position.line, yaml.position.column)
        if let members = yaml.members {
            return RuleNode(.map(members.map {
                RuleNode.Entry(key: $0.key, line: $0.keyPosition.line, column: $0.keyPosition.column, value: node($0.value))
            }), line: line, column: column)
        }
        if let elements = yaml.elements { return RuleNode(.list(elements.map(node)), line: line, column: column) }
        guard case .scalar(let text, let isPlain) = yaml.content else { return RuleNode(.null, line: line, column: column) }
        return RuleNode.scalar(text, quoted: !isPlain, line: line, column: column)
    }
}

func wallClockNow() -> Instant { wallClock() }
