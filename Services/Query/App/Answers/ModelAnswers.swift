// Answers a request for a read model: parameters to a statement, a connection of the pool, the database's JSON into the shape of the contract.
// What is wrong with a request is a 400 with the parameter's name; a slow or absent database is a 503; nothing from outside gives a 500.

import Glibc
import HTTP
import JSON
import Models
import Operations
import Postgres
import QueryCore

struct ModelAnswers: Sendable {
    let pool: ConnectionPool
    let gate: PositionGate
    let topicPrefix: String
    let waitSeconds: Double
    let log: Log

    func answer(_ exchange: HTTPExchange, _ model: ReadModel, _ values: [String: String]) {
        let request: ModelRequest
        do {
            request = try ModelRequest(model, pathValues: values, parameters: exchange.queryItems)
        } catch {
            exchange.respond(
                .problem(
                    status: 400, code: "parameter.invalid", detail: "The parameter \(error)", members: [("parameter", Self.quoted(error.parameter))]))
            return
        }
        guard !request.atLeast.isEmpty else { return ask(exchange, model, request) }
        let wanted = request.atLeast.map { AtLeast(topic: fullTopic($0.topic), partition: $0.partition, recordOffset: $0.recordOffset) }
        let isQueued = gate.wait(for: wanted, seconds: waitSeconds) { outcome in
            switch outcome {
            case .reached: ask(exchange, model, request)
            case .late(let missing, let applied):
                let place = "\(missing.topic)/\(missing.partition)/\(missing.recordOffset)"
                let stand = applied.map { "it has come to \($0)" } ?? "it has read nothing of that partition"
                exchange.respond(
                    .problem(
                        status: 503, code: "position.not_reached",
                        detail: "The projection has not applied \(place) within \(waitSeconds) s: \(stand). Ask again.",
                        retryAfter: 1))
            case .unavailable: exchange.respond(Self.unavailable("the database cannot be reached"))
            }
        }
        if !isQueued { exchange.respond(Self.busy()) }
    }

    /// `events` means this installation's topic of that name.
    private func fullTopic(_ name: String) -> String { TopicName(rawValue: name) == nil ? name : "\(topicPrefix).\(name)" }

    private func ask(_ exchange: HTTPExchange, _ model: ReadModel, _ request: ModelRequest) {
        let statement = model.statement(for: request)
        let now = Self.now()
        let isQueued = pool.query(statement.sql, statement.parameters) { result in
            switch result {
            case .success(let rows): exchange.respond(response(model, request, rows, now))
            case .failure(let failure): exchange.respond(Self.problem(failure))
            }
        }
        if !isQueued { exchange.respond(Self.busy()) }
    }

    private func response(_ model: ReadModel, _ request: ModelRequest, _ rows: Rows, _ now: Instant) -> HTTPResponse {
        let items = rows.utf8(0, 2) ?? UnsafeRawBufferPointer(start: nil, count: 0)
        if model.shape == .item, items.count <= 2 {
            let id = request.pathValues.values.first ?? ""
            return .problem(status: 404, code: "entity.unknown", detail: "There is no \(model.name) '\(id)' under these clocks.")
        }
        let next = nextCursor(model, rows)
        if request.format == .csv { return csv(model, items, next) }
        var writer = JSONWriter(reserving: items.count + 512)
        writer.object { writer in
            if model.hasClocks {
                writer.member("as_of", request.asOf?.written ?? now.description)
                writer.member("as_known", request.asKnown?.written ?? now.description)
                writer.member("as_recorded", request.asRecorded?.written)
            }
            writer.key("positions")
            writer.raw(rows.utf8(0, 0).map { Array($0) } ?? Array("{}".utf8))
            switch model.shape {
            case .list:
                writer.key("items")
                writer.raw(items)
                writer.key("totals")
                if let totals = rows.utf8(0, 1) { writer.raw(totals) } else { writer.null() }
                writer.member("next", next)
            case .item:
                // `[{…}]`: the one object's members join the answer's own.
                writer.raw(items.dropFirst(2).dropLast(2))
            }
        }
        return HTTPResponse(status: 200, headers: [("Content-Type", "application/json"), ("Cache-Control", "no-store")], body: writer.bytes)
    }

    private func nextCursor(_ model: ReadModel, _ rows: Rows) -> String? {
        guard let text = rows.text(0, 3) else { return nil }
        var keys: [String] = []
        try? JSONParser().withParsed(text) { view in for key in view.elements { keys.append(key.string ?? "") } }
        guard keys.count == model.sort.count else { return nil }
        return Cursor(keys: keys).encoded(for: model)
    }

    private func csv(_ model: ReadModel, _ items: UnsafeRawBufferPointer, _ next: String?) -> HTTPResponse {
        var text = CSVText.header(model.columns)
        do {
            try JSONParser().withParsed(Array(items)) { CSVText.append($0, model.columns, to: &text) }
        } catch {
            log.error("an answer of the database is no JSON", ["model": .text(model.name)])
            return .problem(status: 500, code: "answer.invalid", detail: "The answer could not be written as CSV; ask for format=json.")
        }
        var response = HTTPResponse(
            status: 200,
            headers: [
                ("Content-Type", "text/csv; charset=utf-8; header=present"), ("Content-Disposition", "attachment; filename=\"\(model.name).csv\""),
                ("Cache-Control", "no-store"),
            ],
            body: Array(text.utf8))
        if let next { response.headers.append(("Gigawatch-Next-Cursor", next)) }
        return response
    }

    static func problem(_ failure: DatabaseFailure) -> HTTPResponse {
        switch failure {
        case .unavailable(let reason): unavailable(reason)
        case .timedOut:
            .problem(
                status: 503, code: "query.timed_out",
                detail: "The question took longer than this service allows. Narrow it with a filter or a smaller limit.",
                retryAfter: 5)
        // Class 22 is a value that PostgreSQL could not take: whatever slipped past the parameter's own check is still the caller's to mend.
        case .failed(let error) where error.sqlState?.hasPrefix("22") ?? false:
            .problem(status: 400, code: "parameter.invalid", detail: "A parameter has a value that the database cannot take: \(error.message).")
        case .failed: .problem(status: 500, code: "query.failed", detail: "The database refused the question; the service's log says why.")
        }
    }

    static func unavailable(_ reason: String) -> HTTPResponse {
        .problem(status: 503, code: "database.unavailable", detail: "No answer now: \(reason). Ask again in a moment.", retryAfter: 1)
    }

    static func busy() -> HTTPResponse {
        .problem(status: 503, code: "query.busy", detail: "Too many questions wait already. Ask again in a moment.", retryAfter: 1)
    }

    static func quoted(_ text: String) -> String {
        var writer = JSONWriter()
        writer.string(text)
        return writer.text
    }

    static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }
}
