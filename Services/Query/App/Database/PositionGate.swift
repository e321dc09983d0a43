// Holds requests until the positions that they name are applied (`at_least`), so that a writer reads what it wrote. One thread and one
// connection look for all who wait, so waiting costs no connection of the pool. Bounded in time: who waits too long is told so.

import Glibc
import Models
import Operations
import Postgres
import QueryCore
import Synchronization

final class PositionGate: Sendable {
    enum Outcome: Sendable {
        case reached
        /// The position that is not applied yet.
        case late(AtLeast, applied: Int64?)
        case unavailable
    }

    private struct Waiter: Sendable {
        let wanted: [AtLeast]
        let deadline: ContinuousClock.Instant
        let done: @Sendable (Outcome) -> Void
    }

    private let conninfo: String
    private let log: Log
    private let arrivals = WorkQueue<Waiter>(limit: 4_096)
    private let thread = Mutex<WorkerThread?>(nil)

    init(conninfo: String, log: Log) { (self.conninfo, self.log) = (conninfo, log) }

    func start() { thread.withLock { $0 = WorkerThread { [self] in look() } } }

    func stop() {
        arrivals.close()
        thread.withLock { $0 }?.join()
    }

    /// Calls `done` once, from the gate's thread. False when too many wait.
    func wait(for wanted: [AtLeast], seconds: Double, _ done: @escaping @Sendable (Outcome) -> Void) -> Bool {
        arrivals.push(Waiter(wanted: wanted, deadline: .now + .milliseconds(Int(seconds * 1000)), done: done))
    }

    private func look() {
        var waiting: [Waiter] = []
        var connection: Connection?
        while true {
            if let waiter = arrivals.pop(within: waiting.isEmpty ? .seconds(1) : .milliseconds(10)) { waiting.append(waiter) }
            if arrivals.isClosed {
                for waiter in waiting { waiter.done(.unavailable) }
                return
            }
            if waiting.isEmpty { continue }
            let positions = read(&connection)
            let now = ContinuousClock.now
            waiting.removeAll { waiter in
                guard let positions else {
                    if now < waiter.deadline { return false }
                    waiter.done(.unavailable)
                    return true
                }
                let missing = waiter.wanted.first { (positions["\($0.topic)/\($0.partition)"] ?? -1) <= $0.recordOffset }
                guard let missing else {
                    waiter.done(.reached)
                    return true
                }
                guard now >= waiter.deadline else { return false }
                waiter.done(.late(missing, applied: positions["\(missing.topic)/\(missing.partition)"]))
                return true
            }
        }
    }

    /// Next offsets of projection by topic/partition; nil while the database is away.
    private func read(_ connection: inout Connection?) -> [String: Int64]? {
        do {
            let live = try connection ?? Connection(conninfo, applicationName: "gigawatch query gate", statementTimeout: .seconds(2))
            connection = live
            let rows = try live.query("SELECT topic, partition, next_offset FROM gigawatch.stream_position WHERE consumer = 'projection'")
            var positions: [String: Int64] = [:]
            for row in 0..<rows.count {
                if let topic = rows.text(row, 0), let partition = rows.text(row, 1), let next = rows.int64(row, 2) {
                    positions["\(topic)/\(partition)"] = next
                }
            }
            return positions
        } catch {
            connection = nil
            usleep(100_000)
            return nil
        }
    }
}
