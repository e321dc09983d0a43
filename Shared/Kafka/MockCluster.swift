// librdkafka's own pretended cluster, for tests of broker errors that a real one does not give on demand. It keeps 5 MB a partition and
// forgets: for fault tests only.
internal import CKafka
internal import Models

/// A cluster inside this process. Destroy it explicitly, after its clients.
public final class MockCluster: @unchecked Sendable {  // librdkafka locks it; the pointers are set once and cleared by `destroy`
    private var client: OpaquePointer?
    private var cluster: OpaquePointer?
    public let bootstrap: String

    /// Nil when librdkafka cannot start one.
    public init?(brokers: Int) {
        guard let conf = rd_kafka_conf_new() else { return nil }
        var reason = [CChar](repeating: 0, count: 256)
        guard let client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, &reason, reason.count) else {
            rd_kafka_conf_destroy(conf)
            return nil
        }
        guard let cluster = rd_kafka_mock_cluster_new(client, Int32(clamping: brokers)) else {
            rd_kafka_destroy(client)
            return nil
        }
        self.client = client
        self.cluster = cluster
        bootstrap = text(rd_kafka_mock_cluster_bootstraps(cluster))
    }

    public func createTopic(_ name: String, partitions: Int) {
        if let cluster { rd_kafka_mock_topic_create(cluster, name, Int32(clamping: partitions), 1) }
    }

    /// The next produce requests fail: so many with NOT_LEADER_FOR_PARTITION, then so many with REQUEST_TIMED_OUT.
    public func failProduce(notLeader: Int, timedOut: Int) {
        guard let cluster else { return }
        let errors = Array(repeating: RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, count: notLeader)
            + Array(repeating: RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, count: timedOut)
        errors.withUnsafeBufferPointer { rd_kafka_mock_push_request_errors_array(cluster, 0, $0.count, $0.baseAddress) }
    }

    /// Takes the only broker away or brings it back.
    public func setBrokerUp(_ isUp: Bool) {
        guard let cluster else { return }
        if isUp { rd_kafka_mock_broker_set_up(cluster, 1) } else { rd_kafka_mock_broker_set_down(cluster, 1) }
    }

    public func destroy() {
        if let cluster { rd_kafka_mock_cluster_destroy(cluster) }
        if let client { rd_kafka_destroy(client) }
        cluster = nil
        client = nil
    }
}
