// Tells all listeners of /v1/stream what changes: alert transitions and the projection's positions. One thread and one connection look for all,
// so a listener costs a socket and nothing else. Transitions are numbered when they are stored but may commit out of order, so the hub looks
// again at the last seconds and remembers what it has sent. A slow reader is dropped by HTTPStream; a heartbeat finds those who left.

import Glibc
import HTTP
import JSON
import Models
import Operations
import Postgres
import Synchronization

final class StreamHub: Sendable {
    private struct Listener: Sendable {
        let stream: HTTPStream
        let topics: Set<String>
    }

    private struct Arrival: Sendable {
        let exchange: HTTPExchange
        let topics: Set<String>
        /// Number of the last transition that the listener has; nil for "from now".
        let after: Int64?
    }

    static let kinds: Set<String> = ["alerts", "metrics", "positions"]
    /// A listener that comes back gets at most so many of what it missed.
    static let replayLimit = 1_000

    private let conninfo: String
    private let log: Log
    private let arrivals = WorkQueue<Arrival>(limit: 4_096)
    private let thread = Mutex<WorkerThread?>(nil)
    private let count = Atomic<Int>(0)

    init(conninfo: String, log: Log) { (self.conninfo, self.log) = (conninfo, log) }

    var listenerCount: Int { count.load(ordering: .relaxed) }

    func start() { thread.withLock { $0 = WorkerThread { [self] in follow() } } }

    func stop() {
        arrivals.close()
        thread.withLock { $0 }?.join()
    }

    /// Takes a listener; any thread.
    func join(_ exchange: HTTPExchange) {
        var topics = Self.kinds
        for (name, value) in exchange.queryItems {
            guard name == "topics" || name == "last_event_id" else {
                exchange.respond(Self.refusal(name, "/v1/stream has no such parameter (known: topics, last_event_id)"))
                return
            }
            guard name == "topics" else { continue }
            topics = Set(value.split(separator: ",").map(String.init))
            guard !topics.isEmpty, topics.isSubset(of: Self.kinds) else {
                exchange.respond(Self.refusal(name, "expected some of alerts, metrics, positions, separated by commas"))
                return
            }
        }
        var after: Int64?
        if let text = exchange.header("Last-Event-ID") ?? exchange.query("last_event_id") {
            guard let number = Int64(text), number >= 0 else {
                exchange.respond(Self.refusal("last_event_id", "expected the id of an event of this stream"))
                return
            }
            after = number
        }
        if !arrivals.push(Arrival(exchange: exchange, topics: topics, after: after)) { exchange.respond(ModelAnswers.busy()) }
    }

    private static func refusal(_ name: String, _ message: String) -> HTTPResponse {
        .problem(
            status: 400, code: "parameter.invalid", detail: "The parameter \(name): \(message)", members: [("parameter", ModelAnswers.quoted(name))])
    }

    // MARK: the hub's thread

