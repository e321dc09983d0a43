// A few threads, each with one connection that can only read, and one bounded queue before them. Requests over the bound are refused at once
// instead of waiting behind a slow database. A connection that broke is made again, and its job, which only reads, is tried once more.
// Read next: PositionGate.swift for the one thing that waits.

import Glibc
import Models
import Operations
import Postgres
import Schema
import Synchronization

/// What a job sees when there is no database for it.
enum DatabaseFailure: Error, Sendable {
    case unavailable(String)
    case timedOut
    case failed(PostgresError)

    init(_ error: PostgresError) {
        switch error.sqlState {
        case "57014", "55P03": self = .timedOut
        case "42883", "42P01", "42703", "3F000": self = .unavailable("the database does not have this program's schema yet")
        default: self = error.kind == .retry || error.kind == .outcomeUnknown ? .unavailable("the database cannot be reached") : .failed(error)
        }
    }
}

final class ConnectionPool: Sendable {
    typealias Job = @Sendable (Result<Rows, DatabaseFailure>) -> Void

    private struct Work: Sendable {
        let sql: String
        let parameters: [String?]
        let done: Job
    }

    private let queue: WorkQueue<Work>
    private let conninfo: String
    private let size: Int
    private let limits: ConnectionLimits
    private let log: Log
    private let threads = Mutex<[WorkerThread]>([])
    /// Why the database cannot be used; nil while it can.
    private let trouble = Mutex<String?>("not connected yet")

    init(conninfo: String, size: Int, waiting: Int, limits: ConnectionLimits, log: Log) {
        (self.conninfo, self.size, self.limits, self.log) = (conninfo, size, limits, log)
        queue = WorkQueue(limit: waiting)
    }

    func start() {
        threads.withLock { threads in
            for number in 0..<size { threads.append(WorkerThread { [self] in work(number) }) }
        }
    }

    /// Queued jobs are answered first.
    func stop() {
        queue.close()
        for thread in threads.withLock({ $0 }) { thread.join() }
    }

    var status: Health.Status { trouble.withLock { $0.map { .notReady($0) } ?? .ready } }

    /// False when too many wait already; then `done` is not called.
    func query(_ sql: String, _ parameters: [String?], _ done: @escaping Job) -> Bool {
        queue.push(Work(sql: sql, parameters: parameters, done: done))
    }

    private func work(_ number: Int) {
        var connection: Connection?
        while true {
            if connection == nil, number == 0 { connection = greet() }
            guard let job = queue.pop(within: .seconds(2)) else {
                if queue.isClosed { return }
                if number == 0 { check(&connection) }
                continue
            }
            job.done(execute(job, &connection))
        }
    }

    private func execute(_ job: Work, _ connection: inout Connection?) -> Result<Rows, DatabaseFailure> {
        var attempt = 0
        while true {
            do {
                let live = try connection ?? connect()
                connection = live
                return .success(try live.query(job.sql, job.parameters.map { .text(orNull: $0) }))
            } catch let error as PostgresError {
                if connection?.isBroken ?? true { connection = nil }
                attempt += 1
                if connection == nil, attempt < 2, job.parameters.count >= 0, error.operation != "connect" { continue }
                if case .failed = DatabaseFailure(error) { log.error("a query failed", ["reason": .text("\(error)")]) }
                return .failure(DatabaseFailure(error))
            } catch {
                return .failure(.unavailable("\(error)"))
            }
        }
    }

    private func connect() throws -> Connection {
        let connection = try Connection(conninfo, applicationName: "gigawatch query", limits: limits)
        // The service writes nothing; this makes sure of it whatever role it was given.
        try connection.run("SET default_transaction_read_only = on; SET TIME ZONE 'UTC'; SET jit = off")
        return connection
    }

    /// The first connection waits for the schema and says when the service is ready.
    private func greet() -> Connection? {
        do {
            let connection = try connect()
            let missing = try Migrations.missing(on: connection)
            trouble.withLock { $0 = missing }
            if missing == nil { return connection }
            usleep(200_000)
            return nil
        } catch {
            trouble.withLock { $0 = "the database cannot be reached: \(error)" }
            usleep(200_000)
            return nil
        }
    }

    private func check(_ connection: inout Connection?) {
        do {
            _ = try connection?.value("SELECT 1")
        } catch {
            trouble.withLock { $0 = "the database cannot be reached: \(error)" }
            connection = nil
        }
    }
}
