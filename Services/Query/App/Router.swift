// From a path to an answer: the three health questions, the dashboard's files, the stream, the two relayed posts, and the read models in the
// order of their register. Runs on the server's threads and never blocks. Read next: Answers/ModelAnswers.swift.

import HTTP
import Operations
import QueryCore

struct Router: Sendable {
    let endpoint: ServiceEndpoint
    let answers: ModelAnswers
    let hub: StreamHub
    let relay: ControlRelay
    let assets: DashboardFiles
    let metrics: QueryMetrics

    func handle(_ exchange: HTTPExchange) {
        if endpoint.respond(to: exchange) { return }
        let started = ContinuousClock.now
        let path = exchange.path
        if exchange.method == "POST" {
            metrics.requests("relay").add()
            return post(exchange, path)
        }
        guard exchange.method == "GET" || exchange.method == "HEAD" else { return refuseMethod(exchange, allowed: "GET, HEAD") }
        if path == "/v1/stream" {
            metrics.requests("stream").add()
            return hub.join(exchange)
        }
        if let (model, values) = ReadModels.route(path) {
            metrics.requests(model.name).add()
            let latency = metrics.latency
            exchange.whenCompleted { _ in latency.observe((ContinuousClock.now - started).inSeconds) }
            return answers.answer(exchange, model, values)
        }
        if path == "/v1" || path == "/v1/" {
            exchange.respond(index())
            return
        }
        if let file = assets.response(path) {
            exchange.respond(file)
            return
        }
        if path == "/v1/acknowledge" || path == "/v1/silence" { return refuseMethod(exchange, allowed: "POST") }
        let hint = Nearest.match(path, among: ReadModels.all.map(\.path)).map { " Did you mean \($0)?" } ?? ""
        exchange.respond(.problem(status: 404, code: "path.unknown", detail: "Nothing is at this path.\(hint) GET /v1 lists what is here."))
    }

    private func post(_ exchange: HTTPExchange, _ path: String) {
        switch path {
        case "/v1/acknowledge": relay.forward(exchange, types: ["alert.acknowledged.v1", "alert.unacknowledged.v1"])
        case "/v1/silence": relay.forward(exchange, types: ["silence.created.v1", "silence.ended.v1"])
        default: refuseMethod(exchange, allowed: "GET, HEAD")
        }
    }

    private func refuseMethod(_ exchange: HTTPExchange, allowed: String) {
        var response = HTTPResponse.problem(status: 405, code: "method.not_allowed", detail: "This path answers \(allowed).")
        response.headers.append(("Allow", allowed))
        exchange.respond(response)
    }

    /// What is here, for somebody with curl.
    private func index() -> HTTPResponse {
        var writer = JSONText()
        writer.begin()
        for model in ReadModels.all { writer.member(model.path, model.meaning) }
        writer.member("/v1/stream", "Server-sent events: alerts and positions as they change.")
        return .json(writer.end())
    }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
