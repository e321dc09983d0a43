// The HTTP server: libmicrohttpd with its own epoll threads, each request handed to one closure. Routing is the caller's. Invariants: every
// request gets one answer; memory of a connection is bounded by its configuration; no suspended connection is left when the library is
// stopped (it would abort the process). Callbacks run on the library's threads. Read next: HTTPExchange.swift.

internal import CMicrohttpd
internal import Glibc
internal import Synchronization

/// A running server.
///
/// `@unchecked Sendable`: the C handles are written in `init` and used by `stop`, which runs once; all else is under locks or atomic.
public final class HTTPServer: @unchecked Sendable {
    /// The port it listens on: the system's choice when the configuration said 0.
    public let port: UInt16
    public let listen: ListenAddress

    let handler: @Sendable (HTTPExchange) -> Void
    let configuration: HTTPServerConfiguration
    private let daemon: OpaquePointer
    private let callbacks: UnsafeMutablePointer<gw_http_callbacks>
    private let pem: (certificate: UnsafeMutablePointer<CChar>?, key: UnsafeMutablePointer<CChar>?)
    private let stopping = Atomic(false)
    private let stopped = Atomic(false)
    private let active = Atomic(0)
    private let suspended = Mutex(SuspendedTable())
    private let streams = Mutex<[ObjectIdentifier: HTTPStream]>([:])

    /// How much of a refused body is read and thrown away so that the client can read its answer; past it the connection is cut.
    static let discardLimitBytes = 16 * 1024 * 1024

