// One process at a time: a session-level advisory lock of PostgreSQL, which ends with the connection, so that a dead leader is replaced as soon
// as the server notices. One thread. Invariant: while `hold` answers true, this process was the leader a moment ago.

import Operations
import Postgres

final class LeaderLock {
    private let role: String
    private let key: String
    private let settings: AlertingSettings
    private(set) var connection: Connection?
    private(set) var isHeld = false

    init(_ role: String, _ settings: AlertingSettings) {
        (self.role, self.settings) = (role, settings)
        key = "gigawatch.alerting.\(role).\(settings.prefix)"
    }

    /// Tries to become or stay the leader. Never throws: without a database there is no leader.
    func hold() -> Bool {
        do {
            let connection = try self.connection ?? Connection(settings.conninfo, applicationName: "gigawatch alerting \(role)")
            self.connection = connection
            if connection.isBroken {
                isHeld = false
                try connection.reconnect()
            }
            if isHeld {
                _ = try connection.int64("SELECT 1")
                return true
            }
            isHeld = try connection.bool("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", [.text(key)]) == true
            if isHeld { settings.log.info("leading", ["role": .text(role)]) }
        } catch {
            if isHeld { settings.log.warning("leadership was lost", ["role": .text(role), "reason": .text("\(error)")]) }
            isHeld = false
        }
        return isHeld
    }

    func release() {
        isHeld = false
        connection?.close()
        connection = nil
    }
}
