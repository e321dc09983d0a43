// One request and its answer. A handler may answer at once or keep the exchange and answer later from any thread: until then the connection
// is suspended and costs no thread. Invariant: an exchange is answered exactly once, the second answer is ignored; while it is unanswered its
// connection is either inside the handler or suspended, so libmicrohttpd cannot free it. Read next: HTTPServer.swift, which drives it.

internal import CMicrohttpd
internal import Glibc
internal import Synchronization

/// A request that waits for its answer.
///
/// `@unchecked Sendable`: `connection` is touched on its server thread, or by whoever answers while it is suspended, never by both, which the
/// lock in `state` orders; `body` is written before the handler is called and not after.
public final class HTTPExchange: @unchecked Sendable {
    public let method: String
    /// The path with its percent escapes decoded, without the query.
    public let path: String
    /// The body as it came; empty for a streamed one.
    public internal(set) var body: [UInt8] = []
    /// Room for what the caller decided in `planBody` and needs again in the handler (an identity, a parser of a stream).
    public var attachment: (any Sendable)?

    let server: HTTPServer
    let connection: OpaquePointer
    var plan: HTTPBodyPlan = .collect(limitBytes: 0)
    /// Set when the body is read to its end only to be thrown away, and answered with this.
    var refusal: HTTPResponse?
    var discardedBytes = 0
    var bodyHasEnded = false
    /// Counted among the server's active exchanges.
    var isCounted = false
    private let state = Mutex(State())

    private struct State: ~Copyable {
        var prepared: Prepared?
        var build: (@Sendable () -> HTTPResponse)?
        var isAnswered = false
        var isOver = false
        var suspension = Suspension.none
        var bodyResumeIsRequested = false
        var suspendedIndex = -1
        var stream: HTTPStream?
        var completion: (@Sendable (_ delivered: Bool) -> Void)?
    }

    private enum Suspension { case none, forBody, forAnswer }

    /// A response in the C library's form, not yet queued. `@unchecked Sendable`: one owner at a time, who destroys it.
    struct Prepared: @unchecked Sendable {
        let status: UInt32
        let response: OpaquePointer
    }

    init(server: HTTPServer, connection: OpaquePointer, method: String, path: String) {
        (self.server, self.connection, self.method, self.path) = (server, connection, method, path)
    }

    // MARK: Reading the request (before it is answered)

    /// A header field by name, in any case; nil when it is missing or the exchange has been answered.
    public func header(_ name: String) -> String? {
        guard isOpen, let value = gw_http_header(connection, name) else { return nil }
        return String(cString: value)
    }

    /// Hands the bytes of a header field to `body` without copying them.
    public func withHeader<Result>(_ name: StaticString, _ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        guard isOpen, let value = name.utf8Start.withMemoryRebound(to: CChar.self, capacity: name.utf8CodeUnitCount + 1, { gw_http_header(connection, $0) })
        else { return nil }
        return body(UnsafeRawBufferPointer(start: value, count: strlen(value)))
    }

    /// All header fields in the order they came; names as the client wrote them.
    public var headers: [(name: String, value: String)] { pairs(gw_http_each_header) }

    /// A query parameter, decoded; the first of that name. `?flag` gives an empty text.
    public func query(_ name: String) -> String? {
        guard isOpen else { return nil }
        var value: UnsafePointer<CChar>?
        var count = 0
        guard gw_http_query(connection, name, name.utf8.count, &value, &count) == 1 else { return nil }
        guard let value else { return "" }
        return String(decoding: UnsafeRawBufferPointer(start: value, count: count), as: UTF8.self)
    }

    /// All query parameters in the order they came.
    public var queryItems: [(name: String, value: String)] { pairs(gw_http_each_query) }

