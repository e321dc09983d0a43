// How long to wait before the next try during an outage: growing, jittered so that workers do not come back all at once, without end.

/// Pauses of 0.1 s growing to 10 s, each drawn from its upper half.
public struct OutagePause: Sendable {
    private var attempts = 0

    public init() {}

    /// Milliseconds until the next try.
    public mutating func next() -> Int {
        let ceiling = min(10_000, 100 << min(attempts, 7))
        attempts += 1
        return Int.random(in: (ceiling / 2)...ceiling)
    }

    public mutating func reset() { attempts = 0 }
    public var isOver: Bool { attempts == 0 }
}
