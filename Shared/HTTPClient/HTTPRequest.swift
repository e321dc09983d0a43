// A request and its reply as values, with every bound that a call has: connect and total time, size of the reply, which addresses may be
// called. Read next: HTTPClient.swift.

/// What is asked for.
public struct HTTPRequest: Sendable {
    public var method: String
    public var url: String
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]?
    public var connectTimeoutSeconds: Double
    /// From the call to the last byte of the reply. 0 for none: a stream that is followed.
    public var totalTimeoutSeconds: Double
    /// A larger reply is an error.
    public var responseLimitBytes: Int
    /// Loopback, link-local, private and multicast addresses are refused unless this is true. What counts is the address that is connected to,
    /// so a name that resolves to one is refused as well.
    public var allowsPrivateAddresses: Bool
    /// Uses the proxy that the environment names (`https_proxy`). The address check then sees the proxy's address only.
    public var usesEnvironmentProxy: Bool
    /// A file of certificate authorities to trust instead of the system's.
    public var authoritiesFile: String?

    public init(
        method: String = "GET", url: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil,
        connectTimeoutSeconds: Double = 5, totalTimeoutSeconds: Double = 30, responseLimitBytes: Int = 16 * 1024 * 1024,
        allowsPrivateAddresses: Bool = true, usesEnvironmentProxy: Bool = false, authoritiesFile: String? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.connectTimeoutSeconds = connectTimeoutSeconds
        self.totalTimeoutSeconds = totalTimeoutSeconds
        self.responseLimitBytes = responseLimitBytes
        self.allowsPrivateAddresses = allowsPrivateAddresses
        self.usesEnvironmentProxy = usesEnvironmentProxy
        self.authoritiesFile = authoritiesFile
    }
}

/// What came back, whatever its status. Redirects are not followed: a 3xx is a reply like any other.
public struct HTTPReply: Sendable {
    public let status: Int
    public let headers: [(name: String, value: String)]
    public let body: [UInt8]

    public var text: String { String(decoding: body, as: UTF8.self) }

    /// A header field by name, in any case.
    public func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }
}

/// No reply came.
public struct HTTPClientError: Error, Sendable, CustomStringConvertible {
    public enum Kind: Sendable {
        /// The name did not resolve, nobody listens, or the connection broke.
        case network
        case timeout
        /// The certificate is not trusted or the handshake failed.
        case tls
        /// The address is one that `allowsPrivateAddresses` guards.
        case addressRefused
        /// The reply is larger than the limit.
        case tooLarge
        /// The receiver of a streamed reply asked to stop.
        case stopped
        /// The request itself is wrong: its URL, its scheme, a header.
        case request
    }

    public let kind: Kind
    public let message: String

    public init(kind: Kind, message: String) { (self.kind, self.message) = (kind, message) }

    /// True when the same request may succeed later.
    public var isRetryable: Bool {
        switch kind {
        case .network, .timeout, .tls: true
        case .addressRefused, .tooLarge, .stopped, .request: false
        }
    }

    public var description: String { message }
}
