// Turns SIGTERM and SIGINT into a request to stop that loops can look at and waits can be woken by; a second signal ends the process at once.
// The signals are blocked and taken by one thread with sigwait, so no code runs in a signal handler. Install it before any other thread exists:
// threads inherit the mask.

internal import Glibc
internal import Synchronization

/// Whether and since when this process should stop.
public final class Shutdown: Sendable {
    private let requested = Atomic(false)
    /// Readable from the request on, for ever: a wait on it never misses.
    private let wake: Int32
    private let waker: Int32
    private let actions = Mutex<(stop: [@Sendable () -> Void], reload: [@Sendable () -> Void])>(([], []))

    /// Without signals: for tests, and for whoever stops by other means.
    public init() {
        var ends: [Int32] = [-1, -1]
        if pipe(&ends) == 0 { for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) } }
        (wake, waker) = (ends[0], ends[1])
    }

    deinit {
        close(wake)
        close(waker)
    }

    /// Takes SIGTERM, SIGINT and SIGHUP for this process, and ignores SIGPIPE. Call it first in `main`.
    public static func onSignals() -> Shutdown {
        let shutdown = Shutdown()
        signal(SIGPIPE, SIG_IGN)
        var set = sigset_t()
        sigemptyset(&set)
        for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&set, number) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        let context = Unmanaged.passRetained(shutdown).toOpaque()   // for the life of the process
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, { context in
            guard let context else { return nil }
            Unmanaged<Shutdown>.fromOpaque(context).takeUnretainedValue().takeSignals()
            return nil
        }, context)
        if code != 0 { pthread_sigmask(SIG_UNBLOCK, &set, nil) }   // without the thread the signals' own effect is better than none
        return shutdown
    }

    private func takeSignals() {
        var set = sigset_t()
        sigemptyset(&set)
        for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&set, number) }
        while true {
            var number: Int32 = 0
            guard sigwait(&set, &number) == 0 else { continue }
            if number == SIGHUP {
                for action in actions.withLock({ $0.reload }) { action() }
                continue
            }
            if isRequested { _exit(128 + number) }
            request()
        }
    }

    public var isRequested: Bool { requested.load(ordering: .acquiring) }

    /// Asks to stop; the first time runs what `onRequest` was given.
    public func request() {
        guard requested.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged else { return }
        var one: UInt8 = 1
        _ = write(waker, &one, 1)
        for action in actions.withLock({ $0.stop }) { action() }
    }

    /// Waits until a stop is requested.
    public func wait() { while !wait(seconds: 3600) {} }

    /// Waits until a stop is requested, at most so long. True when it is.
    @discardableResult
    public func wait(seconds: Double) -> Bool {
        if isRequested { return true }
        var descriptor = pollfd(fd: wake, events: Int16(POLLIN), revents: 0)
        _ = poll(&descriptor, 1, Int32(max(0, min(seconds * 1000, 3_600_000))))
        return isRequested
    }

    /// `action` runs on the signal's thread when a stop is requested (at once if it has been).
    public func onRequest(_ action: @escaping @Sendable () -> Void) {
        actions.withLock { $0.stop.append(action) }
        if isRequested { action() }
    }

    /// `action` runs on the signal's thread at each SIGHUP.
    public func onReload(_ action: @escaping @Sendable () -> Void) { actions.withLock { $0.reload.append(action) } }
}
