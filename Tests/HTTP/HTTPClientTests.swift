// What the client refuses and bounds.

import HTTP
import HTTPClient
import Testing

@Suite struct HTTPClientTests {
    private func server(_ handler: @escaping @Sendable (HTTPExchange) -> Void) throws -> HTTPServer {
        try HTTPServer(configuration: HTTPServerConfiguration(listen: ListenAddress(host: "127.0.0.1", port: 0)), handler: handler)
    }

    private func failure(_ request: HTTPRequest) -> HTTPClientError.Kind? {
        do throws(HTTPClientError) {
            _ = try HTTPClient().send(request)
            return nil
        } catch { return error.kind }
    }

    @Test func `private addresses are refused unless allowed, also by name`() throws {
        let server = try server { $0.respond(.text("inside")) }
        defer { server.stop(deadlineSeconds: 1) }
        for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "169.254.169.254", "10.1.2.3", "192.168.0.1", "[fe80::1]", "[fd00::1]", "0.0.0.0"] {
            #expect(failure(HTTPRequest(url: "http://\(host):\(server.port)/", connectTimeoutSeconds: 1, allowsPrivateAddresses: false)) == .addressRefused, "\(host)")
        }
        #expect(failure(HTTPRequest(url: "http://127.0.0.1:\(server.port)/")) == nil)
    }

    @Test func `redirects are replies, not followed`() throws {
        let server = try server { $0.respond(HTTPResponse(status: 302, headers: [("Location", "/elsewhere")])) }
        defer { server.stop(deadlineSeconds: 1) }
        let reply = try HTTPClient().send(HTTPRequest(url: "http://127.0.0.1:\(server.port)/"))
        #expect(reply.status == 302 && reply.header("location") == "/elsewhere")
    }

    @Test func `a large reply, a slow one, no listener, another scheme and a broken header each have their kind`() throws {
        let server = try server { exchange in if exchange.path == "/large" { exchange.respond(.text(String(repeating: "x", count: 200_000))) } }
        defer { server.stop(deadlineSeconds: 0) }
        let base = "http://127.0.0.1:\(server.port)"
        #expect(failure(HTTPRequest(url: base + "/large", responseLimitBytes: 1000)) == .tooLarge)
        #expect(failure(HTTPRequest(url: base + "/silent", totalTimeoutSeconds: 0.2)) == .timeout)
        #expect(failure(HTTPRequest(url: "http://127.0.0.1:1/")) == .network)
        #expect(failure(HTTPRequest(url: "file:///etc/hostname")) == .request)
        #expect(failure(HTTPRequest(url: base, headers: [("X", "a\r\nY: b")])) == .request)
    }
}