    /// The client's address without its port.
    public var remoteAddress: String? {
        guard isOpen, let address = gw_http_peer(connection) else { return nil }
        let size = address.pointee.sa_family == sa_family_t(AF_INET6) ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard getnameinfo(address, socklen_t(size), &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST) == 0 else { return nil }
        return String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private var isOpen: Bool { state.withLock { !$0.isAnswered && !$0.isOver } }

    private func pairs(_ visit: (OpaquePointer, gw_http_pair?, UnsafeMutableRawPointer?) -> Void) -> [(name: String, value: String)] {
        guard isOpen else { return [] }
        var found: [(name: String, value: String)] = []
        withUnsafeMutablePointer(to: &found) { list in
            visit(connection, { context, key, value in
                guard let context, let key else { return }
                let list = context.assumingMemoryBound(to: [(name: String, value: String)].self)
                list.pointee.append((String(cString: key), value.map { String(cString: $0) } ?? ""))
            }, list)
        }
        return found
    }

    // MARK: Answering (any thread, once)

    /// Answers the request. Answers false, and does nothing, when it was answered before.
    @discardableResult
    public func respond(_ response: HTTPResponse) -> Bool {
        guard let native = response.native(closing: server.isStopping) else { return respondByClosing() }
        return answer(Prepared(status: UInt32(clamping: response.status), response: native), stream: nil)
    }

    /// Answers with what `build` makes on the server's thread a moment later: for callers whose own thread has better things to do.
    @discardableResult
    public func respond(building build: @escaping @Sendable () -> HTTPResponse) -> Bool {
        state.withLock { state in
            guard !state.isAnswered, !state.isOver else { return false }
            state.isAnswered = true
            state.build = build
            wake(&state)
            return true
        }
    }

    /// Answers with a body that has no end yet: server-sent events and the like. Nil when the request was answered before.
    /// - Parameter bufferLimitBytes: a reader that lags by more is dropped.
    public func respondStreaming(
        status: Int = 200, headers: [(name: String, value: String)] = [("Content-Type", "text/event-stream"), ("Cache-Control", "no-store")],
        bufferLimitBytes: Int = 256 * 1024, closed: (@Sendable (HTTPStream.End) -> Void)? = nil
    ) -> HTTPStream? {
        let stream = HTTPStream(connection: connection, bufferLimitBytes: bufferLimitBytes, closed: closed)
        guard let native = stream.native(headers: headers) else { respondByClosing(); return nil }
        guard server.register(stream) else {
            MHD_destroy_response(native)
            respond(.problem(status: 503, code: "shutting_down", detail: "The server is stopping; connect again in a moment.", retryAfter: 1))
            return nil
        }
        return answer(Prepared(status: UInt32(clamping: status), response: native), stream: stream) ? stream : nil
    }

    /// `closure` runs once when the exchange is over: true when the answer was handed to the network, false when the client went first.
    public func whenCompleted(_ closure: @escaping @Sendable (_ delivered: Bool) -> Void) {
        state.withLock { $0.completion = closure }
    }

    /// Lets a streamed body go on that its receiver had paused.
    public func resumeBody() {
        state.withLock { state in
            guard state.suspension == .forBody else { state.bodyResumeIsRequested = true; return }
            state.suspension = .none
            server.forgetSuspended(state.suspendedIndex)
            MHD_resume_connection(connection)
        }
    }

    private func answer(_ prepared: Prepared, stream: HTTPStream?) -> Bool {
        let isFirst = state.withLock { state -> Bool in
            guard !state.isAnswered, !state.isOver else { return false }
            state.isAnswered = true
            state.prepared = prepared
            state.stream = stream
            wake(&state)
            return true
        }
        if !isFirst {
            MHD_destroy_response(prepared.response)
            if let stream { server.forget(stream) }
        }
        return isFirst
    }

    /// There was no memory for a response: the client sees a closed connection instead of waiting for ever.
    @discardableResult
    private func respondByClosing() -> Bool {
        state.withLock { state in
            guard !state.isAnswered, !state.isOver else { return false }
            state.isAnswered = true
            wake(&state)
            return true
        }
    }

    /// Under the lock: lets the connection go on if it is suspended.
    private func wake(_ state: inout State) {
        guard state.suspension != .none else { return }
        state.suspension = .none
        server.forgetSuspended(state.suspendedIndex)
        MHD_resume_connection(connection)
    }

    // MARK: The server's side (its thread only)

    /// Queues the answer if there is one; else suspends the connection. False closes the connection.
    func queueOrSuspend() -> Bool {
        enum Step { case queue(Prepared), build(@Sendable () -> HTTPResponse), wait, close }
        let step = state.withLock { state -> Step in
            if let prepared = state.prepared {
                state.prepared = nil
                return .queue(prepared)
            }
            if let build = state.build {
                state.build = nil
                return .build(build)
            }
            guard !state.isAnswered else { return .close }
            state.suspension = .forAnswer
            state.suspendedIndex = server.rememberSuspended(self)
            MHD_suspend_connection(connection)
            return .wait
        }
        switch step {
        case .wait: return true
        case .close: return false
        case .build(let build):
            let response = build()
            guard let native = response.native(closing: server.isStopping) else { return false }
            defer { MHD_destroy_response(native) }
            return gw_http_queue(connection, UInt32(clamping: response.status), native) == 1
        case .queue(let prepared):
            defer { MHD_destroy_response(prepared.response) }   // the connection holds its own reference
            return gw_http_queue(connection, prepared.status, prepared.response) == 1
        }
    }

    /// Holds the sender after `HTTPBodyFlow.paused`. False when the receiver asked to go on in the meantime.
    func suspendForBody() -> Bool {
        state.withLock { state in
            if state.bodyResumeIsRequested { state.bodyResumeIsRequested = false; return false }
            state.suspension = .forBody
            state.suspendedIndex = server.rememberSuspended(self)
            MHD_suspend_connection(connection)
            return true
        }
    }

    var isAnswered: Bool { state.withLock { $0.isAnswered } }

    func complete(delivered: Bool) {
        let (prepared, stream, completion) = state.withLock { state in
            state.isOver = true
            state.build = nil
            defer { (state.prepared, state.stream, state.completion) = (nil, nil, nil) }
            return (state.prepared, state.stream, state.completion)
        }
        if let prepared { MHD_destroy_response(prepared.response) }
        if let stream { server.forget(stream); stream.connectionIsOver() }
        completion?(delivered)
    }
}

extension HTTPResponse {
    /// The C library's form of this response; nil without memory.
    func native(closing: Bool) -> OpaquePointer? {
        let made: OpaquePointer?
        if body.count <= 64 * 1024 {
            made = body.withUnsafeBytes { gw_http_response_copying($0.count, $0.baseAddress) }
        } else {
            // A large body is not copied: the array itself is kept until the last byte is sent.
            let owner = BodyOwner(body)
            made = gw_http_response_owning(
                owner.bytes.count, owner.bytes.baseAddress, { if let context = $0 { Unmanaged<BodyOwner>.fromOpaque(context).release() } },
                Unmanaged.passRetained(owner).toOpaque())
        }
        guard let made else { return nil }
        for (name, value) in headers { MHD_add_response_header(made, name, value) }
        if closing { MHD_add_response_header(made, "Connection", "close") }
        return made
    }
}

/// Keeps a large body's bytes at one address.
private final class BodyOwner {
    let bytes: UnsafeRawBufferPointer

    init(_ body: [UInt8]) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: body.count, alignment: 16)
        copy.copyBytes(from: body)
        bytes = UnsafeRawBufferPointer(copy)
    }

    deinit { bytes.deallocate() }
}
