// `gigawatch alerts tail` follows transitions as they happen; `alerts ack` takes an alert in hand by posting the event for it.

import Glibc
import JSON
import Models
import OperatorCore
import QueryCore

enum AlertVerbs {
    static let tail = Verb(
        command: Command(
            "alerts tail", "Follow alert transitions as they happen, until Ctrl-C",
            options: [CommandOption("after", "N", "begin after this transition's number, instead of now")],
            examples: [.init("gigawatch alerts tail", "watch"), .init("gigawatch alerts tail --json | jq .rule", "for a program")])
    ) { session, arguments in
        if let after = arguments.value("after"), Int64(after) == nil { throw UsageProblem("--after: expected a whole number, found '\(after)'") }
        let parser = JSONParser(depthLimit: 64)
        var last = arguments.value("after")
        session.note("waiting for transitions at \(try session.queryURL()); Ctrl-C ends")
        while true {
            var pending: [UInt8] = []
            do {
                try session.follow("/v1/stream?topics=alerts" + (last.map { "&last_event_id=\($0)" } ?? "")) { bytes in
                    pending.append(contentsOf: bytes)
                    while let end = range(of: [0x0A, 0x0A], in: pending) {
                        let block = String(decoding: pending[..<end], as: UTF8.self)
                        pending.removeFirst(end + 2)
                        show(block, session, parser, &last)
                    }
                    return true
                }
            } catch let failure as Failure where failure.code != .failed {
                throw failure
            } catch {
                session.note("the stream broke (\(error)); connecting again")
            }
            sleep(1)
        }
    }

    private static func range(of separator: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= separator.count else { return nil }
        return (0...(bytes.count - separator.count)).first { bytes[$0] == separator[0] && bytes[$0 + 1] == separator[1] }
    }

    private static func show(_ block: String, _ session: Session, _ parser: JSONParser, _ last: inout String?) {
        var fields: [String: String] = [:]
        for line in block.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else { continue }
            fields[String(line[..<colon])] = String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        if let id = fields["id"] { last = id }
        guard fields["event"] == "alert", let data = fields["data"] else { return }
        if session.wantsJSON {
            session.out(data + "\n")
        } else {
            _ = try? parser.withParsed(data) { view in
                let colours = session.terminal.hasColours
                let state = view["to_state"]?.string ?? "?"
                let level = view["level"]?.string.map { " \($0)" } ?? ""
                let labels =
                    view["labels"].map { labels in
                        labels.members.compactMap { key, value in value.string.map { "\(String(decoding: key, as: UTF8.self))=\($0)" } }
                    } ?? []
                let value = Cell(view["value"]).shown(in: Column("value", .number(decimals: 3), ""))
                session.out(
                    "\(view["event_at"]?.string ?? "")  " + TextTable.wordStyle(state).apply(state + level, colours: colours)
                        + "  \(Cell.printable(view["rule"]?.string ?? ""))  \(value)  " + Cell.printable(labels.joined(separator: " ")) + "\n")
            }
        }
    }

    static let acknowledge = Verb(
        command: Command(
            "alerts ack", "Take a firing alert in hand: its notifications stop until it is over",
            positionals: [Positional("FINGERPRINT", "the alert (gigawatch alerts list)")],
            options: [CommandOption("comment", "TEXT", "what is being done"), CommandOption("by", "NAME", "who (default: $USER)")],
            examples: [.init("gigawatch alerts ack 5f1c0e9ab3d24477 --comment 'load is being shed'", "acknowledge")])
    ) { session, arguments in
        let fingerprint = arguments.positionals[0]
        let reply = try session.ask("/v1/alerts/" + Session.escaped(fingerprint))
        var started: String?
        try JSONParser(depthLimit: 64).withParsed(reply.body) { started = $0["started_at"]?.string }
        guard let started, let startedAt = Instant(started) else {
            throw Failure("the alert \(fingerprint) has not fired, so there is nothing to acknowledge", code: .nothingFound)
        }
        let now = Session.now()
        var event = EventWriter(
            .alertAcknowledged, id: "ack/\(fingerprint)/\(now)", source: "/gigawatch/operator", subject: fingerprint, occurredAt: now)
        event.data { writer in
            writer.member("started_at", startedAt)
            writer.member("by", arguments.value("by") ?? getenv("USER").map { String(cString: $0) } ?? "operator")
            if let comment = arguments.value("comment") { writer.member("comment", comment) }
        }
        return try ControlPost.send(session, event.bytes, done: "acknowledged \(fingerprint), which began \(startedAt)")
    }
}

/// One control event to ingestion.
enum ControlPost {
    static func send(_ session: Session, _ event: [UInt8], done: String) throws -> ExitCode {
        let reply: BatchAnswer
        do {
            let answer = try session.post(event, contentType: "application/cloudevents+json")
            guard [202, 207, 422].contains(answer.status) else { throw session.failure(answer, from: "ingestion") }
            reply = try BatchAnswerReader().read(answer.body, count: 1)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure("ingestion does not answer (\(error)). Start it with `make up`, or set GIGAWATCH_INGESTION_URL.")
        }
        if let refusal = reply.rejected.first {
            throw Failure("ingestion refused it: \(refusal.code) at \(refusal.pointer): expected \(refusal.expected), found \(refusal.actual)")
        }
        session.out(done + "\n")
        return .done
    }
}
