// A bounded queue between the server's threads and a few workers, and a thread as a value. Glibc's mutex and condition, because waiting with a
// time limit is what the standard library lacks.

import Glibc

/// `@unchecked Sendable`: everything mutable is touched under `mutex` only.
final class WorkQueue<Element: Sendable>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var elements: [Element] = []
    private var head = 0
    private var closed = false
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// False when the queue is full or closed.
    func push(_ element: Element) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard !closed, elements.count - head < limit else { return false }
        elements.append(element)
        pthread_cond_signal(changed)
        return true
    }

    /// The next element; nil when none came in time, or the queue is closed and empty.
    func pop(within timeout: Duration) -> Element? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        var until = timespec()
        clock_gettime(CLOCK_MONOTONIC, &until)
        let nanoseconds = until.tv_nsec + Int(timeout.components.attoseconds / 1_000_000_000)
        until.tv_sec += Int(timeout.components.seconds) + nanoseconds / 1_000_000_000
        until.tv_nsec = nanoseconds % 1_000_000_000
        while head == elements.count {
            if closed { return nil }
            if pthread_cond_timedwait(changed, mutex, &until) == ETIMEDOUT { return nil }
        }
        let element = elements[head]
        head += 1
        if head == elements.count {
            elements.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 512, head * 2 > elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }

    /// Wakes everybody; what is queued is still handed out.
    func close() {
        pthread_mutex_lock(mutex)
        closed = true
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
    }

    var isClosed: Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return closed
    }
}

/// A thread that runs one closure. `@unchecked Sendable`: the handle is written in `init` alone.
final class WorkerThread: @unchecked Sendable {
    private var handle = pthread_t()
    private var isRunning = false

    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    init(_ run: @escaping @Sendable () -> Void) {
        let body = Unmanaged.passRetained(Body(run))
        let code = pthread_create(
            &handle, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        isRunning = code == 0
        if code != 0 { body.release() }
    }

    func join() { if isRunning { pthread_join(handle, nil) } }
}
