// Every row of the flow is real: other people's programs send, read and receive. `cloudevents` (PyPI) posts in both modes, kcat reads the
// topics, psql reads the views, a receiver that verifies with `standardwebhooks` (PyPI) gets the alert.
import Foundation
import HTTPClient
import Models
import TestServers
import Testing

@Suite(.serialized) struct `The flow` {
    @Test func `events of PyPI's cloudevents in structured and binary mode are in ops events, in the topic and in the figures`() throws {
        let system = try RunningSystem(partitions: 4)
        try system.start(["ingestion", "projection", "query"])

        let peer = try Peer.run("post_cloudevents.py", system.url("ingestion") + "/v1/events", "peer-site")
        #expect(peer.status == 0 && peer.output.components(separatedBy: "\n").filter { $0.hasPrefix("202 ") }.count == 2, "\(peer.output)")

        #expect(try system.wait("SELECT count(*) FROM ops.events WHERE source = '/peers/python-cloudevents'", toBe: "2") == "2")
        #expect(try system.value("SELECT string_agg(id, ' ' ORDER BY id) FROM ops.events") == "binary-1 structured-1")

        let kcat = try Peer.command("kcat", "-b", try TestKafka.bootstrap, "-C", "-t", "\(system.prefix).events", "-o", "beginning", "-e", "-q", "-f", "%k|%h\\n")
        #expect(kcat.output.components(separatedBy: "\n").filter { $0.hasPrefix("peer-site|") }.count == 2, "\(kcat.output)")
        #expect(kcat.output.contains("content-type="), "\(kcat.output)")

        let psql = try Peer.command("psql", system.database.conninfo, "-Atc", "SELECT facility_power_mw FROM ops.sites WHERE site = 'peer-site'")
        // Both levels are of the same instant: the later known wins, then source, then id.
        #expect(["120.5", "130.25"].contains(psql.output.trimmingCharacters(in: .whitespacesAndNewlines)), "\(psql.output)")

        let answer = try system.get("/v1/sites/peer-site")
        #expect(answer.status == 200 && answer.text.contains("peer-site"), "\(answer.text)")
        let shown = try system.gigawatch("sites", "--json")
        #expect(shown.status == 0 && shown.output.contains("peer-site"), "\(shown.output)")
        let audit = try system.gigawatch("audit")
        #expect(audit.status == 0, "\(audit.output)")
        try system.stop()
    }

    @Test func `a load above its contract fires, is delivered signed after failed attempts under one id, and resolves`() throws {
        let system = try RunningSystem(partitions: 4)
        let folder = try TestFolder("webhook")
        let port = try TestSocket.freePort()
        let secret = "whsec_" + Data("a secret that the test and the receiver share".utf8).base64EncodedString()
        let out = folder.file("received.jsonl")
        let receiver = try Peer.start("webhook_receiver.py", "\(port)", secret, out, "2")
        try receiver.waitForLog("listening")
        try system.start()

        let rules = folder.file("rules.yaml")
        try """
            rules:
              - id: load-above-contract
                on: site.telemetry.v1
                value: power_kw / 1000
                of: contracts.site_limit_mw
                by: [subject]
                levels:
                  - { name: critical, above: 1.0, until: 0.97 }
                annotations: { summary: "{{subject}} draws {{value}} of its limit" }
                owner: tests
                mode: enabled
                route: tests
            routes:
              - { name: tests, receivers: [hook], group_by: [rule], group_wait: 0s, group_interval: 1s, repeat_interval: 4h }
            receivers:
              - { name: hook, webhook: { url: "http://127.0.0.1:\(port)/", secret: "\(secret)", allow_private_address: true } }
            """.write(toFile: rules, atomically: true, encoding: .utf8)
        let applied = try system.gigawatch("rules", "apply", rules)
        #expect(applied.status == 0, "\(applied.output)")

        let contract = Events.event(
            "power.contract.changed.v1", id: "c1", subject: "c1",
            data: #"{"status":"energized","buyer":"tester","site":"loaded","power_mw":100,"role":"grid_service","firm":true}"#)
        #expect(try system.post(contract).status == 202)
        // The limit must have become a metric before the readings are compared with it.
        #expect(try system.wait("SELECT count(*) FROM gigawatch.metric_current WHERE metric = 'contracts.site_limit_mw' AND value = 100", toBe: "1") == "1")
        // And the metric must be on its topic before the readings are on theirs: what a cut holds is evaluated in the order of the log.
        #expect(try system.wait("SELECT count(*) FROM gigawatch.outbox WHERE published_at IS NULL", toBe: "0") == "0")
        let now = Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        for (index, kilowatts) in [90_000.0, 104_000, 105_000, 98_000, 90_000].enumerated() {
            let reply = try system.post(Events.reading("loaded", kilowatts: kilowatts, id: "r\(index)", at: now.adding(Double(index - 10))))
            #expect(reply.status == 202, "\(reply.text)")
        }
        #expect(try system.wait("SELECT string_agg(to_state, ' ' ORDER BY event_at, record_offset) FROM ops.alert_transitions WHERE rule = 'load-above-contract'", toBe: "firing resolved")
            == "firing resolved")

        struct Received: Decodable { let status: Int; let id: String; let body: Body; struct Body: Decodable { let status: String; let alerts: [Alert] }; struct Alert: Decodable { let status: String; let labels: [String: String] } }
        var received: [Received] = []
        TestProcess.poll(seconds: 60, every: 100) {
            let lines = ((try? String(contentsOfFile: out, encoding: .utf8)) ?? "").split(separator: "\n")
            received = lines.compactMap { try? JSONDecoder().decode(Received.self, from: Data($0.utf8)) }
            return received.contains { $0.status == 204 && $0.body.alerts.contains { $0.status == "resolved" } }
        }
        #expect(received.allSatisfy { $0.status != 401 }, "the signature is one that standardwebhooks accepts: \(receiver.log)")
        #expect(received.count >= 3, "two failed attempts and what followed: \(received)")
        #expect(Set(received.prefix(3).map(\.id)).count == 1, "repeats carry the same webhook-id: \(received.map(\.id))")
        #expect(received.contains { $0.status == 204 && $0.body.alerts.contains { $0.status == "resolved" } }, "the end of it arrived: \(received)")

        let kcat = try Peer.command("kcat", "-b", try TestKafka.bootstrap, "-C", "-t", "\(system.prefix).alerts", "-o", "beginning", "-e", "-q", "-f", "%s\\n")
        #expect(kcat.output.contains("load-above-contract"), "\(kcat.output)")
        let alerts = try system.gigawatch("alerts", "--json")
        #expect(alerts.status == 0 && alerts.output.contains("load-above-contract"), "\(alerts.output)")
        try system.stop()
    }
}
