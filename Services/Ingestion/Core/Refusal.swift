// A request that is answered as a whole, without a look at single events: the wrong path, no token, not JSON, the broker away.

public import Models

/// Why a request is answered with a problem.
public struct Refusal: Error, Sendable, Equatable {
    public let status: Int
    public let code: ErrorCode
    public let detail: String
    /// Seconds after which the same request may succeed.
    public let retryAfter: Int?

    public init(_ status: Int, _ code: ErrorCode, _ detail: String, retryAfter: Int? = nil) {
        (self.status, self.code, self.detail, self.retryAfter) = (status, code, detail, retryAfter)
    }

    /// Where events go, and how.
    public static func unknownPath(_ path: String) -> Refusal {
        Refusal(404, .requestPath, "There is no \(path.prefix(200)) here; events are sent with POST /v1/events.")
    }
    public static let method = Refusal(405, .requestMethod, "Events are sent with POST.")
    public static let brokerAway = Refusal(503, .brokerUnavailable, "Kafka cannot be reached; nothing was stored. Send it again.", retryAfter: 2)
    public static let brokerStalled = Refusal(
        503, .brokerUnavailable, "Kafka has acknowledged nothing for a second; nothing was stored. Send it again.", retryAfter: 2)
    public static let buffersFull = Refusal(
        503, .bufferFull, "Too many bytes wait for Kafka's acknowledgement; nothing was stored. Send it again.", retryAfter: 1)
    public static let stopping = Refusal(503, .shuttingDown, "The service is stopping; nothing was stored. Send it again.", retryAfter: 1)
}
