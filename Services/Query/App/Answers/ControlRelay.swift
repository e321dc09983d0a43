// Hands an acknowledgement or a silence on to ingestion with the caller's own token: query itself writes nothing, and authentication,
// validation and audit stay at the one door in. One thread sends, so a slow ingestion delays no reader.

import HTTP
import HTTPClient
import JSON
import Models
import Synchronization

final class ControlRelay: Sendable {
    private struct Work: Sendable {
        let exchange: HTTPExchange
        let headers: [(name: String, value: String)]
        let body: [UInt8]
    }

    private let url: String
    private let queue = WorkQueue<Work>(limit: 256)
    private let thread = Mutex<WorkerThread?>(nil)

    init(ingestionURL: String) {
        url = (ingestionURL.hasSuffix("/") ? String(ingestionURL.dropLast()) : ingestionURL) + "/v1/events"
    }

    func start() { thread.withLock { $0 = WorkerThread { [self] in send() } } }

    func stop() {
        queue.close()
        thread.withLock { $0 }?.join()
    }

    /// - Parameter types: the event types that this path takes; another is refused here, so that the path says what it does.
    func forward(_ exchange: HTTPExchange, types: [String]) {
        let kind = exchange.header("Content-Type") ?? ""
        guard kind.hasPrefix("application/cloudevents+json") else {
            exchange.respond(.problem(status: 415, code: "content_type.unsupported", detail: "Send one event as application/cloudevents+json."))
            return
        }
        var type: String?
        do {
            try JSONParser().withParsed(exchange.body) { type = $0["type"]?.string }
        } catch {
            exchange.respond(.problem(status: 400, code: "json.malformed", detail: "The body is no JSON: \(error)."))
            return
        }
        guard let type, types.contains(type) else {
            exchange.respond(
                .problem(
                    status: 422, code: "type.not_here",
                    detail: "This path takes events of type \(types.joined(separator: " or ")), found '\(type ?? "none")'."))
            return
        }
        var headers: [(name: String, value: String)] = [("Content-Type", kind)]
        if let token = exchange.header("Authorization") { headers.append(("Authorization", token)) }
        if let trace = exchange.header("traceparent") { headers.append(("traceparent", trace)) }
        if !queue.push(Work(exchange: exchange, headers: headers, body: exchange.body)) { exchange.respond(ModelAnswers.busy()) }
    }

    private func send() {
        let client = HTTPClient()
        while true {
            guard let work = queue.pop(within: .seconds(1)) else {
                if queue.isClosed { return }
                continue
            }
            do {
                let reply = try client.send(HTTPRequest(method: "POST", url: url, headers: work.headers, body: work.body, totalTimeoutSeconds: 20))
                var headers: [(name: String, value: String)] = [("Content-Type", reply.header("Content-Type") ?? "application/json")]
                for name in ["Retry-After", "WWW-Authenticate"] { if let value = reply.header(name) { headers.append((name, value)) } }
                work.exchange.respond(HTTPResponse(status: reply.status, headers: headers, body: reply.body))
            } catch {
                work.exchange.respond(
                    .problem(
                        status: 503, code: "ingestion.unavailable",
                        detail: "Ingestion did not answer: \(error). The event may or may not be in; send it again, a repeat is applied once.",
                        retryAfter: 1))
            }
        }
    }
}
