// Headers to produce with: built once, copied by librdkafka's own allocator for each record, so that a record costs no Swift allocation.
internal import CKafka
internal import Models

/// A list of record headers to send. Immutable, so any thread may use it.
public final class RecordHeaders: @unchecked Sendable {  // the pointer is never written after init; rd_kafka_headers_copy only reads
    let pointer: OpaquePointer?

    /// - Parameter headers: in their order; a name may repeat, a value may be null.
    public init(_ headers: [(name: String, value: [UInt8]?)]) {
        pointer = rd_kafka_headers_new(headers.count)
        guard let pointer else { return }
        for (name, value) in headers {
            guard let value else {
                rd_kafka_header_add(pointer, name, -1, nil, 0)
                continue
            }
            // An empty value is not a null one: librdkafka tells them apart by the pointer.
            value.withUnsafeBytes { bytes in
                var empty: UInt8 = 0
                withUnsafeBytes(of: &empty) { fallback in
                    _ = rd_kafka_header_add(pointer, name, -1, bytes.baseAddress ?? fallback.baseAddress, bytes.count)
                }
            }
        }
    }

    public convenience init(_ headers: [(name: String, value: String)]) {
        self.init(headers.map { (name: $0.name, value: Optional(Array($0.value.utf8))) })
    }

    deinit { if let pointer { rd_kafka_headers_destroy(pointer) } }
}
