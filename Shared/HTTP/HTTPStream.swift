// A response that goes on: server-sent events. Whoever has something to say writes from any thread; the connection is suspended while there is
// nothing to send, so an idle stream costs no thread. Invariant: the buffer never exceeds its limit; a reader that lags behind it is dropped
// with a reason rather than slowing the writer or filling memory. A client that left is noticed at the next write: send a heartbeat.

internal import CMicrohttpd
internal import Glibc
internal import Synchronization

/// The sending end of a streaming response.
///
/// `@unchecked Sendable`: `connection` is used under the lock only, and not after `connectionIsOver`.
public final class HTTPStream: @unchecked Sendable {
    /// Why a stream is over.
    public enum End: Sendable, Equatable {
        /// `end()` was called and everything was sent.
        case ended
        /// The client closed, or the network failed.
        case clientLeft
        /// The client read too slowly: more than the limit was waiting.
        case tooSlow
    }

    private struct State: ~Copyable {
        var buffer: [UInt8] = []
        var sent = 0
        var isEnding = false
        var isTooSlow = false
        var isSuspended = false
        var isOver = false
    }

    private let connection: OpaquePointer
    private let bufferLimitBytes: Int
    private let closed: (@Sendable (End) -> Void)?
    private let state = Mutex(State())

    init(connection: OpaquePointer, bufferLimitBytes: Int, closed: (@Sendable (End) -> Void)?) {
        (self.connection, self.bufferLimitBytes, self.closed) = (connection, bufferLimitBytes, closed)
    }

    /// Adds bytes to what is to be sent. False when the stream is over or was dropped just now for being too slow.
    @discardableResult
    public func write(_ bytes: [UInt8]) -> Bool {
        state.withLock { state in
            guard !state.isOver, !state.isEnding, !state.isTooSlow else { return false }
            guard state.buffer.count - state.sent + bytes.count <= bufferLimitBytes else {
                state.isTooSlow = true
                state.buffer = []
                state.sent = 0
                // The socket is full, so libmicrohttpd waits on it: shutting it down ends the wait now instead of at the idle time limit.
                let descriptor = gw_http_socket(connection)
                if descriptor >= 0 { shutdown(descriptor, Int32(SHUT_RDWR)) }
                wake(&state)
                return false
            }
            if state.sent > 0, state.sent == state.buffer.count {
                state.buffer.removeAll(keepingCapacity: true)
                state.sent = 0
            }
            state.buffer.append(contentsOf: bytes)
            wake(&state)
            return true
        }
    }

    @discardableResult
    public func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    /// Ends the response after what was written.
    public func end() {
        state.withLock { state in
            state.isEnding = true
            wake(&state)
        }
    }

    /// Bytes written and not yet taken by the network.
    public var pendingBytes: Int { state.withLock { $0.buffer.count - $0.sent } }

    public var isOver: Bool { state.withLock { $0.isOver || $0.isTooSlow } }

    private func wake(_ state: inout State) {
        guard state.isSuspended, !state.isOver else { return }
        state.isSuspended = false
        MHD_resume_connection(connection)
    }

    // MARK: The server's side

    func native(headers: [(name: String, value: String)]) -> OpaquePointer? {
        let made = gw_http_response_streaming(
            { context, _, buffer, capacity in
                guard let context, let buffer else { return -2 }
                return Unmanaged<HTTPStream>.fromOpaque(context).takeUnretainedValue().read(into: buffer, capacity)
            },
            Unmanaged.passRetained(self).toOpaque(),
            { if let context = $0 { Unmanaged<HTTPStream>.fromOpaque(context).release() } })
        guard let made else {
            Unmanaged.passUnretained(self).release()
            return nil
        }
        for (name, value) in headers { MHD_add_response_header(made, name, value) }
        return made
    }

    private func read(into buffer: UnsafeMutablePointer<CChar>, _ capacity: Int) -> Int {
        state.withLock { state in
            if state.isTooSlow { return -2 }
            let waiting = state.buffer.count - state.sent
            if waiting > 0 {
                let count = min(waiting, capacity)
                state.buffer.withUnsafeBytes { bytes in
                    if let base = bytes.baseAddress { memcpy(buffer, base + state.sent, count) }
                }
                state.sent += count
                return count
            }
            if state.isEnding { return -1 }
            state.isSuspended = true
            MHD_suspend_connection(connection)
            return 0
        }
    }

    func connectionIsOver() {
        let end = state.withLock { state -> End in
            state.isOver = true
            state.isSuspended = false
            return state.isTooSlow ? .tooSlow : state.isEnding && state.sent == state.buffer.count ? .ended : .clientLeft
        }
        closed?(end)
    }
}
