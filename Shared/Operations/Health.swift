// Readiness from progress: a service is ready when each of its checks says so now, never because a thread is alive. Checks are closures that
// read what the work itself keeps (the age of the last stored batch, the broker's state). A service starts unready. Any thread.

internal import Glibc
internal import Synchronization

/// The checks of one process.
public final class Health: Sendable {
    public enum Status: Sendable, Equatable {
        case ready
        case notReady(String)
    }

    private struct State {
        var checks: [(name: String, check: @Sendable () -> Status)] = []
        var hasStarted = false
        var isStopping = false
    }

    private let state = Mutex(State())

    public init() {}

    /// Adds a check; its reason names what is missing and since when.
    public func add(_ name: String, _ check: @escaping @Sendable () -> Status) {
        state.withLock { $0.checks.append((name, check)) }
    }

    /// Composition is done: from now on the checks decide.
    public func started() { state.withLock { $0.hasStarted = true } }

    /// The service has been asked to stop: not ready from now on.
    public func stopping() { state.withLock { $0.isStopping = true } }

    /// Each check's answer in the order they were added.
    public var statuses: [(name: String, status: Status)] {
        let copy = state.withLock { $0 }
        var found = copy.checks.map { (name: $0.name, status: $0.check()) }
        if copy.isStopping { found.insert(("service", .notReady("stopping")), at: 0) }
        if !copy.hasStarted { found.insert(("service", .notReady("starting")), at: 0) }
        return found
    }

    public var isReady: Bool { statuses.allSatisfy { $0.status == .ready } }
}

/// When something last moved. Touch it in the loop that does the work.
public final class Progress: Sendable {
    private let last = Atomic<UInt64>(Progress.now())

    public init() {}

    public func touch() { last.store(Progress.now(), ordering: .relaxed) }

    /// Seconds since the last touch, on the monotonic clock.
    public var ageSeconds: Double { Double(Progress.now() &- last.load(ordering: .relaxed)) / 1e9 }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
