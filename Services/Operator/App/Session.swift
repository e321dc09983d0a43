// What every verb shares: where the services are, how to ask them, and how to speak to the terminal. One thread; made once per run. Nothing is
// opened before it is needed, so that `--help` and a usage error cost no connection.

import Glibc
import HTTPClient
import JSON
import Models
import Operations
import OperatorCore
import QueryCore

/// Not Sendable: one run, one thread.
final class Session {
    let configuration = Configuration()
    let terminal = Terminal()
    var arguments = Arguments()
    private lazy var client = HTTPClient()

    var wantsJSON: Bool { arguments.has("json") }
    var wantsCSV: Bool { arguments.has("csv") }

    func out(_ text: String) { Terminal.write(Array(text.utf8), to: 1) }

    func out(_ bytes: [UInt8]) { Terminal.write(bytes, to: 1) }

    /// One line on standard error.
    func complain(_ text: String) {
        Terminal.write(Array((CellStyle.bad.apply("gigawatch:", colours: terminal.errorHasColours) + " \(text)\n").utf8), to: 2)
    }

    func note(_ text: String) {
        Terminal.write(Array((CellStyle.dim.apply(text, colours: terminal.errorHasColours) + "\n").utf8), to: 2)
    }

    // MARK: asking

    func queryURL() throws -> String { try base(Keys.queryURL) }
    func ingestionURL() throws -> String { try base(Keys.ingestionURL) }

    private func base(_ key: ConfigurationKey<String>) throws -> String {
        let text = try arguments.value("url") ?? configuration(key)
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    /// GET on the query service. A problem answered is thrown with its detail; 404 means nothing found, 400 a usage error.
    func ask(_ path: String, _ parameters: [(String, String)] = []) throws -> HTTPReply {
        let url = try queryURL()
        let query = parameters.map { "\($0.0)=\(Self.escaped($0.1))" }.joined(separator: "&")
        let request = HTTPRequest(
            url: url + path + (query.isEmpty ? "" : "?" + query), headers: try headers(), totalTimeoutSeconds: 60, responseLimitBytes: 512 << 20)
        let reply: HTTPReply
        do {
            reply = try client.send(request)
        } catch {
            throw Failure(
                "the query service at \(url) does not answer (\(error)). Start it with `make up`, or set GIGAWATCH_QUERY_URL (`source .local/env`).")
        }
        guard reply.status == 200 else { throw failure(reply, from: "the query service") }
        return reply
    }

    /// Follows a stream of the query service; `receive` answers false to leave.
    func follow(_ path: String, receive: @escaping (UnsafeRawBufferPointer) -> Bool) throws {
        let request = HTTPRequest(
            url: try queryURL() + path, headers: try headers() + [("Accept", "text/event-stream")], totalTimeoutSeconds: 0,
            responseLimitBytes: Int.max)
        let reply = try client.stream(request, receive: receive)
        if reply.status != 200 { throw failure(reply, from: "the query service") }
    }

    /// POST to ingestion; the reply is the caller's to judge.
    func post(_ body: [UInt8], contentType: String) throws(HTTPClientError) -> HTTPReply {
        let url: String
        let all: [(name: String, value: String)]
        do {
            url = try ingestionURL()
            all = try headers() + [("Content-Type", contentType)]
        } catch {
            throw HTTPClientError(kind: .network, message: "\(error)")
        }
        return try client.send(HTTPRequest(method: "POST", url: url + "/v1/events", headers: all, body: body, totalTimeoutSeconds: 60))
    }

    func headers() throws -> [(name: String, value: String)] {
        guard let token = try configuration.optional(Keys.token) else { return [] }
        return [("Authorization", "Bearer \(token)")]
    }

    func failure(_ reply: HTTPReply, from who: String) -> Failure {
        var detail = reply.text.prefix(300).description
        _ = try? JSONParser().withParsed(reply.body) { view in detail = view["detail"]?.string ?? detail }
        switch reply.status {
        case 400: return Failure(detail, code: .usage)
        case 401, 403: return Failure("\(who) refused the token: \(detail) Set GIGAWATCH_TOKEN.")
        case 404: return Failure(detail, code: .nothingFound)
        default: return Failure("\(who) answered \(reply.status): \(detail)")
        }
    }

    static func escaped(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return result
    }

    static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }
}
