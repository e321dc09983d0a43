// From a fact to a numbered figure on the topic `metrics`, with its cause; and nothing twice.

import JSON
import Kafka
import Models
import Postgres
import Streaming
import Testing
import TestServers

@Suite(.serialized) struct DeriverTests {
    /// The messages on the topic `metrics` of one metric, in the order of their numbers.
    private func messages(_ log: TestLog, _ metric: String) throws -> [MetricMessage] {
        let consumer = try Consumer(try TestKafka.configuration, group: nil)
        defer { consumer.close(deadline: 5) }
        let ends = try log.ends([.metrics])
        try consumer.assign(ends.keys.map { (place: $0, nextOffset: 0) })
        let batch = RecordBatch(capacity: 1000)
        var found: [MetricMessage] = []
        var read: Int64 = 0
        let parser = JSONParser()
        _ = try TestProcess.poll(seconds: 20, every: 5) {
            _ = consumer.poll(milliseconds: 20)
            for place in ends.keys {
                guard let queue = consumer.queue(of: place) else { continue }
                batch.recycle()
                _ = queue.read(into: batch, upTo: 1000)
                for index in 0..<batch.count where batch[index].isRecord {
                    read += 1
                    guard let value = batch[index].value else { continue }
                    let message = MetricMessage(try parser.parse(value))
                    if let message, message.metric == metric { found.append(message) }
                }
            }
            return read >= ends.values.reduce(0, +)
        }
        batch.recycle()
        return found.sorted { $0.sequence < $1.sequence }
    }

    private func waitForMetric(_ scene: ProjectionScene, _ metric: String, _ value: String) throws -> Bool {
        try TestProcess.poll(seconds: 30, every: 50) {
            try scene.rows("SELECT value FROM gigawatch.metric_current WHERE metric = '\(metric)' AND entity = 'colossus'") == [[value]]
                && scene.rows("SELECT count(*) FROM gigawatch.outbox WHERE published_at IS NULL") == [["0"]]
                && scene.rows("SELECT count(*) FROM gigawatch.dirty_entity") == [["0"]]
        }
    }

    @Test func `a changed level is published once, numbered, with the fact that caused it`() throws {
        let log = try TestLog()
        let scene = try ProjectionScene(log)
        let at = TestEvents.now().adding(-86_400)
        let level = TestEvents.fact("e-1", "site.capacity.reported.v1", "colossus", at: at, data: #"{"facility_power_mw":150}"#)
        try log.send([level])
        let process = try scene.start()
        #expect(try waitForMetric(scene, "sites.facility_power_mw", "150"), "\(process.log.suffix(2000))")
        try log.send([level, TestEvents.fact("e-2", "site.capacity.reported.v1", "colossus", at: at.adding(60), data: #"{"facility_power_mw":250}"#)])
        #expect(try waitForMetric(scene, "sites.facility_power_mw", "250"))
        try log.send([TestEvents.fact("e-3", "fact.withdrawn.v1", "colossus", at: at, data: #"{"source":"//test/desk","event":"e-2"}"#)])
        #expect(try waitForMetric(scene, "sites.facility_power_mw", "150"))
        _ = try process.terminate()
        let said = try messages(log, "sites.facility_power_mw").filter { $0.entity == "colossus" }
        #expect(said.map(\.sequence) == [1, 2, 3])
        #expect(said.map(\.value) == [150, 250, 150])
        #expect(said.map(\.previous) == [nil, 150, 250])
        let causes = said.map { message in
            if case .fact(_, let id, _) = message.cause { id } else { "\(message.cause)" }
        }
        #expect(causes == ["e-1", "e-2", "e-3"])
        #expect(try scene.rows("SELECT count(*) FROM gigawatch.metric_history WHERE metric = 'sites.facility_power_mw' AND entity = 'colossus'") == [["3"]])
    }

    @Test func `a plan is derived again when its day comes`() throws {
        let log = try TestLog()
        let scene = try ProjectionScene(log)
        let process = try scene.start()
        try log.send([
            TestEvents.fact(
                "p-1", "site.capacity.reported.v1", "colossus", at: TestEvents.now().adding(4), more: #","assertion":"projected""#,
                data: #"{"facility_power_mw":99}"#)
        ])
        #expect(try waitForMetric(scene, "sites.facility_power_mw", "99"), "\(process.log.suffix(2000))")
        _ = try process.terminate()
        let said = try messages(log, "sites.facility_power_mw").last
        if case .passing = said?.cause {} else { Issue.record("the cause is not the passing of time: \(String(describing: said))") }
    }
}
