// Topics as `TopicPlan` wants them: made when missing, compared when there. A difference is reported with the exact command that mends it,
// never mended silently: the topics of a shared cluster belong to its operators.
internal import CKafka
public import Models

/// One way in which a topic is not as planned.
public struct TopicDifference: Sendable, Equatable, CustomStringConvertible {
    public var topic: String
    /// Such as `retention.ms` or `partitions`.
    public var property: String
    public var expected: String
    public var actual: String
    /// The command that mends it, or a sentence when nothing can without losing records.
    public var mend: String

    public var description: String { "topic \(topic): \(property) is \(actual), planned \(expected); \(mend)" }
}

extension Admin {
    /// Creates the planned topics that are missing; those that exist are left as they are. Returns the full names that were created.
    /// Waits until each has its leader, so that a first produce does not fail.
    @discardableResult
    public func createTopics(
        _ plans: [TopicPlan] = TopicPlan.all, prefix: String = TopicName.defaultPrefix, replicationFactor: Int = 1
    ) throws(KafkaError) -> [String] {
        try createTopics(
            plans.map { (name: $0.fullName(prefix: prefix), partitions: $0.partitions, configuration: $0.configuration) },
            replicationFactor: replicationFactor)
    }

    /// As above for any topic: full name, partitions, Kafka's configuration.
    @discardableResult
    public func createTopics(
        _ topics: [(name: String, partitions: Int32, configuration: [(name: String, value: String)])], replicationFactor: Int = 1
    ) throws(KafkaError) -> [String] {
        let existing = try partitionCounts()
        var news: [OpaquePointer?] = []
        defer { rd_kafka_NewTopic_destroy_array(&news, news.count) }
        var reason = [CChar](repeating: 0, count: 256)
        for topic in topics where existing[topic.name] == nil {
            guard let new = rd_kafka_NewTopic_new(topic.name, topic.partitions, Int32(clamping: replicationFactor), &reason, reason.count) else {
                throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, "create topic \(topic.name)", text(reason))
            }
            news.append(new)
            for (name, value) in topic.configuration { rd_kafka_NewTopic_set_config(new, name, value) }
        }
        guard !news.isEmpty else { return [] }
        var created: [String] = []
        try request(RD_KAFKA_ADMIN_OP_CREATETOPICS, "create \(news.count) topics") { client, options, queue in
            rd_kafka_CreateTopics(client, &news, news.count, options, queue)
        } answer: { (event: OpaquePointer) throws(KafkaError) in
            var count = 0
            let results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
            for index in 0..<count {
                guard let result = results?[index] else { continue }
                let name = text(rd_kafka_topic_result_name(result))
                let code = rd_kafka_topic_result_error(result)
                if code == RD_KAFKA_RESP_ERR_NO_ERROR {
                    created.append(name)
                } else if code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS {  // another service was first
                    throw KafkaError(code, "create topic \(name)", result.message)
                }
            }
        }
        try waitForLeaders(of: topics.map { ($0.name, $0.partitions) })
        return created
    }

    private func waitForLeaders(of topics: [(String, Int32)]) throws(KafkaError) {
        let places = topics.flatMap { topic in (0..<topic.1).map { TopicPartition(topic: topic.0, partition: $0) } }
        let end = monotonicNanoseconds() &+ UInt64(timeLimit) * 1_000_000
        while true {
            do {
                _ = try endOffsets(of: places)
                return
            } catch {
                guard error.kind == .retry || error.isUnknownTopic, monotonicNanoseconds() < end else { throw error }
                usleepMilliseconds(50)
            }
        }
    }

    /// How the topics on the broker differ from the plan; empty when they do not. A missing topic is a difference too.
    public func differences(
        from plans: [TopicPlan] = TopicPlan.all, prefix: String = TopicName.defaultPrefix, bootstrap: String = "$GIGAWATCH_KAFKA"
    ) throws(KafkaError) -> [TopicDifference] {
        let counts = try partitionCounts()
        var differences: [TopicDifference] = []
        for plan in plans {
            let name = plan.fullName(prefix: prefix)
            guard let partitions = counts[name] else {
                let settings = plan.configuration.map { "--config \($0.name)=\($0.value)" }.joined(separator: " ")
                differences.append(
                    TopicDifference(
                        topic: name, property: "existence", expected: "there", actual: "missing",
                        mend: "kafka-topics.sh --bootstrap-server \(bootstrap) --create --topic \(name) --partitions \(plan.partitions) \(settings)"))
                continue
            }
            if partitions != plan.partitions {
                differences.append(
                    TopicDifference(
                        topic: name, property: "partitions", expected: String(plan.partitions), actual: String(partitions),
                        mend: "the count is part of each entity's order and cannot change: use another GIGAWATCH_TOPIC_PREFIX and copy the log there"))
            }
            let actual = try configuration(of: name)
            for (property, expected) in plan.configuration {
                guard let value = actual[property], value != expected else { continue }
                differences.append(
                    TopicDifference(
                        topic: name, property: property, expected: expected, actual: value,
                        mend: "kafka-configs.sh --bootstrap-server \(bootstrap) --alter --entity-type topics --entity-name \(name) "
                            + "--add-config \(property)=\(expected)"))
            }
        }
        return differences
    }

    /// Kafka's configuration of a topic.
    public func configuration(of topic: String) throws(KafkaError) -> [String: String] {
        var resources = [rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic)]
        defer { rd_kafka_ConfigResource_destroy_array(&resources, resources.count) }
        var configuration: [String: String] = [:]
        try request(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, "describe topic \(topic)") { client, options, queue in
            rd_kafka_DescribeConfigs(client, &resources, resources.count, options, queue)
        } answer: { (event: OpaquePointer) throws(KafkaError) in
            var count = 0
            let results = rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &count)
            for index in 0..<count {
                guard let resource = results?[index] else { continue }
                let code = rd_kafka_ConfigResource_error(resource)
                if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(code, "describe topic \(topic)") }
                var entryCount = 0
                let entries = rd_kafka_ConfigResource_configs(resource, &entryCount)
                for entry in 0..<entryCount {
                    guard let entry = entries?[entry], let value = rd_kafka_ConfigEntry_value(entry) else { continue }
                    configuration[text(rd_kafka_ConfigEntry_name(entry))] = text(value)
                }
            }
        }
        return configuration
    }

    /// Deletes a topic and all it holds. Not an error when it does not exist.
    public func deleteTopic(_ topic: String) throws(KafkaError) {
        var topics = [rd_kafka_DeleteTopic_new(topic)]
        defer { rd_kafka_DeleteTopic_destroy_array(&topics, topics.count) }
        try request(RD_KAFKA_ADMIN_OP_DELETETOPICS, "delete topic \(topic)") { client, options, queue in
            rd_kafka_DeleteTopics(client, &topics, topics.count, options, queue)
        } answer: { (event: OpaquePointer) throws(KafkaError) in
            var count = 0
            let results = rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count)
            for index in 0..<count {
                guard let result = results?[index] else { continue }
                let code = rd_kafka_topic_result_error(result)
                if code != RD_KAFKA_RESP_ERR_NO_ERROR && code != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART {
                    throw KafkaError(code, "delete topic \(topic)", result.message)
                }
            }
        }
    }

    /// Deletes all records before the given offset of each partition.
    public func deleteRecords(before offsets: [TopicPartition: Int64]) throws(KafkaError) {
        guard !offsets.isEmpty else { return }
        var deletions = withList(offsets.map { ($0.key, $0.value) }) { [rd_kafka_DeleteRecords_new($0)] }
        defer { rd_kafka_DeleteRecords_destroy_array(&deletions, deletions.count) }
        try request(RD_KAFKA_ADMIN_OP_DELETERECORDS, "delete records of \(offsets.count) partitions") { client, options, queue in
            rd_kafka_DeleteRecords(client, &deletions, deletions.count, options, queue)
        } answer: { (event: OpaquePointer) throws(KafkaError) in
            let list = rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event))
            for entry in entries(of: UnsafeMutablePointer(mutating: list)) where entry.err != RD_KAFKA_RESP_ERR_NO_ERROR {
                throw KafkaError(entry.err, "delete records of \(text(entry.topic))/\(entry.partition)")
            }
        }
    }

    /// Sends an admin request, waits for its event on a queue of its own and hands it to `answer`.
    private func request(
        _ kind: rd_kafka_admin_op_t, _ operation: String, send: (OpaquePointer, OpaquePointer?, OpaquePointer?) -> Void,
        answer: (OpaquePointer) throws(KafkaError) -> Void
    ) throws(KafkaError) {
        let client = try open(operation)
        let queue = rd_kafka_queue_new(client)
        defer { rd_kafka_queue_destroy(queue) }
        let options = rd_kafka_AdminOptions_new(client, kind)
        defer { rd_kafka_AdminOptions_destroy(options) }
        var reason = [CChar](repeating: 0, count: 128)
        rd_kafka_AdminOptions_set_request_timeout(options, timeLimit, &reason, reason.count)
        rd_kafka_AdminOptions_set_operation_timeout(options, timeLimit, &reason, reason.count)
        send(client, options, queue)
        guard let event = rd_kafka_queue_poll(queue, timeLimit &+ 1000) else { throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT, operation) }
        defer { rd_kafka_event_destroy(event) }
        let code = rd_kafka_event_error(event)
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(code, operation, text(rd_kafka_event_error_string(event))) }
        try answer(event)
    }
}

extension OpaquePointer {
    /// The broker's own sentence about a topic's result, when it gave one.
    fileprivate var message: String? { rd_kafka_topic_result_error_string(self).map { text($0) } }
}
