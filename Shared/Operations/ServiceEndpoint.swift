// The three questions that every service answers on its own port: /livez (the process runs), /readyz (it can do its work now, with the reasons
// when it cannot) and /metrics (Prometheus' text). A service with an HTTP face of its own asks `respond` first; one without calls `serve`.

public import HTTP
internal import Models

/// Answers for one process.
public struct ServiceEndpoint: Sendable {
    public let health: Health
    public let metrics: Metrics

    public init(health: Health, metrics: Metrics) { (self.health, self.metrics) = (health, metrics) }

    /// Answers the exchange if it asks one of the three; else false, and the exchange is untouched.
    public func respond(to exchange: HTTPExchange) -> Bool {
        switch exchange.path {
        case "/livez": reply(exchange) { .text("ok\n") }
        case "/readyz": reply(exchange) { readiness() }
        case "/metrics": reply(exchange) { .text(metrics.text(), contentType: "text/plain; version=0.0.4; charset=utf-8") }
        default: return false
        }
        return true
    }

    private func reply(_ exchange: HTTPExchange, _ make: () -> HTTPResponse) {
        guard exchange.method == "GET" || exchange.method == "HEAD" else {
            var response = HTTPResponse.problem(status: 405, code: "request.method", detail: "\(exchange.path) is read with GET.")
            response.headers.append(("Allow", "GET, HEAD"))
            exchange.respond(response)
            return
        }
        exchange.respond(make())
    }

    private func readiness() -> HTTPResponse {
        let statuses = health.statuses
        var writer = JSONWriter()
        let isReady = statuses.allSatisfy { $0.status == .ready }
        writer.object { body in
            body.member("ready", isReady)
            body.key("checks")
            body.array { list in
                for (name, status) in statuses {
                    list.object { check in
                        check.member("name", name)
                        switch status {
                        case .ready: check.member("ready", true)
                        case .notReady(let reason):
                            check.member("ready", false)
                            check.member("reason", reason)
                        }
                    }
                }
            }
        }
        return .json(writer.bytes, status: isReady ? 200 : 503)
    }

    /// Serves the three on an address of its own.
    public func serve(on listen: ListenAddress) throws(HTTPServerError) -> HTTPServer {
        try HTTPServer(configuration: HTTPServerConfiguration(listen: listen, connectionLimit: 64, bodyLimitBytes: 1024)) { exchange in
            if !respond(to: exchange) {
                exchange.respond(.problem(status: 404, code: "request.path", detail: "This service answers /livez, /readyz and /metrics."))
            }
        }
    }
}