    /// Starts listening and serving.
    /// - Parameter handler: called on a server thread once a request is complete; it must not block. It answers the exchange, then or later.
    public init(configuration: HTTPServerConfiguration, handler: @Sendable @escaping (HTTPExchange) -> Void) throws(HTTPServerError) {
        let socket = try ListeningSocket.open(configuration.listen)
        self.configuration = configuration
        self.handler = handler
        port = socket.port
        listen = ListenAddress(host: configuration.listen.host, port: socket.port)
        pem = (configuration.certificatePEM.flatMap { strdup($0) }, configuration.keyPEM.flatMap { strdup($0) })
        callbacks = .allocate(capacity: 1)
        let context = ServerReference()
        callbacks.initialize(
            to: gw_http_callbacks(
                context: Unmanaged.passRetained(context).toOpaque(), access: accessCallback, completed: completedCallback, message: messageCallback))
        context.message = configuration.message
        var options = gw_http_options()
        options.listen_socket = socket.descriptor
        options.is_ipv6 = socket.isIPv6 ? 1 : 0
        options.threads = UInt32(clamping: max(1, configuration.threads))
        options.connections = UInt32(clamping: configuration.connectionLimit)
        options.connections_per_address = UInt32(clamping: configuration.connectionsPerAddressLimit)
        options.idle_seconds = UInt32(clamping: configuration.idleTimeoutSeconds)
        options.connection_memory_bytes = configuration.connectionMemoryBytes
        options.certificate_pem = UnsafePointer(pem.certificate)
        options.key_pem = UnsafePointer(pem.key)
        guard let started = gw_http_start(&options, callbacks) else {
            close(socket.descriptor)
            Unmanaged<ServerReference>.fromOpaque(callbacks.pointee.context).release()
            callbacks.deallocate()
            free(pem.certificate)
            free(pem.key)
            throw HTTPServerError(description: "cannot serve HTTP on \(configuration.listen): \(context.lastMessage ?? "no memory or no threads")")
        }
        daemon = started
        // A request that came in between found no server and was closed; nobody can know the port before `init` returns.
        context.address.store(UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque()), ordering: .releasing)
    }

    deinit {
        stop(deadlineSeconds: 0)
        Unmanaged<ServerReference>.fromOpaque(callbacks.pointee.context).release()
        callbacks.deallocate()
        free(pem.certificate)
        free(pem.key)
    }

    /// Requests whose handler was called and whose answer is not yet on the network.
    public var activeExchanges: Int { active.load(ordering: .relaxed) }

    /// Streaming responses that are open.
    public var openStreams: Int { streams.withLock { $0.count } }

    var isStopping: Bool { stopping.load(ordering: .relaxed) }

    /// Stops taking connections; further requests on open ones are answered 503. Requests under way go on.
    public func quiesce() {
        guard stopping.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged else { return }
        let descriptor = MHD_quiesce_daemon(daemon)
        if descriptor >= 0 { close(descriptor) }
    }

    /// Stops: waits for requests under way until the deadline, answers the rest 503, ends streams, joins the threads.
    /// - Returns: how many requests had to be answered 503.
    @discardableResult
    public func stop(deadlineSeconds: Double) -> Int {
        guard stopped.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged else { return 0 }
        quiesce()
        let open = streams.withLock { streams in Array(streams.values) }
        for stream in open { stream.end() }
        waitUntilIdle(seconds: deadlineSeconds)
        let left = suspended.withLock { $0.close() }
        for exchange in left {
            exchange.respond(
                .problem(status: 503, code: "shutting_down", detail: "The server stopped before it could answer; send the request again.", retryAfter: 1))
        }
        // The library closes connections without sending what was queued a moment ago.
        if !left.isEmpty { waitUntilIdle(seconds: 1) }
        MHD_stop_daemon(daemon)
        return left.count
    }

    private func waitUntilIdle(seconds: Double) {
        var waited = 0.0
        while active.load(ordering: .relaxed) > 0, waited < seconds {
            usleep(2000)
            waited += 0.002
        }
    }

    // MARK: Used by exchanges

    func rememberSuspended(_ exchange: HTTPExchange) -> Int { suspended.withLock { $0.insert(exchange) } }
    func forgetSuspended(_ index: Int) { suspended.withLock { $0.remove(index) } }
    func register(_ stream: HTTPStream) -> Bool {
        streams.withLock { streams in
            guard !isStopping else { return false }
            streams[ObjectIdentifier(stream)] = stream
            return true
        }
    }
    func forget(_ stream: HTTPStream) { streams.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(stream)) } }

    // MARK: Callbacks (server threads)

    /// The header fields of a request are there.
    fileprivate func begin(_ exchange: HTTPExchange) -> Bool {
        let plan = configuration.planBody?(exchange) ?? .collect(limitBytes: configuration.bodyLimitBytes)
        let declared = exchange.withHeader("Content-Length", decimal).flatMap { $0 } ?? 0
        exchange.plan = plan
        switch plan {
        case .stream: return true
        case .collect(let limit):
            if declared > limit { return refuse(exchange, tooLarge(limit), declared: declared) }
            exchange.body.reserveCapacity(min(declared, 256 * 1024))   // what is declared is not yet sent
            return true
        case .refuse(let response): return refuse(exchange, response, declared: declared)
        }
    }

    /// Says no before the body. A body that is on its way anyway and not huge is read and thrown away first: a client that is still sending when
    /// its connection closes often never sees the answer.
    private func refuse(_ exchange: HTTPExchange, _ response: HTTPResponse, declared: Int) -> Bool {
        let waits = exchange.withHeader("Expect") { _ in true } ?? false
        if waits || declared > Self.discardLimitBytes {
            active.add(1, ordering: .relaxed)
            exchange.isCounted = true
            exchange.respond(response)
            return exchange.queueOrSuspend()
        }
        exchange.refusal = response
        return true
    }

    /// A piece of the body is there; answers how much of it is left.
    fileprivate func receive(_ exchange: HTTPExchange, _ piece: UnsafeRawBufferPointer) -> Int? {
        if exchange.refusal != nil {
            exchange.discardedBytes += piece.count
            return exchange.discardedBytes <= Self.discardLimitBytes ? 0 : nil
        }
        switch exchange.plan {
        case .refuse: return 0
        case .collect(let limit):
            guard exchange.body.count + piece.count <= limit else {
                exchange.refusal = tooLarge(limit)
                exchange.body = []
                return 0
            }
            exchange.body.append(contentsOf: piece)
            return 0
        case .stream(let take):
            var rest = piece
            while true {
                switch take(rest) {
                case .taken: return 0
                case .abandoned: return nil
                case .paused(let taken):
                    rest = UnsafeRawBufferPointer(rebasing: rest[max(0, min(taken, rest.count))...])
                    if exchange.suspendForBody() { return rest.count }
                }
            }
        }
    }

    /// The request is complete, or its answer is.
    fileprivate func proceed(_ exchange: HTTPExchange) -> Bool {
        if !exchange.bodyHasEnded {
            exchange.bodyHasEnded = true
            if !exchange.isCounted {
                exchange.isCounted = true
                active.add(1, ordering: .relaxed)
            }
            if let refusal = exchange.refusal {
                exchange.respond(refusal)
            } else if isStopping {
                exchange.respond(.problem(status: 503, code: "shutting_down", detail: "The server is stopping; send the request again.", retryAfter: 1))
            } else {
                handler(exchange)
            }
        }
        return exchange.queueOrSuspend()
    }

    fileprivate func completed(_ exchange: HTTPExchange, delivered: Bool) {
        if exchange.isCounted { active.subtract(1, ordering: .relaxed) }
        exchange.complete(delivered: delivered)
    }

    private func tooLarge(_ limit: Int) -> HTTPResponse {
        .problem(status: 413, code: "body.too_large", detail: "The body is larger than \(limit) bytes; send it in smaller parts.")
    }
}

