// Writes records straight to Kafka, as somebody else's program would: any bytes, any headers, no check.

public import Kafka
internal import Glibc

public final class TestWriter {
    private let producer: Producer

    public init(onDelivery: @escaping @Sendable (Delivery) -> Void = { _ in }) throws {
        producer = try Producer(TestKafka.configuration, properties: ["linger.ms": "5"], onDelivery: onDelivery)
    }

    /// Hands one record over, waiting while the producer's queue is full.
    public func write(topic: String, key: String?, value: [UInt8]?, headers: [(name: String, value: String)] = [("content-type", "application/cloudevents+json")]) throws {
        let template = RecordHeaders(headers.map { (name: $0.name, value: Array($0.value.utf8)) })
        while true {
            do {
                try Array((key ?? "").utf8).withUnsafeBytes { keyBytes in
                    if let value {
                        try value.withUnsafeBytes { try producer.produce(topic: topic, key: key == nil ? nil : keyBytes, value: $0, headers: template, token: 0) }
                    } else {
                        try producer.produce(topic: topic, key: key == nil ? nil : keyBytes, value: nil, headers: template, token: 0)
                    }
                }
                return
            } catch let error as KafkaError where error.isQueueFull {
                usleep(5000)
            }
        }
    }

    /// Delivers all and answers how many records were not.
    @discardableResult
    public func close(seconds: Double = 60) -> Int { producer.close(deadline: seconds) }
}
