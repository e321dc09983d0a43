// A thread that belongs to one piece of work: workers, the outbox publisher. Not the cooperative pool, whose few threads must never block.
internal import Glibc
internal import Synchronization

/// Runs `body` on a thread of its own; `join` waits for its end and says how it ended.
public final class OwnThread: Sendable {
    private final class Work: Sendable {
        let name: String
        let body: @Sendable () throws -> Void
        let failure = Mutex<(any Error)?>(nil)
        init(_ name: String, _ body: @escaping @Sendable () throws -> Void) {
            self.name = name
            self.body = body
        }
    }

    private let work: Work
    private let thread: pthread_t
    private let joined = Mutex(false)

    public init(_ name: String, _ body: @escaping @Sendable () throws -> Void) {
        work = Work(name, body)
        var handle = pthread_t()
        let context = Unmanaged.passRetained(work)
        let code = pthread_create(&handle, nil, { argument in
            guard let argument else { return nil }
            let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
            do { try work.body() } catch { work.failure.withLock { $0 = error } }
            return nil
        }, context.toOpaque())
        // Without a thread nothing of a service can run: there is no one to report to.
        precondition(code == 0, "cannot start a thread for \(name)")
        thread = handle
    }

    /// Waits for the end; the error that ended it, or nil. Call it once or more, from one thread at a time.
    @discardableResult
    public func join() -> (any Error)? {
        joined.withLock { done in
            if !done { pthread_join(thread, nil) }
            done = true
        }
        return work.failure.withLock { $0 }
    }
}
