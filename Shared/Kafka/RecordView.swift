// One record as librdkafka holds it: views into its memory, nothing copied. Null key, null value (a tombstone), headers without a value and
// invalid UTF-8 are data here, never traps. Valid until the RecordBatch it came from is recycled. Read next: RecordBatch.swift.
internal import CKafka
public import Models

/// A view of one record, or of an error that stands in its place (`error`): look at that first.
public struct RecordView {
    let message: UnsafeMutablePointer<rd_kafka_message_t>

    /// Not nil when this is no record but what librdkafka says about the partition: its end (`isPartitionEnd`), a position out of range, …
    public var error: KafkaError? {
        let code = message.pointee.err
        if code == RD_KAFKA_RESP_ERR_NO_ERROR { return nil }
        // On an error the payload is its text.
        let reason = message.pointee.payload.map { String(decoding: UnsafeRawBufferPointer(start: $0, count: message.pointee.len), as: UTF8.self) }
        return KafkaError(code, "read \(topic)/\(partition)", reason)
    }
    /// True for a record, false for an error. Costs nothing, unlike `error`.
    public var isRecord: Bool { message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR }

    /// Makes a String: not for each record of a hot loop, where the partition is known anyhow.
    public var topic: String { message.pointee.rkt.map { text(rd_kafka_topic_name($0)) } ?? "" }
    public var partition: Int32 { message.pointee.partition }
    /// The record's offset in its partition.
    public var recordOffset: Int64 { message.pointee.offset }
    public var coordinates: RecordCoordinates { RecordCoordinates(topic: topic, partition: partition, recordOffset: recordOffset) }

    /// When the broker accepted the record (LogAppendTime), in whole milliseconds. 1970 when the log holds no timestamp.
    public var timestamp: Instant {
        Instant(milliseconds: max(0, rd_kafka_message_timestamp(message, nil)))
    }
    /// Whether `timestamp` was set by the broker; false for topics that take the sender's word.
    public var isTimestampOfBroker: Bool {
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        _ = rd_kafka_message_timestamp(message, &kind)
        return kind == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME
    }

    public var key: UnsafeRawBufferPointer? {
        isRecord ? message.pointee.key.map { UnsafeRawBufferPointer(start: $0, count: message.pointee.key_len) } : nil
    }
    /// Nil is a tombstone.
    public var value: UnsafeRawBufferPointer? {
        isRecord ? message.pointee.payload.map { UnsafeRawBufferPointer(start: $0, count: message.pointee.len) } : nil
    }

    /// Value of the last header of that name. Nil when there is none, or it has no value.
    public func header(_ name: StaticString) -> UnsafeRawBufferPointer? {
        var headers: OpaquePointer?
        guard rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR, let headers else { return nil }
        var value: UnsafeRawPointer?
        var count = 0
        let found = name.withUTF8Buffer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { rd_kafka_header_get_last(headers, $0.baseAddress, &value, &count) }
        }
        guard found == RD_KAFKA_RESP_ERR_NO_ERROR, let value else { return nil }
        return UnsafeRawBufferPointer(start: value, count: count)
    }

    /// Every header in its order; a value may be nil, a name may repeat or be empty.
    public func forEachHeader(_ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?) -> Void) {
        var headers: OpaquePointer?
        guard rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR, let headers else { return }
        var index = 0
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var count = 0
        while rd_kafka_header_get_all(headers, index, &name, &value, &count) == RD_KAFKA_RESP_ERR_NO_ERROR {
            var length = 0
            if let name { while name[length] != 0 { length += 1 } }
            body(UnsafeRawBufferPointer(start: name, count: length), value.map { UnsafeRawBufferPointer(start: $0, count: count) })
            index += 1
        }
    }
    public var hasHeaders: Bool {
        var headers: OpaquePointer?
        return rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR && headers != nil
    }
}
