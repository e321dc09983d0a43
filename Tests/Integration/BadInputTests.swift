// What strangers send: each piece of nonsense gets a clear answer at the door, or, written straight to Kafka, a row that says why; no service
// stops, and what comes after is applied.
import HTTPClient
import Models
import TestServers
import Testing

@Suite(.serialized) struct `Bad input` {
    @Test func `at the door: a status, a code, and the service goes on`() throws {
        let system = try RunningSystem(partitions: 2)
        try system.start(["ingestion"])
        let good = Events.capacity("site-a", megawatts: 10, id: "good")

        func expectAnswer(_ status: Int, _ text: String, body: String, contentType: String = "application/cloudevents+json", _ what: String) throws {
            let reply = try system.post(body, contentType: contentType)
            #expect(reply.status == status && reply.text.contains(text), "\(what): \(reply.status) \(reply.text)")
        }
        try expectAnswer(400, "json.malformed", body: #"{"specversion":"#, "half a document")
        try expectAnswer(422, "data.field.type", body: Events.event("site.capacity.reported.v1", id: "x", subject: "s", data: #"{"facility_power_mw":"many"}"#), "a wrong type")
        try expectAnswer(422, "nul", body: Events.event("site.status.changed.v1", id: "x", subject: "s", data: #"{"status":"announced","name":"a\u0000b"}"#), "NUL")
        try expectAnswer(422, "type.unknown", body: Events.event("site.flew.away.v1", id: "x", subject: "s", data: "{}"), "an unknown type")
        try expectAnswer(422, "batch.empty", body: "[]", contentType: "application/cloudevents-batch+json", "an empty batch")
        try expectAnswer(415, "content_type", body: good, contentType: "text/plain", "a wrong content type")
        try expectAnswer(422, "envelope", body: #"{"specversion":"1.0"}"#, "no attributes")
        let large = Events.event("site.status.changed.v1", id: "x", subject: "s", data: #"{"status":"announced","name":""# + String(repeating: "x", count: 20_000_000) + "\"}")
        #expect(try system.post(large).status == 413)
        // Not UTF-8: the bytes go out as they are.
        let broken = Array(good.utf8.prefix(40)) + [0xC3, 0x28] + Array(good.utf8.dropFirst(40))
        let reply = try HTTPClient().send(HTTPRequest(method: "POST", url: system.url("ingestion") + "/v1/events", headers: [("content-type", "application/cloudevents+json")], body: broken))
        #expect(reply.status == 400 && reply.text.contains("json."), "\(reply.status) \(reply.text)")
        // One bad event does not take its batch.
        let mixed = try system.post("[\(good),{}]", contentType: "application/cloudevents-batch+json")
        #expect(mixed.status == 207 && mixed.text.contains(#""index":1"#), "\(mixed.status) \(mixed.text)")
        #expect(try system.process("ingestion").isRunning)
        #expect(try system.process("ingestion").terminate() == 0)
    }

    @Test func `straight to Kafka: quarantine or unapplied with its reason, and the good ones are applied`() throws {
        let system = try RunningSystem(partitions: 2)
        try system.start(["projection"])
        let topic = "\(system.prefix).events"
        let writer = try TestWriter()
        func write(_ value: [UInt8]?, key: String = "site-a", headers: [(name: String, value: String)] = [("content-type", "application/cloudevents+json")]) throws {
            try writer.write(topic: topic, key: key, value: value, headers: headers)
        }
        try write(Array("{not json".utf8))
        try write(Array(Events.event("site.capacity.reported.v1", id: "wrong-type", subject: "site-a", data: #"{"facility_power_mw":"many"}"#).utf8))
        try write(Array(Events.event("site.status.changed.v1", id: "nul", subject: "site-a", data: #"{"status":"announced","name":"a\u0000b"}"#).utf8))
        try write(Array(Events.event("site.flew.away.v1", id: "unknown", subject: "site-a", data: "{}").utf8))
        try write([0xFF, 0xFE, 0x7B])
        try write(nil)
        try write(Array(#"{"facility_power_mw":77}"#.utf8), headers: [
            ("ce_specversion", "1.0"), ("ce_id", "binary"), ("ce_source", "/tests/other-writer"), ("ce_type", "site.capacity.reported.v1"),
            ("ce_subject", "site-a"), ("ce_time", "2026-03-02T00:00:00Z"), ("content-type", "application/json"),
        ])
        try write(Array(Events.capacity("site-a", megawatts: 55, id: "good").utf8))
        #expect(writer.close() == 0)

        #expect(try system.wait("SELECT count(*) FROM gigawatch.fact", toBe: "2") == "2")
        #expect(try system.wait("SELECT count(*) FROM ops.quarantine", toBe: "6") == "6")
        let kinds = try system.value("SELECT string_agg(kind || ':' || code, ' ' ORDER BY record_offset) FROM ops.quarantine") ?? ""
        #expect(kinds.contains("unapplied:type.unknown") && kinds.contains("quarantined:record.tombstone") && kinds.contains("quarantined:json.") && kinds.contains("data.field.type"), "\(kinds)")
        #expect(try system.value("SELECT count(*) FROM ops.quarantine WHERE code IS NULL OR coalesce(reason, '') = ''") == "0", "each row has its reason")
        #expect(try system.value("SELECT facility_power_mw FROM ops.sites WHERE site = 'site-a'") == "77")
        #expect(try system.value("SELECT bool_and(read = applied + duplicate + quarantined + unapplied + ignored) FROM gigawatch.stream_position") == "t")
        #expect(try system.process("projection").isRunning)
        let audit = try system.gigawatch("audit")
        #expect(audit.status == 0, "\(audit.output)")
        try system.stop()
    }
}