/// The number that ASCII digits spell; too long a one is `Int.max`, anything else nil.
private func decimal(_ text: UnsafeRawBufferPointer) -> Int? {
    guard text.count > 0 else { return nil }
    var value = 0
    for byte in text {
        guard byte >= 0x30, byte <= 0x39 else { return nil }
        let (product, tooBig) = value.multipliedReportingOverflow(by: 10)
        let (sum, tooBigToo) = product.addingReportingOverflow(Int(byte - 0x30))
        if tooBig || tooBigToo { return Int.max }
        value = sum
    }
    return value
}

/// What the callbacks get: the server without keeping it alive, so that dropping the last reference stops it.
private final class ServerReference: Sendable {
    let address = Atomic<UInt>(0)
    private let texts = Mutex<(last: String?, sink: (@Sendable (String) -> Void)?)>((nil, nil))

    var lastMessage: String? { texts.withLock { $0.last } }
    var message: (@Sendable (String) -> Void)? {
        get { texts.withLock { $0.sink } }
        set { texts.withLock { $0.sink = newValue } }
    }
    func say(_ text: String) {
        let sink = texts.withLock { texts in texts.last = text; return texts.sink }
        sink?(text)
    }
}

/// Exchanges that wait, by index: what `stop` must answer. A slot is reused, so the table grows only to the most that ever waited.
private struct SuspendedTable {
    private var slots: [HTTPExchange?] = []
    private var free: [Int] = []

    mutating func insert(_ exchange: HTTPExchange) -> Int {
        if let index = free.popLast() {
            slots[index] = exchange
            return index
        }
        slots.append(exchange)
        return slots.count - 1
    }

    mutating func remove(_ index: Int) {
        guard slots.indices.contains(index), slots[index] != nil else { return }
        slots[index] = nil
        free.append(index)
    }

    mutating func close() -> [HTTPExchange] { slots.compactMap { $0 } }
}

private func server(_ context: UnsafeMutableRawPointer?) -> HTTPServer? {
    guard let context else { return nil }
    let reference = Unmanaged<ServerReference>.fromOpaque(context).takeUnretainedValue()
    let address = UnsafeRawPointer(bitPattern: reference.address.load(ordering: .acquiring))
    return address.map { Unmanaged<HTTPServer>.fromOpaque($0).takeUnretainedValue() }
}

private let accessCallback: @convention(c) (
    UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<CChar>?,
    UnsafeMutablePointer<Int>?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 = { context, connection, path, method, _, upload, uploadCount, state in
    guard let server = server(context), let connection, let path, let method, let uploadCount, let state else { return 0 }
    guard let known = state.pointee else {
        let exchange = HTTPExchange(server: server, connection: connection, method: String(cString: method), path: String(cString: path))
        state.pointee = Unmanaged.passRetained(exchange).toOpaque()   // released in completedCallback
        return server.begin(exchange) ? 1 : 0
    }
    let exchange = Unmanaged<HTTPExchange>.fromOpaque(known).takeUnretainedValue()
    if uploadCount.pointee > 0, let upload {
        guard let rest = server.receive(exchange, UnsafeRawBufferPointer(start: upload, count: uploadCount.pointee)) else { return 0 }
        uploadCount.pointee = rest
        return 1
    }
    return server.proceed(exchange) ? 1 : 0
}

private let completedCallback: @convention(c) (
    UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?, Int32
) -> Void = { context, _, state, reason in
    guard let state, let known = state.pointee else { return }
    state.pointee = nil
    let exchange = Unmanaged<HTTPExchange>.fromOpaque(known).takeRetainedValue()
    exchange.server.completed(exchange, delivered: reason == 0)   // 0 is MHD_REQUEST_TERMINATED_COMPLETED_OK
}

private let messageCallback: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?) -> Void = { context, text in
    guard let context, let text else { return }
    Unmanaged<ServerReference>.fromOpaque(context).takeUnretainedValue().say(String(cString: text))
}
