// The server against our own client and, where a client must misbehave, a bare socket.

import Glibc
import HTTP
import HTTPClient
import Synchronization
import Testing

@Suite struct HTTPServerTests {
    private func server(
        bodyLimit: Int = 1024, idle: Int = 5, plan: (@Sendable (HTTPExchange) -> HTTPBodyPlan)? = nil,
        _ handler: @escaping @Sendable (HTTPExchange) -> Void
    ) throws -> HTTPServer {
        try HTTPServer(
            configuration: HTTPServerConfiguration(
                listen: ListenAddress(host: "127.0.0.1", port: 0), threads: 2, idleTimeoutSeconds: idle, bodyLimitBytes: bodyLimit, planBody: plan),
            handler: handler)
    }

    private func url(_ server: HTTPServer, _ path: String = "/") -> String { "http://127.0.0.1:\(server.port)\(path)" }

    @Test func `method, path, query, headers and body arrive as they were sent`() throws {
        let server = try server { exchange in
            var text = "\(exchange.method) \(exchange.path) \(exchange.query("a") ?? "-") \(exchange.query("flag") ?? "-") \(exchange.query("none") ?? "-")"
            text += " \(exchange.header("X-Thing") ?? "-") \(exchange.queryItems.count) \(String(decoding: exchange.body, as: UTF8.self))"
            exchange.respond(.text(text))
        }
        defer { server.stop(deadlineSeconds: 1) }
        let reply = try HTTPClient().send(
            HTTPRequest(method: "PUT", url: url(server, "/x%20y?a=1%262&flag"), headers: [("x-thing", "t")], body: Array("body".utf8)))
        #expect(reply.status == 200)
        #expect(reply.text == "PUT /x y 1&2  - t 2 body")
    }

    @Test func `an answer may come later from another thread, once`() throws {
        let waiting = Mutex<[HTTPExchange]>([])
        let server = try server { exchange in waiting.withLock { $0.append(exchange) } }
        defer { server.stop(deadlineSeconds: 1) }
        let answerer = Thread {
            while waiting.withLock({ $0.isEmpty }) { usleep(1000) }
            let exchange = waiting.withLock { $0.removeFirst() }
            #expect(exchange.respond { .text("later") })
            #expect(!exchange.respond(.text("again")))
        }
        #expect(try HTTPClient().send(HTTPRequest(url: url(server))).text == "later")
        answerer.join()
    }

