// LISTEN and NOTIFY: how one service tells another that something is there, without polling tables. A notification is a hint: it is lost while
// nobody is connected, so whoever waits also looks by itself from time to time.

internal import CPostgres
internal import Glibc
internal import Models

public struct Notification: Sendable, Equatable {
    public let channel: String
    public let payload: String
}

extension Connection {
    /// Listens to a channel from now on, also after `reconnect()`.
    public func listen(_ channel: String) throws(PostgresError) {
        try run("LISTEN \(quotedIdentifier(channel))")
        channels.insert(channel)
    }

    /// Sends a notification; inside a transaction it goes out with the COMMIT. At most 8,000 bytes.
    public func notify(_ channel: String, _ payload: String = "") throws(PostgresError) {
        try query("SELECT pg_notify($1, $2)", [.text(channel), .text(payload)])
    }

    /// What has come, waiting up to `timeout` for the first. Empty when nothing came. Throws when the connection is gone.
    public func notifications(within timeout: Duration) throws(PostgresError) -> [Notification] {
        let handle = try live("wait")
        let deadline = ContinuousClock.now + timeout
        while true {
            guard PQconsumeInput(handle) == 1 else { throw broken("wait") }
            var found: [Notification] = []
            while let native = PQnotifies(handle) {
                found.append(Notification(channel: String(cString: native.pointee.relname), payload: String(cString: native.pointee.extra)))
                PQfreemem(native)
            }
            if !found.isEmpty { return found }
            guard wait(on: PQsocket(handle), for: POLLIN, until: deadline) else { return [] }
        }
    }
}
