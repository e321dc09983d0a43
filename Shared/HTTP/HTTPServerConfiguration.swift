// Where a server listens and how much it takes. Every queue and wait has a bound here; the defaults suit a service that answers small
// requests. Read next: HTTPServer.swift.

/// An address to listen on: `127.0.0.1:8080`, `[::1]:8080`, `localhost:0`, `:8080` (all addresses).
public struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
    public let host: String
    public let port: UInt16

    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Nil unless the text is a host and a port.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            guard host.contains(":") else { return nil }
        } else if host.contains(":") {
            return nil   // an IPv6 address without brackets is ambiguous
        }
        self.init(host: host.isEmpty ? "0.0.0.0" : host, port: port)
    }

    /// True when only programs on this machine can connect.
    public var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// What an `HTTPServer` is started with.
public struct HTTPServerConfiguration: Sendable {
    public var listen: ListenAddress
    /// Threads that serve connections; each has its own epoll set.
    public var threads: Int
    /// Connections open at once; further ones wait in the listen queue or are closed.
    public var connectionLimit: Int
    /// Connections from one address; 0 for no limit.
    public var connectionsPerAddressLimit: Int
    /// A connection on which nothing moves for so long is closed.
    public var idleTimeoutSeconds: Int
    /// Memory of one connection for its header fields and read buffer. Header fields that do not fit are answered 431.
    public var connectionMemoryBytes: Int
    /// A request body larger than this is answered 413, unless the body plan says otherwise.
    public var bodyLimitBytes: Int
    /// PEM texts of the certificate chain and its key; both or neither.
    public var certificatePEM: String?
    public var keyPEM: String?
    /// Decides before the body comes: who may send it and how it is taken. Called once a request, on a server thread. Nil: collect.
    public var planBody: (@Sendable (HTTPExchange) -> HTTPBodyPlan)?
    /// The C library's own messages (a malformed request, a failed accept), for the log at debug level.
    public var message: (@Sendable (String) -> Void)?

    public init(
        listen: ListenAddress, threads: Int = 1, connectionLimit: Int = 4096, connectionsPerAddressLimit: Int = 0,
        idleTimeoutSeconds: Int = 30, connectionMemoryBytes: Int = 32 * 1024, bodyLimitBytes: Int = 1024 * 1024,
        certificatePEM: String? = nil, keyPEM: String? = nil,
        planBody: (@Sendable (HTTPExchange) -> HTTPBodyPlan)? = nil, message: (@Sendable (String) -> Void)? = nil
    ) {
        self.listen = listen
        self.threads = threads
        self.connectionLimit = connectionLimit
        self.connectionsPerAddressLimit = connectionsPerAddressLimit
        self.idleTimeoutSeconds = idleTimeoutSeconds
        self.connectionMemoryBytes = connectionMemoryBytes
        self.bodyLimitBytes = bodyLimitBytes
        self.certificatePEM = certificatePEM
        self.keyPEM = keyPEM
        self.planBody = planBody
        self.message = message
    }
}

/// How a request's body is taken, decided when its header fields are there.
public enum HTTPBodyPlan: Sendable {
    /// Kept in memory up to a limit, then the handler is called; over the limit the answer is 413.
    case collect(limitBytes: Int)
    /// Given piece by piece as it comes, on a server thread; the handler is called after the last piece. The bytes are valid during the call.
    case stream(@Sendable (UnsafeRawBufferPointer) -> HTTPBodyFlow)
    /// Answered now; the body is not read (with `Expect: 100-continue` it is never sent).
    case refuse(HTTPResponse)
}

/// What a piece of a streamed body did to its receiver.
public enum HTTPBodyFlow: Sendable, Equatable {
    /// All of the piece was taken.
    case taken
    /// So many bytes were taken; the sender is held until `HTTPExchange.resumeBody`, then the rest of the piece comes again.
    case paused(taken: Int)
    /// Nothing more is wanted: the connection is cut.
    case abandoned
}

/// Why a server did not start.
public struct HTTPServerError: Error, Sendable, CustomStringConvertible {
    public let description: String
}
