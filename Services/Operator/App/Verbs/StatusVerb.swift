// `gigawatch status`: is everything running, and how far behind is each consumer. Asks each service's /readyz and looks at positions and the log.

import Glibc
import HTTPClient
import JSON
import Models
import Operations
import OperatorCore
import QueryCore

enum StatusVerb {
    static let verb = Verb(
        command: Command(
            "status", "Is everything running, and how far behind the log is each consumer",
            details: "Exit code 1 when a service is not ready or a partition is halted.",
            examples: [.init("gigawatch status", "services and lag")])
    ) { session, _ in
        let colours = session.terminal.hasColours
        var services = TextTable(headings: [.init("service"), .init("state"), .init("address"), .init("reason")])
        var isFine = true
        let client = HTTPClient()
        for (name, key) in [
            ("ingestion", Keys.ingestionListen), ("projection", Keys.projectionListen), ("alerting", Keys.alertingListen),
            ("query", Keys.queryListen),
        ] {
            let listen = try session.configuration(key)
            var address = listen.hasPrefix("http") ? listen : "http://" + (listen.hasPrefix(":") ? "127.0.0.1" + listen : listen)
            if name == "ingestion", let url = try session.configuration.optional(Keys.ingestionURL), getenv("GIGAWATCH_INGESTION_URL") != nil {
                address = url
            }
            if name == "query", let url = try session.configuration.optional(Keys.queryURL), getenv("GIGAWATCH_QUERY_URL") != nil { address = url }
            var state = "ready"
            var reason = ""
            do {
                let reply = try client.send(HTTPRequest(url: address + "/readyz", connectTimeoutSeconds: 2, totalTimeoutSeconds: 5))
                if reply.status != 200 {
                    state = "not ready"
                    _ = try? JSONParser().withParsed(reply.body) { view in
                        for check in view["checks"].map({ Array($0.elements) }) ?? [] where check["ready"]?.boolean == false {
                            reason += (reason.isEmpty ? "" : "; ") + "\(check["name"]?.string ?? ""): \(check["reason"]?.string ?? "")"
                        }
                    }
                }
            } catch {
                state = "failed"
                reason = "\(error)"
            }
            if state != "ready" { isFine = false }
            services.rows.append([name, state, address, reason])
        }
        if !session.wantsJSON { session.out(services.text(width: session.terminal.width, colours: colours) + "\n") }
        var rows: [AuditVerb.Row] = []
        do {
            rows = try AuditVerb.positions(try AuditVerb.connect(session))
            AuditVerb.addWatermarks(session, &rows)
        } catch {
            session.note("\(error)")
            isFine = false
        }
        if session.wantsJSON {
            var writer = JSONWriter()
            writer.object { writer in
                writer.key("services")
                writer.object { writer in for row in services.rows { writer.member(row[0], row[1]) } }
                writer.key("lag")
                writer.object { writer in for row in rows { writer.member("\(row.consumer):\(row.topic)/\(row.partition)", row.lag) } }
            }
            session.out(writer.text + "\n")
            return isFine ? .done : .failed
        }
        var table = TextTable(headings: [
            .init("consumer"), .init("topic"), .init("partitions", alignsRight: true), .init("waiting (records)", alignsRight: true), .init("state"),
        ])
        var keys: [String] = []
        var groups: [String: [AuditVerb.Row]] = [:]
        for row in rows {
            let key = "\(row.consumer) \(row.topic)"
            if groups[key] == nil { keys.append(key) }
            groups[key, default: []].append(row)
        }
        for key in keys {
            guard let group = groups[key], let first = group.first else { continue }
            let halted = group.contains { $0.halted != nil }
            if halted { isFine = false }
            let lag = group.compactMap(\.lag)
            table.rows.append([
                first.consumer, first.topic, String(group.count), lag.isEmpty ? "–" : NumberText.grouped(lag.reduce(0, +)), halted ? "halted" : "ok",
            ])
        }
        if !table.rows.isEmpty { session.out(table.text(width: session.terminal.width, colours: colours)) }
        return isFine ? .done : .failed
    }
}
