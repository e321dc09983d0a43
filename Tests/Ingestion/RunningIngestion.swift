// Our executable on topics of its own, and what is in them afterwards.

import Glibc
import HTTPClient
import Kafka
import Models
import TestServers
import Testing

final class RunningIngestion {
    let prefix: String
    let port: Int
    let process: TestProcess
    private let client = HTTPClient()

    init(partitions: Int32 = 3, environment: [String: String] = [:], waits: Bool = true) throws {
        prefix = try TestKafka.prefix(topics: [.events, .telemetry, .control], partitions: partitions)
        port = try TestSocket.freePort()
        var variables = [
            "GIGAWATCH_KAFKA": try TestKafka.bootstrap, "GIGAWATCH_TOPIC_PREFIX": prefix, "GIGAWATCH_INGESTION_LISTEN": "127.0.0.1:\(port)",
            "GIGAWATCH_PARTITIONS": String(partitions),
        ]
        variables.merge(environment) { _, given in given }
        process = try TestProcess("ingestion", [], environment: variables)
        if waits { try process.waitUntilReady(port: port) }
    }

    var url: String { "http://127.0.0.1:\(port)" }

    func post(
        _ body: [UInt8], type: String? = "application/cloudevents+json", headers: [(name: String, value: String)] = [], path: String = "/v1/events",
        method: String = "POST"
    ) throws -> HTTPReply {
        try client.send(HTTPRequest(method: method, url: url + path, headers: (type.map { [("Content-Type", $0)] } ?? []) + headers, body: body))
    }

    func post(_ text: String, type: String = "application/cloudevents+json", headers: [(name: String, value: String)] = []) throws -> HTTPReply {
        try post(Array(text.utf8), type: type, headers: headers)
    }

    func get(_ path: String) throws -> HTTPReply { try client.send(HTTPRequest(url: url + path)) }

    /// Every record of a topic, by partition and offset.
    func records(_ topic: TopicName) throws -> [Record] { try Record.all(of: topic.fullName(prefix: prefix)) }
}

/// A record, copied.
struct Record {
    let partition: Int32
    let recordOffset: Int64
    let key: String?
    let value: String
    let headers: [String: String]

    static func all(of topic: String) throws -> [Record] {
        let consumer = try Consumer(TestKafka.configuration, group: nil)
        defer { _ = consumer.close(deadline: 5) }
        let count = try #require(try consumer.partitionCounts(of: [topic], milliseconds: 10_000)[topic])
        let places = (0..<count).map { TopicPartition(topic: topic, partition: $0) }
        try consumer.assign(places.map { (place: $0, nextOffset: Int64(0)) })
        var found: [Record] = []
        let batch = RecordBatch(capacity: 1000)
        for place in places {
            let end = try consumer.watermarks(of: place).high
            guard let queue = consumer.queue(of: place) else { continue }
            var next: Int64 = 0
            for _ in 0..<3000 where next < end {
                if queue.read(into: batch, upTo: 1000) == 0 { _ = consumer.poll(milliseconds: 5) }
                for index in 0..<batch.count {
                    let record = batch[index]
                    guard record.isRecord else { continue }
                    var headers: [String: String] = [:]
                    record.forEachHeader { name, value in headers[name.text] = value?.text ?? "" }
                    found.append(
                        Record(
                            partition: record.partition, recordOffset: record.recordOffset, key: record.key?.text, value: record.value?.text ?? "",
                            headers: headers))
                    next = record.recordOffset + 1
                }
                batch.recycle()
            }
            #expect(next == end, "\(topic) \(place.partition) was read to its end")
        }
        return found
    }
}
