// The API over a real database: the same figures as the view, clear answers to wrong questions, pages that hold while rows arrive.

import Foundation
import HTTPClient
import JSON
import Models
import QueryCore
import Testing

@testable import Query

@Suite(.serialized) struct AnswerTests {
    @Test func `the API shows what the function says, with totals, clocks and positions`() throws {
        let server = try QueryServer()
        try server.addSite("alpha", power: 120.5)
        try server.addSite("beta", power: 40)
        try server.addSite("gamma", power: nil)
        try server.setPosition(7)
        try server.json("/v1/sites?as_of=2025-12-31") { answer in
            #expect(answer["as_of"]?.string == "2025-12-31")
            #expect(answer["as_known"]?.string != nil)
            #expect(answer["positions"]?["gigawatch.events/0"]?.integer == 7)
            #expect(answer["items"]?.elements.map { $0["site"]?.string } == ["alpha", "beta", "gamma"])
            #expect(answer["totals"]?["facility_power_mw"]?.double == 160.5)
            #expect(answer["totals"]?["unknown_facility_power_mw"]?.integer == 1)
            #expect(answer["next"]?.isNull == true)
            let inView = try server.connection.double("SELECT sum(facility_power_mw) FROM gigawatch.sites('2025-12-31T23:59:59Z', NULL, NULL)")
            #expect(answer["totals"]?["facility_power_mw"]?.double == inView)
        }
        // Unknown is null, never 0.
        try server.json("/v1/sites/gamma") { #expect($0["facility_power_mw"]?.isNull == true && $0["site"]?.string == "gamma") }
    }

    @Test func `as known on a day before we were told, the figure is the old one`() throws {
        let server = try QueryServer()
        try server.addSite("alpha", power: 100)
        try server.addFact(
            "site.capacity.reported", "alpha", "2025-01-01T00:00:00Z", "2025-06-01T00:00:00Z", columns: "facility_power_mw", values: "150")
        for (known, power) in [("2025-03-01", 100.0), ("2025-06-01", 150.0)] {
            try server.json("/v1/sites/alpha?as_known=\(known)") { #expect($0["facility_power_mw"]?.double == power, "as known on \(known)") }
        }
        #expect(try server.get("/v1/sites/alpha?as_of=2024-12-31").status == 404)
    }

    @Test func `each read model answers, with exactly the columns that it declares`() throws {
        let server = try QueryServer()
        try server.addSite("alpha", power: 100)
        for model in ReadModels.all {
            let names = model.columns.map { "r.\"\($0.name)\"" }.joined(separator: ", ")
            let statement = model.statement(for: try ModelRequest(model, pathValues: ["id": "alpha"], parameters: []))
            _ = try server.connection.query(statement.sql, statement.parameters.map { .text(orNull: $0) })
            let bare = model.source.replacingOccurrences(of: "{as_of}", with: "NULL::timestamptz").replacingOccurrences(
                of: "{as_known}", with: "NULL::timestamptz"
            )
            .replacingOccurrences(of: "{as_recorded}", with: "NULL::timestamptz").replacingOccurrences(of: "{from}", with: "NULL::timestamptz")
            .replacingOccurrences(of: "{to}", with: "NULL::timestamptz").replacingOccurrences(of: "{id}", with: "'alpha'::text")
            let declared = try server.connection.query("SELECT \(names) FROM \(bare) AS r LIMIT 0").columns
            let real = try server.connection.query("SELECT r.* FROM \(bare) AS r LIMIT 0").columns
            #expect(Set(declared) == Set(real), "\(model.name): \(Set(real).symmetricDifference(declared).sorted())")
            for filter in model.filters {
                let value =
                    switch filter.kind {
                    case .anyOf: "x"
                    case .oneOf(let choices): choices[0]
                    case .number, .integer: "1"
                    case .boolean: "true"
                    case .instant: "2025-01-01"
                    }
                let path = model.path.replacingOccurrences(of: "{id}", with: "alpha")
                let status = try server.get("\(path)?\(filter.name)=\(value)").status
                #expect(status == 200 || (model.shape == .item && status == 404), "\(path)?\(filter.name)")
            }
        }
    }

    @Test func `a page continues where the last one ended, also when rows arrive in between`() throws {
        let server = try QueryServer()
        for number in 0..<7 { try server.addSite("site-\(number)", power: Double(10 * (number / 2))) }
        var seen: [String] = []
        var cursor: String?
        repeat {
            cursor = try server.json("/v1/sites?limit=2" + (cursor.map { "&cursor=\($0)" } ?? "")) { answer in
                seen += answer["items"]?.elements.compactMap { $0["site"]?.string } ?? []
                return answer["next"]?.string
            }
            if seen.count == 2 { try server.addSite("late", power: 1_000) }  // stands before the cursor, so it is not in this walk
        } while cursor != nil && seen.count < 50
        #expect(seen == ["site-6", "site-4", "site-5", "site-2", "site-3", "site-0", "site-1"])
    }

    @Test func `wrong parameters are 400 with their name, never 500`() throws {
        let server = try QueryServer()
        var generator = SeededGenerator(state: 20_261_124)
        var paths = [
            "/v1/sites?limit=0", "/v1/sites?as_of=nope", "/v1/sites?cursor=AAAA", "/v1/sites?nothing=1", "/v1/sites?at_least=x",
            "/v1/audit?as_of=2025-01-01",
        ]
        let bits = [
            "as_of=", "as_known=", "limit=", "cursor=", "format=", "min_power_mw=", "country=", "%00", "%ff", "2025-01-01", "'", "\"", "-1", "1e400",
            "infinity", "NaN", "%F0%9F", "&", "🜂", "true",
        ]
        for _ in 0..<150 {
            let model = ReadModels.all[Int(generator.next() % UInt64(ReadModels.all.count))]
            let query = (0..<Int(generator.next() % 6)).map { _ in bits[Int(generator.next() % UInt64(bits.count))] }.joined()
            paths.append(
                model.path.replacingOccurrences(of: "{id}", with: "x") + "?"
                    + (query.addingPercentEncoding(withAllowedCharacters: .urlQueryAllowed) ?? ""))
        }
        for path in paths {
            let reply = try server.get(path)
            #expect([200, 400, 404].contains(reply.status), "\(path): \(reply.status) \(reply.text)")
            if reply.status == 400 { #expect(reply.header("Content-Type") == "application/problem+json", "\(path)") }
        }
        #expect(try server.get("/v1/sites?limit=0").text.contains("\"parameter\":\"limit\""))
        #expect(try server.get("/v1/nowhere").status == 404)
    }

    @Test func `CSV has units in its header and the same figures`() throws {
        let server = try QueryServer()
        try server.addSite("alpha", power: 120.5)
        let reply = try server.get("/v1/sites?format=csv")
        #expect(reply.header("Content-Type")?.hasPrefix("text/csv") == true)
        let lines = reply.text.split(separator: "\r\n").map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        #expect(lines.count == 2)
        let power = try #require(lines[0].firstIndex(of: "facility_power_mw (MW)"))
        let money = try #require(lines[0].firstIndex(of: "capital_cost_usd (USD)"))
        #expect(lines[1][power] == "120.5" && lines[1][money] == "1500000000.25")
    }

    @Test func `a writer reads what it wrote, and is told when that takes too long`() throws {
        let server = try QueryServer(["GIGAWATCH_QUERY_AT_LEAST_SECONDS": "0.3"])
        try server.setPosition(5)
        #expect(try server.get("/v1/sites?at_least=gigawatch.events/0/4").status == 200)
        #expect(try server.get("/v1/sites?at_least=events/0/4").status == 200)
        let late = try server.get("/v1/sites?at_least=gigawatch.events/0/5")
        #expect(late.status == 503 && late.header("Retry-After") == "1" && late.text.contains("position.not_reached"))
    }

    @Test func `a question that takes too long is given up with 503`() throws {
        let server = try QueryServer(["GIGAWATCH_QUERY_STATEMENT_SECONDS": "0.05"])
        try server.connection.run(
            """
            INSERT INTO gigawatch.metric_current (metric, entity, value, sequence, as_of) VALUES ('m', 'e', 1, 1, now());
            ALTER TABLE gigawatch.metric_current RENAME TO metric_slow;
            CREATE VIEW gigawatch.metric_current AS SELECT m.* FROM gigawatch.metric_slow m, pg_sleep(5)
            """)
        let reply = try server.get("/v1/metrics")
        #expect(reply.status == 503 && reply.text.contains("query.timed_out"), "\(reply.status) \(reply.text)")
    }
}

@Suite(.serialized) struct DashboardAndStreamTests {
    @Test(arguments: [
        ("/", "text/html"), ("/dashboard.css", "text/css"), ("/dashboard.js", "text/javascript"), ("/chart.js", "text/javascript"),
        ("/icon.svg", "image/svg+xml"),
    ])
    func `the dashboard's files come from here, with a policy that allows nothing else`(path: String, type: String) throws {
        let reply = try QueryServer().get(path)
        #expect(reply.status == 200 && reply.header("Content-Type")?.hasPrefix(type) == true)
        let policy = reply.header("Content-Security-Policy") ?? ""
        #expect(policy.hasPrefix("default-src 'none'") && !policy.contains("unsafe-inline") && !policy.contains("http"))
        #expect(reply.header("X-Content-Type-Options") == "nosniff")
    }

    @Test func `the page has no inline code and names no other host`() {
        #expect(!DashboardPage.text.contains("<script>") && !DashboardPage.text.contains("style=") && !DashboardPage.text.contains("onclick"))
        for text in [DashboardPage.text, DashboardStyle.text] { #expect(!text.contains("https://")) }
        #expect(
            !DashboardScript.text.contains("innerHTML") && !DashboardScript.text.contains("insertAdjacentHTML")
                && !DashboardScript.text.contains("eval("))
    }

    @Test func `a listener hears a transition that is stored after it came, and one it missed`() throws {
        let server = try QueryServer()
        func store(_ id: String) throws {
            try server.connection.run(
                """
                INSERT INTO gigawatch.alert_transition (id, rule, rule_version, fingerprint, labels, annotations, from_state, to_state, level, value, threshold, event_at,
                  accepted_at, topic, partition, record_offset, kind, cut, shard, sequence, delivered, message)
                VALUES ('\(id)', 'r', 1, 'f', '{}', '{}', 'pending', 'firing', 'warning', 1.1, 1, now(), now(), 't', 0, 0, 'record', 1, 0, 1, true, '{}')
                """)
        }
        try store("before")
        try server.setPosition(3)
        var text = ""
        var isStored = false
        let client = HTTPClient()
        _ = try? client.stream(HTTPRequest(url: server.url + "/v1/stream?last_event_id=0", totalTimeoutSeconds: 20)) { bytes in
            text += String(decoding: bytes, as: UTF8.self)
            if !isStored, text.contains("event: positions") {
                isStored = true
                do { try store("after") } catch {
                    Issue.record("\(error)")
                    return false
                }
            }
            return !text.contains("\"id\":\"after\"")
        }
        #expect(text.contains("\"id\":\"before\"") && text.contains("\"id\":\"after\"") && text.contains("event: alert\nid: "))
        #expect(text.contains("projection:gigawatch.events/0"))
        #expect(try server.get("/v1/stream?topics=gossip").status == 400)
    }

    @Test func `an acknowledgement without an ingestion is 503, another type is refused here`() throws {
        let server = try QueryServer(["GIGAWATCH_INGESTION_URL": "http://127.0.0.1:9"])
        let client = HTTPClient()
        func post(_ type: String) throws -> HTTPReply {
            try client.send(
                HTTPRequest(
                    method: "POST", url: server.url + "/v1/acknowledge", headers: [("Content-Type", "application/cloudevents+json")],
                    body: Array("{\"type\":\"\(type)\"}".utf8)))
        }
        #expect(try post("alert.acknowledged.v1").status == 503)
        #expect(try post("site.status.changed.v1").status == 422)
        #expect(try server.get("/v1/acknowledge").status == 405)
    }

    @Test func `the service is ready with the schema, and says what is missing without`() throws {
        let server = try QueryServer()
        for _ in 0..<50 {
            if try server.get("/readyz").status == 200 { break }
            usleep(50_000)
        }
        #expect(try server.get("/readyz").status == 200)
        #expect(try server.get("/livez").status == 200)
        #expect(try server.get("/metrics").text.contains("gigawatch_query_requests_total"))
    }
}

/// SplitMix64, so that a failure can be had again.
struct SeededGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
