// Cancels a running statement from another thread, which is the only thing another thread may do to a connection. The statement then fails
// with SQLSTATE 57014 (kind retry).

internal import CPostgres

/// Unchecked: libpq's manual says of PQcancel that it may be called from another thread than the connection's; the structure is read only,
/// and freed with the last reference.
public final class Canceller: @unchecked Sendable {
    private let native: OpaquePointer

    init(_ native: OpaquePointer) { self.native = native }
    deinit { PQfreeCancel(native) }

    /// Asks the server to cancel what the connection runs. Opens a connection of its own and blocks until the request was sent; false when
    /// that failed. Nothing happens when nothing runs.
    @discardableResult
    public func cancel() -> Bool {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { message in
            PQcancel(native, message.baseAddress, Int32(message.count)) == 1
        }
    }
}
