// Work that one process at a time does, by a PostgreSQL advisory lock: deriving, publishing the quarantine, maintenance. It has a thread and a connection of its own; the
// lock lives and dies with that connection, so a process that is killed hands over by itself. Outages are waited out with growing pauses.
// Read next: Deriver.swift, QuarantinePublisher.swift, Maintenance.swift.

internal import Models
internal import Operations
internal import Postgres
internal import Streaming

struct ElectedTask: Sendable {
    let name: StaticString
    /// Distinguishes the tasks of one database.
    let lockKey: Int64
    /// Seconds between rounds when there is nothing to do.
    let pauseSeconds: Double
    let postgres: String
    let log: Log

    /// Runs rounds until the shutdown. `round` answers whether there may be more to do at once.
    func run(until shutdown: Shutdown, _ round: (Connection) throws -> Bool) {
        var outage = OutagePause()
        var connection: Connection?
        var isElected = false
        while !shutdown.isRequested {
            do {
                let current = try connection ?? Connection(postgres, applicationName: "gigawatch-\(name)")
                if connection == nil { connection = current; isElected = false }
                if current.isBroken {
                    isElected = false
                    try current.reconnect()
                }
                if !isElected {
                    // The tasks' statements are planned for what they are: compiling them costs more than it saves.
                    try current.run("SET jit = off")
                    isElected = try current.bool("SELECT pg_try_advisory_lock($1)", [.int(lockKey)]) == true
                }
                if isElected {
                    let began = ContinuousClock.now
                    let hasMore = try round(current)
                    outage.reset()
                    if hasMore { continue }
                    // A round that takes long must not take a core for itself: as much pause as work, up to two seconds.
                    let work = (ContinuousClock.now - began) / .seconds(1)
                    shutdown.wait(seconds: max(pauseSeconds, min(2, work)))
                } else {
                    shutdown.wait(seconds: max(1, pauseSeconds))
                }
            } catch {
                let pause = outage.next()
                switch FailureKind(of: error) {
                case .retry, .outcomeUnknown, .fenced:
                    log.warning("a task waits for a server", ["task": .text("\(name)"), "reason": .text("\(error)"), "pause_ms": .int(pause)])
                case .quarantine, .configuration, .fatal:
                    // A figure that cannot be computed must not stop the ledger: this task alone stands still until a person has looked.
                    log.error("a task fails and tries again", ["task": .text("\(name)"), "reason": .text("\(error)"), "pause_ms": .int(pause)])
                }
                shutdown.wait(seconds: Double(pause) / 1000)
            }
        }
    }
}