    private func follow() {
        var listeners: [Listener] = []
        var connection: Connection?
        var watch = TransitionWatch()
        var metricsSeen: Instant?
        var positions = ""
        var lastBeat = ContinuousClock.now
        var lastPositions = ContinuousClock.now
        while true {
            var arrival = arrivals.pop(within: .milliseconds(listeners.isEmpty ? 1_000 : 250))
            if arrivals.isClosed {
                for listener in listeners { listener.stream.end() }
                return
            }
            if listeners.isEmpty, arrival == nil {
                connection = nil
                watch = TransitionWatch()
                continue
            }
            do {
                let live = try connection ?? Connection(conninfo, applicationName: "gigawatch query stream", statementTimeout: .seconds(5))
                connection = live
                let news = try watch.news(live)
                send(news, "alerts", &listeners)
                while let newcomer = arrival {
                    try welcome(newcomer, live, positions, &listeners)
                    arrival = arrivals.pop(within: .zero)
                }
                if ContinuousClock.now - lastPositions > .seconds(1) {
                    lastPositions = .now
                    try tellMetrics(live, &metricsSeen, &listeners)
                    let now = try Self.positions(live)
                    if now != positions {
                        positions = now
                        send([Message(event: "positions", id: nil, data: now)], "positions", &listeners)
                    }
                }
            } catch {
                if let newcomer = arrival { newcomer.exchange.respond(ModelAnswers.unavailable("the database cannot be reached")) }
                if connection?.isBroken ?? true { connection = nil } else { log.error("the stream's query failed", ["reason": .text("\(error)")]) }
                send([Message(event: "trouble", id: nil, data: #"{"reason":"the database cannot be reached"}"#)], nil, &listeners)
                usleep(500_000)
            }
            if ContinuousClock.now - lastBeat > .seconds(10) {
                lastBeat = .now
                listeners.removeAll { !$0.stream.write(": still here\n\n") }
            }
            count.store(listeners.count, ordering: .relaxed)
        }
    }

    private func welcome(_ arrival: Arrival, _ connection: Connection, _ positions: String, _ listeners: inout [Listener]) throws {
        let missed = try arrival.after.map { try TransitionWatch.after($0, connection, limit: Self.replayLimit) } ?? []
        let now = positions.isEmpty ? try Self.positions(connection) : positions
        guard let stream = arrival.exchange.respondStreaming() else { return }
        stream.write("retry: 2000\n\n")
        if arrival.topics.contains("alerts") { for message in missed { stream.write(message.text) } }
        if arrival.topics.contains("positions") { stream.write(Message(event: "positions", id: nil, data: now).text) }
        listeners.append(Listener(stream: stream, topics: arrival.topics))
    }

    private func send(_ messages: [Message], _ topic: String?, _ listeners: inout [Listener]) {
        guard !messages.isEmpty else { return }
        let text = messages.map(\.text).joined()
        listeners.removeAll { listener in
            if let topic, !listener.topics.contains(topic) { return false }
            return !listener.stream.write(text)
        }
    }

    private static func positions(_ connection: Connection) throws -> String {
        try connection.value(
            """
            SELECT coalesce(json_object_agg(consumer || ':' || topic || '/' || partition, next_offset ORDER BY consumer, topic, partition), '{}'::json)::text
            FROM gigawatch.stream_position
            """) ?? "{}"
    }

    private func tellMetrics(_ connection: Connection, _ seen: inout Instant?, _ listeners: inout [Listener]) throws {
        let rows = try connection.query(
            """
            SELECT json_build_object('metric', metric, 'entity', entity, 'labels', labels, 'value', value, 'previous', previous, 'sequence', sequence,
              'as_of', as_of, 'cause', cause)::text, recorded_at
            FROM gigawatch.metric_history WHERE recorded_at > coalesce($1::timestamptz, now()) ORDER BY recorded_at LIMIT 500
            """, [.text(orNull: seen?.description)])
        if seen == nil { seen = ModelAnswers.now() }
        var messages: [Message] = []
        for row in 0..<rows.count {
            if let data = rows.text(row, 0) { messages.append(Message(event: "metric", id: nil, data: data)) }
            if let at = rows.instant(row, 1) { seen = at }
        }
        send(messages, "metrics", &listeners)
    }
}

/// One server-sent event.
struct Message: Sendable, Equatable {
    let event: String
    let id: String?
    /// One line of JSON.
    let data: String

    var text: String { "event: \(event)\n" + (id.map { "id: \($0)\n" } ?? "") + "data: \(data)\n\n" }
}

/// Which transitions the hub has told of.
struct TransitionWatch {
    /// Everything up to here was told or is older than the stream.
    private var safe: Int64?
    private var told: [Int64: ContinuousClock.Instant] = [:]

    private static let rows = """
        SELECT t.ordinal, row_to_json(t)::text FROM gigawatch.alert_transition t WHERE t.ordinal > $1::bigint ORDER BY t.ordinal LIMIT $2::bigint
        """

    mutating func news(_ connection: Connection) throws -> [Message] {
        guard try connection.bool("SELECT to_regclass('gigawatch.alert_transition') IS NOT NULL") == true else { return [] }
        guard let from = safe else {
            safe = try connection.int64("SELECT coalesce(max(ordinal), 0) FROM gigawatch.alert_transition")
            return []
        }
        let now = ContinuousClock.now
        let rows = try connection.query(Self.rows, [.text(String(from)), .text("2000")])
        var messages: [Message] = []
        for row in 0..<rows.count {
            guard let ordinal = rows.int64(row, 0), let data = rows.text(row, 1), told[ordinal] == nil else { continue }
            told[ordinal] = now
            messages.append(Message(event: "alert", id: String(ordinal), data: data))
        }
        // A transaction that took an earlier number has committed by now, or never will.
        for (ordinal, at) in told where now - at > .seconds(15) { safe = max(safe ?? 0, ordinal) }
        if let safe { told = told.filter { $0.key > safe } }
        return messages
    }

    static func after(_ ordinal: Int64, _ connection: Connection, limit: Int) throws -> [Message] {
        guard try connection.bool("SELECT to_regclass('gigawatch.alert_transition') IS NOT NULL") == true else { return [] }
        let found = try connection.query(rows, [.text(String(ordinal)), .text(String(limit))])
        return (0..<found.count).compactMap { row in
            found.text(row, 1).map { Message(event: "alert", id: found.text(row, 0), data: $0) }
        }
    }
}
