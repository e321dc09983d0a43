// The real executable on a real broker: what is answered is what is in the log, and what cannot be taken is said.

import Crypto
import Glibc
import HTTPClient
import JSON
import Models
import Synchronization
import TestServers
import Testing

private func reading(_ id: String, site: String = "abilene", power: String = "5") -> String {
    #"{"specversion":"1.0","id":"\#(id)","source":"/test","type":"site.telemetry.v1","subject":"\#(site)","time":"2026-07-19T12:00:00Z","data":{"power_kw":\#(power)}}"#
}

@Suite(.serialized) struct IngestionTests {
    @Test func `what is answered 202 is in the log byte for byte, under its subject, at the coordinates told`() throws {
        let ingestion = try RunningIngestion()
        let single = "  \n" + reading("one").replacing(",", with: " ,\t") + "\n"
        let elements = [reading("two", power: "1.50"), reading("drei \\u00e4\\\"", site: "memphis"), reading("three", power: "[]"), reading("four, ]}", site: "größe")]
        let fact = #"{"specversion":"1.0","id":"f","source":"/test","type":"site.status.changed.v1","subject":"abilene","time":"2026-07-19T12:00:00Z","unknown":"kept","data":{"status":"announced","more":[1,{"a":1e2}]}}"#
        let first = try ingestion.post(single)
        #expect(first.status == 202)
        let batch = try ingestion.post(" [ " + (elements + [fact]).joined(separator: "\n , ") + " ] ", type: "application/cloudevents-batch+json")
        #expect(batch.status == 207)
        let binary = try ingestion.post(
            #"{ "power_kw" : 7.00 }"#, type: "application/json",
            headers: [
                ("ce-specversion", "1.0"), ("ce-id", "five%20"), ("ce-source", "/test"), ("ce-type", "site.telemetry.v1"), ("ce-subject", "abilene"),
                ("ce-time", "2026-07-19T12:00:00Z"),
            ])
        #expect(binary.status == 202, "\(binary.text)")
        let readings = try ingestion.records(.telemetry)
        let expected = [
            single, elements[0], elements[1], elements[3],
            #"{"specversion":"1.0","id":"five ","source":"/test","type":"site.telemetry.v1","subject":"abilene","time":"2026-07-19T12:00:00Z","data":{ "power_kw" : 7.00 }}"#,
        ]
        // Binary mode's attributes come in the order in which the client sent its headers.
        #expect(Set(readings.map(\.value)) == Set(expected))
        #expect(readings.count == 5)
        #expect(Set(readings.map { $0.key ?? "-" }) == ["abilene", "memphis", "größe"])
        let facts = try ingestion.records(.events)
        #expect(facts.map(\.value) == [fact])
        #expect((readings + facts).allSatisfy { $0.headers["content-type"] == "application/cloudevents+json" && $0.headers["acceptedby"] == "local" })
        try JSONParser().withParsed(batch.body) { root in
            #expect(root["rejected"]?.elements.map { $0["code"]?.string ?? "-" } == ["data.field.type"])
            #expect(root["rejected"]?.elements.map { $0["index"]?.integer ?? -1 } == [2])
            let told = (root["accepted"].map { Array($0.elements) } ?? []).map { item in
                "\(item["topic"]?.string ?? "-") \(item["partition"]?.integer ?? -1) \(item["offset"]?.integer ?? -1)"
            }
            let stored = readings.map { (value: $0.value, place: "\(ingestion.prefix).telemetry \($0.partition) \($0.recordOffset)") }
            #expect(told.count == 4)
            for (value, place) in zip([elements[0], elements[1], elements[3]], told) { #expect(stored.contains { $0.value == value && $0.place == place }) }
        }
        #expect(try ingestion.process.terminate() == 0)
    }

    @Test func `each broken request has its answer, and the service goes on`() throws {
        let ingestion = try RunningIngestion(environment: [
            "GIGAWATCH_INGESTION_BODY_LIMIT_BYTES": "4096", "GIGAWATCH_INGESTION_BATCH_LIMIT": "3", "GIGAWATCH_INGESTION_EVENT_LIMIT_BYTES": "1024",
        ])
        let good = reading("x")
        let batch = "application/cloudevents-batch+json"
        let cases: [(name: String, body: [UInt8], type: String?, status: Int, code: String)] = [
            ("not JSON", Array("{bad".utf8), "application/cloudevents+json", 400, "json.malformed"),
            ("no body", [], "application/cloudevents+json", 400, "body.empty"),
            ("broken UTF-8", Array(good.utf8).map { $0 == UInt8(ascii: "b") ? 0xFF : $0 }, "application/cloudevents+json", 400, "json.encoding"),
            ("NUL", Array(reading("a", power: #"5,"note":"a\u0000b""#).utf8), "application/cloudevents+json", 422, "data.field.nul"),
            ("wrong type", Array(reading("a", power: #""5""#).utf8), "application/cloudevents+json", 422, "data.field.type"),
            ("unknown type", Array(good.replacing("site.telemetry", with: "site.telemetrie").utf8), "application/cloudevents+json", 422, "type.unknown"),
            ("an array as one event", Array("[\(good)]".utf8), "application/cloudevents+json", 422, "envelope.not_object"),
            ("empty batch", Array(" [ ] ".utf8), batch, 422, "batch.empty"),
            ("no batch", Array(good.utf8), batch, 400, "batch.not_array"),
            ("broken batch", Array("[\(good),{]".utf8), batch, 400, "json.malformed"),
            ("batch too long", Array("[\(Array(repeating: good, count: 4).joined(separator: ","))]".utf8), batch, 413, "batch.too_large"),
            ("event too large", Array(reading("a", power: #"5,"note":"\#(String(repeating: "x", count: 1024))""#).utf8), "application/cloudevents+json", 413, "record.too_large"),
            ("body too large", [UInt8](repeating: 32, count: 5000), batch, 413, "body.too_large"),
            ("too deep", Array(("[" + String(repeating: "[", count: 100) + String(repeating: "]", count: 100) + "]").utf8), batch, 400, "json.depth"),
            ("number too large", Array(reading("a", power: "1e999").utf8), "application/cloudevents+json", 400, "json.number"),
            ("no content type", Array(good.utf8), "", 415, "content_type.unsupported"),
            ("plain JSON", Array(good.utf8), "application/json", 415, "content_type.unsupported"),
        ]
        for item in cases {
            let reply = try ingestion.post(item.body, type: item.type)
            #expect(reply.status == item.status, "\(item.name): \(reply.status) \(reply.text)")
            #expect(reply.header("content-type") == "application/problem+json", "\(item.name)")
            #expect(try JSONParser().withParsed(reply.body) { $0["code"]?.string } == item.code, "\(item.name): \(reply.text)")
        }
        #expect(try ingestion.post(Array(good.utf8), path: "/v1/else").status == 404)
        #expect(try ingestion.get("/v1/events").status == 405)
        #expect(try ingestion.post(Array(good.utf8), headers: [("Content-Encoding", "br")]).status == 415)
        #expect(try ingestion.post(good).status == 202)
        #expect(try ingestion.records(.telemetry).count == 1)
        #expect(try ingestion.get("/metrics").text.contains(#"gigawatch_ingestion_rejected_total{code="data.field.nul"} 1"#))
        #expect(try ingestion.process.terminate() == 0)
    }

    @Test func `tokens say who may send what, and name the sender in the log`() throws {
        let folder = try TestFolder("tokens")
        func line(_ name: String, _ scopes: String) -> String { "\(name) \(Hexadecimal.encode(SHA256.digest("\(name)-secret".utf8))) \(scopes)\n" }
        let path = try folder.write("tokens", line("gateway", "events:write subjects=abilene") + line("reader", "read") + line("rules", "rules:write"))
        let ingestion = try RunningIngestion(environment: ["GIGAWATCH_TOKENS": path])
        func status(_ token: String?, _ body: String = reading("a")) throws -> Int {
            try ingestion.post(body, headers: token.map { [("Authorization", "Bearer \($0)")] } ?? []).status
        }
        #expect(try status(nil) == 401)
        #expect(try status("nobody") == 401)
        #expect(try status("reader-secret") == 403)
        #expect(try status("rules-secret") == 403)
        #expect(try status("gateway-secret") == 202)
        #expect(try status("gateway-secret", reading("b", site: "memphis")) == 403)
        #expect(try ingestion.records(.telemetry).map { $0.headers["acceptedby"] ?? "-" } == ["gateway"])
        _ = try folder.write("tokens", line("reader", "events:write"))
        ingestion.process.signal(SIGHUP)
        #expect(TestProcess.poll(seconds: 10) { (try? status("reader-secret")) == 202 })
        #expect(try status("gateway-secret") == 401)
        #expect(try ingestion.process.terminate() == 0)
    }

    @Test func `without tokens it does not listen beyond this machine`() throws {
        let ingestion = try RunningIngestion(environment: ["GIGAWATCH_INGESTION_LISTEN": "0.0.0.0:0"], waits: false)
        #expect(ingestion.process.wait(seconds: 20) == 1)
        #expect(ingestion.process.log.contains("GIGAWATCH_TOKENS"))
    }

    @Test func `without a broker it lives, is not ready, and says 503 at once`() throws {
        let ingestion = try RunningIngestion(environment: ["GIGAWATCH_KAFKA": "127.0.0.1:1"], waits: false)
        #expect(TestProcess.poll(seconds: 20) { (try? ingestion.get("/livez").status) == 200 })
        #expect(try ingestion.get("/readyz").status == 503)
        let began = ContinuousClock.now
        let reply = try ingestion.post(reading("a"))
        #expect(reply.status == 503 && reply.header("retry-after") != nil && reply.text.contains("broker.unavailable"))
        #expect(ContinuousClock.now - began < .seconds(1))
        #expect(try ingestion.process.terminate() == 0)
    }

    @Test func `SIGTERM under load loses nothing that was answered, and stores nothing unasked`() throws {
        let ingestion = try RunningIngestion()
        let accepted = Mutex<[String]>([])
        let sent = Mutex(0)
        let url = ingestion.url
        let senders = (0..<4).map { sender in
            Sender {
                let client = HTTPClient()
                for round in 0..<100_000 {
                    let ids = (0..<20).map { "s\(sender)-\(round)-\($0)" }
                    let body = "[" + ids.map { reading($0, site: "site-\(round % 50)") }.joined(separator: ",") + "]"
                    guard let reply = try? client.send(
                        HTTPRequest(method: "POST", url: url + "/v1/events", headers: [("Content-Type", "application/cloudevents-batch+json")], body: Array(body.utf8)))
                    else { return }
                    sent.withLock { $0 += ids.count }
                    guard reply.status == 202 else { return }
                    accepted.withLock { $0 += ids }
                }
            }
        }
        #expect(TestProcess.poll(seconds: 30) { accepted.withLock { $0.count } > 2000 })
        #expect(try ingestion.process.terminate() == 0)
        for sender in senders { sender.join() }
        let stored = try ingestion.records(.telemetry).map { record in (try? JSONParser().withParsed(record.value) { $0["id"]?.string }) ?? "-" }
        #expect(Set(stored).count == stored.count, "nothing is stored twice")
        #expect(Set(accepted.withLock { $0 }).isSubset(of: Set(stored)), "everything answered 202 is stored")
        #expect(ingestion.process.log.contains("\"events_not_delivered\":0"))
    }
}

/// A thread that is joined.
private final class Sender: @unchecked Sendable {   // `handle` is written in init and read by join
    private var handle = pthread_t()

    private final class Body { let run: @Sendable () -> Void; init(_ run: @escaping @Sendable () -> Void) { self.run = run } }

    init(_ body: @escaping @Sendable () -> Void) {
        pthread_create(&handle, nil, { context in
            if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
            return nil
        }, Unmanaged.passRetained(Body(body)).toOpaque())
    }

    func join() { pthread_join(handle, nil) }
}
