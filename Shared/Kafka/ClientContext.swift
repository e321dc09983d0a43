// What librdkafka's callbacks may touch: one context object per client, retained from before `rd_kafka_new` until after `rd_kafka_destroy`
// has returned. The callbacks only note what happened; the owner thread reads the notes when its own call returns.
// Log lines come on librdkafka's threads; the rest comes inside the owner's poll. Read next: Consumer.swift.
internal import CKafka
internal import Models
internal import Synchronization

/// A rebalance that librdkafka told us of and that waits for the owner's answer.
struct RebalanceNotice: Sendable {
    var assigned: Bool
    var partitions: [TopicPartition]
    /// Read before any answer: `rd_kafka_assign` resets it.
    var lost: Bool
}

final class ClientContext: Sendable {
    struct Notes {
        var rebalances: [RebalanceNotice] = []
        var errors: [KafkaError] = []
        var allBrokersDown = false
        var mirrorFailures = 0
    }

    let log: (@Sendable (KafkaLogLine) -> Void)?
    let notes = Mutex(Notes())

    init(log: (@Sendable (KafkaLogLine) -> Void)?) { self.log = log }

    /// Retains the context for librdkafka and hands it to `conf`. Balance with `released(_:)` after the client's destroy has returned.
    func retained(by conf: OpaquePointer) -> UnsafeMutableRawPointer {
        let pointer = Unmanaged.passRetained(self).toOpaque()
        rd_kafka_conf_set_opaque(conf, pointer)
        rd_kafka_conf_set_error_cb(conf, noteError)
        if log != nil { rd_kafka_conf_set_log_cb(conf, noteLog) }
        return pointer
    }

    static func released(_ pointer: UnsafeMutableRawPointer) { Unmanaged<ClientContext>.fromOpaque(pointer).release() }

    static func from(_ opaque: UnsafeMutableRawPointer?) -> ClientContext? {
        opaque.map { Unmanaged<ClientContext>.fromOpaque($0).takeUnretainedValue() }
    }
}

private func noteLog(_ client: OpaquePointer?, _ level: Int32, _ facility: UnsafePointer<CChar>?, _ line: UnsafePointer<CChar>?) {
    guard let client, let context = ClientContext.from(rd_kafka_opaque(client)) else { return }
    context.log?(KafkaLogLine(level: Int(level), facility: text(facility), text: text(line)))
}

private func noteError(_ client: OpaquePointer?, _ code: Int32, _ reason: UnsafePointer<CChar>?, _ opaque: UnsafeMutableRawPointer?) {
    guard let context = ClientContext.from(opaque) else { return }
    let error = KafkaError(rd_kafka_resp_err_t(rawValue: code), "talk to Kafka", text(reason))
    context.notes.withLock {
        if code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN.rawValue { $0.allBrokersDown = true }
        // Bounded: an outage repeats the same sentence for hours.
        if $0.errors.count < 16 { $0.errors.append(error) }
    }
}

/// Told inside the owner's `rd_kafka_consumer_poll`; the answer follows when the poll has returned.
func noteRebalance(
    _ client: OpaquePointer?, _ code: rd_kafka_resp_err_t, _ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?,
    _ opaque: UnsafeMutableRawPointer?
) {
    guard let client, let context = ClientContext.from(opaque) else { return }
    let notice = RebalanceNotice(
        assigned: code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS, partitions: partitions(of: list),
        lost: rd_kafka_assignment_lost(client) != 0)
    context.notes.withLock { $0.rebalances.append(notice) }
}

/// The mirror commit is advisory: its failure is counted and never fatal (a failed commit in a rebalance must not kill the consumer).
func noteMirror(
    _ client: OpaquePointer?, _ code: rd_kafka_resp_err_t, _ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?,
    _ opaque: UnsafeMutableRawPointer?
) {
    guard code != RD_KAFKA_RESP_ERR_NO_ERROR, code != RD_KAFKA_RESP_ERR__NO_OFFSET, let context = ClientContext.from(opaque) else { return }
    context.notes.withLock { $0.mirrorFailures += 1 }
}
