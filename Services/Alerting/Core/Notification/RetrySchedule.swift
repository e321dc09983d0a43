// When a delivery is tried again, and when it is given up: an exponential pause with full jitter, the receiver's own Retry-After before it.
// Pure: the random share and the age come from the caller. Read next: WebhookBody.swift.

/// What one attempt came to.
public enum AttemptOutcome: Sendable, Equatable {
    /// The receiver answered with this status; the second value is its Retry-After in seconds.
    case answered(status: Int, retryAfter: Double?)
    /// No answer: network, time-out, refused address.
    case failed(isRetryable: Bool)
}

public enum AttemptVerdict: Sendable, Equatable {
    case delivered
    /// Try again after so many seconds.
    case retry(after: Double)
    /// Put it with the dead letters.
    case dead
}

public struct RetrySchedule: Sendable {
    /// Seconds.
    public var first = 0.5
    public var longest = 60.0
    /// A Retry-After longer than this counts as this; seconds.
    public var longestAsked = 3600.0
    /// After so long a delivery is dead; seconds.
    public var givesUpAfter = 86_400.0

    public init() {}

    /// - Parameters:
    ///   - attempt: 1 for the first.
    ///   - age: seconds since the delivery was made.
    ///   - jitter: a random number in 0..<1.
    public func verdict(_ outcome: AttemptOutcome, attempt: Int, age: Double, jitter: Double) -> AttemptVerdict {
        var asked: Double?
        switch outcome {
        case .answered(let status, let retryAfter):
            if (200..<300).contains(status) { return .delivered }
            guard Self.isRetryable(status) else { return .dead }
            asked = retryAfter
        case .failed(let isRetryable):
            guard isRetryable else { return .dead }
        }
        guard age < givesUpAfter else { return .dead }
        let ceiling = min(longest, first * Double(1 << min(max(attempt - 1, 0), 20)))
        let pause = ceiling * jitter
        // What the receiver asks for is a floor; the jitter above it keeps many senders from coming back together.
        return .retry(after: max(0.05, min(asked ?? 0, longestAsked) + pause))
    }

    public static func isRetryable(_ status: Int) -> Bool { status == 408 || status == 425 || status == 429 || (500..<600).contains(status) }
}
