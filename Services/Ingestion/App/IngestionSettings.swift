// What ingestion reads from its environment, checked once at start. Read next: Shared/Operations/Declared/IngestionKeys.swift.

internal import HTTP
internal import IngestionCore
internal import Kafka
internal import Models
internal import Operations

struct IngestionSettings: Sendable {
    let kafka: KafkaConfiguration
    let prefix: String
    let replicationFactor: Int
    let topicPlans: [TopicPlan]
    let listen: ListenAddress
    let threads: Int
    let connections: Int
    let idleSeconds: Int
    let limits: IngestionLimits
    let inFlightBytes: Int
    let lingerMilliseconds: Int
    let deliverySeconds: Int
    let shutdownSeconds: Double
    /// Path of the token file; nil: everybody who can connect may do everything, so only loopback is listened on.
    let tokens: String?
    let certificatePEM: String?
    let keyPEM: String?

    init(_ configuration: Configuration, log: Log) throws {
        var kafka = KafkaConfiguration(bootstrap: try configuration(Keys.kafka), properties: try configuration.kafkaProperties())
        kafka.log = { line in if line.level <= 4 { log.debug("librdkafka says", ["facility": .text(line.facility), "text": .text(line.text)]) } }
        self.kafka = kafka
        prefix = try configuration(Keys.topicPrefix)
        replicationFactor = try configuration(Keys.replicationFactor)
        let partitions = Int32(clamping: try configuration(Keys.partitions))
        topicPlans = TopicPlan.all.map { plan in
            var plan = plan
            if plan.partitions > 1 { plan.partitions = partitions }
            return plan
        }
        let address = try configuration(Keys.ingestionListen)
        guard let listen = ListenAddress(address) else {
            throw ConfigurationValueError(expected: "host:port in \(Keys.ingestionListen.name), got \(address)")
        }
        self.listen = listen
        tokens = try configuration.optional(Keys.tokens)
        guard tokens != nil || listen.isLoopback else {
            throw ConfigurationValueError(
                expected: "a loopback address in \(Keys.ingestionListen.name) (got \(address)), or a token file in \(Keys.tokens.name): "
                    + "docs/operations.md says how to make one; without tokens")
        }
        threads = try configuration(Keys.ingestionThreads)
        connections = try configuration(Keys.ingestionConnections)
        idleSeconds = try configuration(Keys.ingestionIdleSeconds)
        limits = IngestionLimits(
            bodyBytes: try configuration(Keys.ingestionBodyLimitBytes), batchEvents: try configuration(Keys.ingestionBatchLimit),
            eventBytes: try configuration(Keys.ingestionEventLimitBytes))
        inFlightBytes = try configuration(Keys.ingestionInFlightBytes)
        lingerMilliseconds = try configuration(Keys.ingestionLingerMilliseconds)
        deliverySeconds = try configuration(Keys.ingestionDeliverySeconds)
        shutdownSeconds = try configuration(Keys.shutdownSeconds)
        let certificate = try configuration.optional(Keys.ingestionCertificate), key = try configuration.optional(Keys.ingestionCertificateKey)
        guard (certificate == nil) == (key == nil) else {
            throw ConfigurationValueError(expected: "both \(Keys.ingestionCertificate.name) and \(Keys.ingestionCertificateKey.name), or neither: one of them")
        }
        certificatePEM = try certificate.map(IngestionSettings.pem)
        keyPEM = try key.map(IngestionSettings.pem)
    }

    private static func pem(_ path: String) throws -> String {
        guard let bytes = readFile(path, limitBytes: 1 << 20) else { throw ConfigurationValueError(expected: "a readable PEM file, got \(path)") }
        return String(decoding: bytes, as: UTF8.self)
    }
}