    @Test func `a body over the limit is answered 413, declared or chunked, and the connection serves on`() throws {
        let server = try server(bodyLimit: 100) { $0.respond(.text("\($0.body.count)")) }
        defer { server.stop(deadlineSeconds: 1) }
        let client = HTTPClient()
        #expect(try client.send(HTTPRequest(method: "POST", url: url(server), body: [UInt8](repeating: 65, count: 100))).text == "100")
        let reply = try client.send(HTTPRequest(method: "POST", url: url(server), body: [UInt8](repeating: 65, count: 101)))
        #expect(reply.status == 413 && reply.text.contains("body.too_large"))
        let chunk = String(repeating: "A", count: 80)
        let chunked = try raw(server, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n\(chunk)\r\n50\r\n\(chunk)\r\n0\r\n\r\n", until: "too_large")
        #expect(chunked.hasPrefix("HTTP/1.1 413"))
    }

    @Test func `a client that waits for 100-continue is refused before it sends its body`() throws {
        let server = try server(bodyLimit: 100) { $0.respond(.text("\($0.body.count)")) }
        defer { server.stop(deadlineSeconds: 1) }
        let refused = try raw(server, "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n", until: "too_large")
        #expect(refused.hasPrefix("HTTP/1.1 413"))
        let invited = try raw(server, "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n", until: "100 Continue")
        #expect(invited.hasPrefix("HTTP/1.1 100"))
    }

    @Test func `a plan may refuse before the body, and what it attached reaches the handler`() throws {
        let server = try server(plan: { exchange in
            guard exchange.header("Authorization") != nil else { return .refuse(.problem(status: 401, code: "token.missing", detail: "No token.")) }
            exchange.attachment = "known"
            return .collect(limitBytes: 10)
        }) { $0.respond(.text($0.attachment as? String ?? "lost")) }
        defer { server.stop(deadlineSeconds: 1) }
        let client = HTTPClient()
        let refused = try client.send(HTTPRequest(method: "POST", url: url(server), body: [1, 2, 3]))
        #expect(refused.status == 401 && refused.header("Content-Type") == "application/problem+json")
        #expect(try client.send(HTTPRequest(method: "POST", url: url(server), headers: [("Authorization", "x")], body: [1])).text == "known")
    }

    @Test func `a streamed body comes in pieces, and its sender can be held`() throws {
        let state = Mutex((count: 0, pauses: 0, exchange: HTTPExchange?.none))
        let server = try server(plan: { exchange in
            state.withLock { $0.exchange = exchange }
            return .stream { piece in
                state.withLock { state in
                    if state.pauses < 3, piece.count > 10 {
                        state.pauses += 1
                        state.count += 10
                        let exchange = state.exchange
                        _ = Thread { usleep(20_000); exchange?.resumeBody() }
                        return .paused(taken: 10)
                    }
                    state.count += piece.count
                    return .taken
                }
            }
        }) { _ in }
        let answer = Thread {
            while state.withLock({ $0.count < 300_000 }) { usleep(1000) }
            state.withLock { $0.exchange }?.respond(.text("done"))
        }
        defer { server.stop(deadlineSeconds: 1) }
        let reply = try HTTPClient().send(HTTPRequest(method: "POST", url: url(server), body: [UInt8](repeating: 65, count: 300_000)))
        #expect(reply.text == "done")
        #expect(state.withLock { $0.count == 300_000 && $0.pauses == 3 })
        answer.join()
    }

    @Test func `a stream sends what is written when it is written, and ends`() throws {
        let end = Mutex<HTTPStream.End?>(nil)
        let server = try server { exchange in
            guard let stream = exchange.respondStreaming(closed: { reason in end.withLock { $0 = reason } }) else { return }
            _ = Thread {
                for index in 0..<3 { stream.write("data: \(index)\n\n"); usleep(10_000) }
                stream.end()
            }
        }
        defer { server.stop(deadlineSeconds: 1) }
        var received = ""
        let reply = try HTTPClient().stream(HTTPRequest(url: url(server))) { received += String(decoding: $0, as: UTF8.self); return true }
        #expect(reply.header("content-type") == "text/event-stream")
        #expect(received == "data: 0\n\ndata: 1\n\ndata: 2\n\n")
        wait { end.withLock { $0 } != nil }
        #expect(end.withLock { $0 } == .ended)
    }

    @Test func `a reader that does not read is dropped, and the writer learns of it`() throws {
        let end = Mutex<HTTPStream.End?>(nil)
        let server = try server { exchange in
            guard let stream = exchange.respondStreaming(bufferLimitBytes: 64 * 1024, closed: { reason in end.withLock { $0 = reason } }) else { return }
            _ = Thread { while stream.write([UInt8](repeating: 65, count: 16 * 1024)) { usleep(100) } }
        }
        defer { server.stop(deadlineSeconds: 1) }
        let socket = try connectSocket(server.port)
        defer { close(socket) }
        _ = send(socket, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27, 0)
        wait { end.withLock { $0 } != nil }
        #expect(end.withLock { $0 } == .tooSlow)
        #expect(server.openStreams == 0)
    }

    @Test func `a client that leaves in the middle costs nothing and breaks nothing`() throws {
        let completions = Mutex<[Bool]>([])
        let waiting = Mutex<[HTTPExchange]>([])
        let server = try server(bodyLimit: 100_000) { exchange in
            exchange.whenCompleted { delivered in completions.withLock { $0.append(delivered) } }
            waiting.withLock { $0.append(exchange) }
        }
        defer { server.stop(deadlineSeconds: 1) }
        let half = try connectSocket(server.port)
        _ = send(half, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc", 52, 0)
        close(half)
        let gone = try connectSocket(server.port)
        _ = send(gone, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27, 0)
        wait { waiting.withLock { $0.count } == 1 }
        close(gone)
        waiting.withLock { $0.removeFirst() }.respond(.text("too late"))
        wait { completions.withLock { $0.count } == 1 }
        #expect(server.activeExchanges == 0)
    }

    @Test func `stopping answers what waits with 503 and ends streams`() throws {
        let server = try server { exchange in
            if exchange.path == "/stream" { _ = exchange.respondStreaming() }   // else: never answered
        }
        let status = Mutex(0)
        let asker = Thread { [url = url(server)] in
            let reply = try? HTTPClient().send(HTTPRequest(url: url))
            status.withLock { $0 = reply?.status ?? -1 }
        }
        let listener = Thread { [url = url(server, "/stream")] in _ = try? HTTPClient().stream(HTTPRequest(url: url)) { _ in true } }
        wait { server.activeExchanges == 2 }
        #expect(server.stop(deadlineSeconds: 0.05) == 1)
        asker.join()
        listener.join()
        #expect(status.withLock { $0 } == 503)
    }

    @Test func `HEAD has no body, keep-alive reuses the connection, a port in use is said`() throws {
        let server = try server { $0.respond(.text("hello")) }
        defer { server.stop(deadlineSeconds: 1) }
        let head = try HTTPClient().send(HTTPRequest(method: "HEAD", url: url(server)))
        #expect(head.status == 200 && head.body.isEmpty && head.header("Content-Length") == "5")
        let twice = try raw(server, "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", until: nil)
        #expect(twice.components("hello") == 2)
        #expect {
            _ = try HTTPServer(configuration: HTTPServerConfiguration(listen: ListenAddress(host: "127.0.0.1", port: server.port))) { _ in }
        } throws: { "\($0)".contains("in use") }
    }

    @Test(arguments: [
        ("127.0.0.1:80", "127.0.0.1", true), (":8080", "0.0.0.0", false), ("[::1]:1", "::1", true), ("localhost:0", "localhost", true),
        ("10.0.0.1:9", "10.0.0.1", false), ("[::]:9", "::", false),
    ])
    func `an address says whether it is this machine's alone`(_ text: String, _ host: String, _ isLoopback: Bool) throws {
        let address = try #require(ListenAddress(text))
        #expect(address.host == host && address.isLoopback == isLoopback)
    }

    @Test(arguments: ["", "8080", "a:b", "::1:80", "host:99999", "[x]:1"]) func `what is no address is refused`(_ text: String) {
        #expect(ListenAddress(text) == nil)
    }
}

extension String {
    fileprivate func components(_ part: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: part) { count += 1; rest = rest[range.upperBound...] }
        return count
    }
}
