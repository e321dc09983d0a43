// What projection reads from its environment, checked once at start. Read next: Shared/Operations/Declared/ProjectionKeys.swift.

internal import Glibc
internal import HTTP
internal import Kafka
internal import Models
internal import Operations
internal import Streaming

struct ProjectionSettings: Sendable {
    let kafka: KafkaConfiguration
    let postgres: String
    let prefix: String
    let replicationFactor: Int
    let topicPlans: [TopicPlan]
    let workers: Int
    let batchLimit: Int
    let groupPatienceSeconds: Double
    let windowCapacity: Int
    let rawDays: Int
    let minuteDays: Int
    /// Nil: no endpoint (tests).
    let listen: ListenAddress?

    init(_ configuration: Configuration, log: Log) throws {
        var kafka = KafkaConfiguration(bootstrap: try configuration(Keys.kafka), properties: try configuration.kafkaProperties())
        kafka.log = { line in if line.level <= 4 { log.debug("librdkafka says", ["facility": .text(line.facility), "text": .text(line.text)]) } }
        self.kafka = kafka
        postgres = try configuration(Keys.postgres)
        prefix = try configuration(Keys.topicPrefix)
        replicationFactor = try configuration(Keys.replicationFactor)
        let partitions = Int32(clamping: try configuration(Keys.partitions))
        topicPlans = TopicPlan.all.map { plan in
            var plan = plan
            if plan.partitions > 1 { plan.partitions = partitions }
            return plan
        }
        workers = try configuration(Keys.projectionWorkers)
        batchLimit = try configuration(Keys.projectionBatch)
        groupPatienceSeconds = try configuration(Keys.groupPatienceSeconds)
        windowCapacity = try configuration(Keys.projectionDigests)
        rawDays = try configuration(Keys.projectionRawDays)
        minuteDays = try configuration(Keys.projectionMinuteDays)
        let address = try configuration(Keys.projectionListen)
        guard let listen = ListenAddress(address) else {
            throw ConfigurationValueError(expected: "host:port in \(Keys.projectionListen.name), got \(address)")
        }
        self.listen = listen
    }

    func worker(_ index: Int) -> WorkerSettings {
        var host = [CChar](repeating: 0, count: 256)
        gethostname(&host, host.count - 1)
        let name = host.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "host" }
        var settings = WorkerSettings(
            consumer: "projection", group: "\(prefix).projection",
            topics: [TopicName.events.fullName(prefix: prefix), TopicName.telemetry.fullName(prefix: prefix)], kafka: kafka, postgres: postgres,
            owner: "\(name) \(getpid()) \(index)")
        settings.batchLimit = batchLimit
        settings.groupPatienceSeconds = groupPatienceSeconds
        // Caught up, the broker gathers what comes within 25 ms into one answer: a fifth of the transactions, for a fifth of the latency that is
        // promised (150 ms). While behind, an answer is full at once.
        // A second's worth of a partition at 300,000 records/s is 25,000: more would only be memory (750 bytes a record, twelve partitions).
        settings.kafkaProperties = ["fetch.min.bytes": "131072", "fetch.wait.max.ms": "25", "queued.min.messages": "30000"]
        return settings
    }
}
