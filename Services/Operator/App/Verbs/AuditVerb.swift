// `gigawatch audit`: proves from PostgreSQL and Kafka themselves that every record of the log was taken exactly once. Per consumer and partition:
// what was read is what became of it, the offsets from the first to the next are all accounted for, no fact is there twice, and the position lies
// within the log. Exit code 1 when any of it does not hold.

import Glibc
import JSON
import Kafka
import Models
import Operations
import OperatorCore
import Postgres
import QueryCore
import Streaming

enum AuditVerb {
    static let verb = Verb(
        command: Command(
            "audit", "Prove that every record of the log was taken exactly once",
            details: """
                Reads PostgreSQL (GIGAWATCH_POSTGRES) and Kafka (GIGAWATCH_KAFKA) directly. For each consumer and partition:
                  read = applied + duplicate + quarantined + unapplied + ignored, and next - first = read + accepted loss
                  the ledger holds as many facts and readings as were applied; the position lies within the log
                Exit code 1 when something does not hold, or a partition is halted.
                """,
            options: [
                CommandOption("consumer", "NAME", "only this consumer"), CommandOption("without-kafka", "do not look at the log's own ends"),
                CommandOption("caught-up", "also fail while records wait to be read"),
                CommandOption("accept-loss", "PLACE", "go on without the missing records of a halted CONSUMER/TOPIC/PARTITION; it is written down"),
                CommandOption("resume", "PLACE", "let a CONSUMER/TOPIC/PARTITION go on that stopped over too many bad records"),
                CommandOption("reason", "TEXT", "why, kept with an accepted loss"),
            ],
            examples: [
                .init("gigawatch audit", "both consumers"), .init("gigawatch audit --consumer projection --caught-up", "also that nothing waits"),
                .init("gigawatch audit --accept-loss projection/gigawatch.events/3 --reason 'broker lost its disk'", "as a halted partition says"),
            ])
    ) { session, arguments in
        if let place = arguments.value("accept-loss") ?? arguments.value("resume") {
            return try release(session, place, reason: arguments.value("reason") ?? "no reason given")
        }
        let connection = try connect(session)
        var rows = try positions(connection)
        if let wanted = arguments.value("consumer") { rows = rows.filter { $0.consumer == wanted } }
        guard !rows.isEmpty else { throw Failure("no consumer has read anything yet; are projection and alerting running?", code: .nothingFound) }
        if !arguments.has("without-kafka") { addWatermarks(session, &rows) }
        var findings = rows.flatMap { $0.findings(mustBeCaughtUp: arguments.has("caught-up")) }
        if arguments.value("consumer") ?? "projection" == "projection" { findings += try ledgerFindings(connection, rows) }
        if session.wantsJSON { session.out(json(rows, findings)) } else { session.out(report(session, rows, findings)) }
        return findings.isEmpty ? .done : .failed
    }

    /// Lets one halted partition go on, by the same code that the workers use.
    private static func release(_ session: Session, _ text: String, reason: String) throws -> ExitCode {
        let parts = text.split(separator: "/").map { String($0) }
        guard parts.count == 3, let partition = Int32(parts[2]) else {
            throw UsageProblem("expected CONSUMER/TOPIC/PARTITION as the halted partition names it, found '\(text)'")
        }
        let who = getenv("USER").map { String(cString: $0) } ?? "operator"
        let store = PositionStore(consumer: parts[0], owner: "gigawatch audit")
        let place = TopicPartition(topic: parts[1], partition: partition)
        guard let next = try store.release(place, acceptedBy: who, reason: reason, on: try connect(session, mayWrite: true)) else {
            throw Failure("\(text) is not halted, so there is nothing to accept; `gigawatch audit` shows what is", code: .nothingFound)
        }
        session.out("\(text) goes on at offset \(next); its worker sees it within seconds\n")
        return .done
    }

    static func connect(_ session: Session, mayWrite: Bool = false) throws -> Connection {
        do {
            let connection = try Connection(try session.configuration(Keys.postgres), applicationName: "gigawatch audit")
            if !mayWrite { try connection.run("SET default_transaction_read_only = on") }
            return connection
        } catch let error as PostgresError {
            throw Failure("PostgreSQL cannot be reached: \(error.message). Set GIGAWATCH_POSTGRES (`source .local/env`).")
        }
    }

    struct Row {
        let consumer: String
        let topic: String
        let partition: Int32
        let first: Int64
        let next: Int64
        let counters: [Int64]  // read, applied, duplicate, quarantined, unapplied, ignored
        let lost: Int64
        let halted: String?
        var low: Int64?
        var end: Int64?

        var lag: Int64? { end.map { max(0, $0 - next) } }

        func findings(mustBeCaughtUp: Bool) -> [String] {
            let place = "\(consumer) \(topic)/\(partition)"
            var found: [String] = []
            let fates = counters[1...].reduce(0, +)
            if counters[0] != fates { found.append("\(place): \(counters[0]) records read, but \(fates) have a fate") }
            let hole = next - first - counters[0] - lost
            if hole > 0 { found.append("\(place): \(hole) offsets between \(first) and \(next) are in no counter (a gap)") }
            if hole < 0 { found.append("\(place): \(-hole) more records counted than there are offsets between \(first) and \(next) (a double)") }
            if let halted { found.append("\(place): halted: \(halted)") }
            if let end, next > end { found.append("\(place): the position \(next) lies beyond the log's end \(end): is this the same log?") }
            if let low, next < low {
                found.append("\(place): the log begins at \(low), after the position \(next): records were lost before they were read")
            }
            if mustBeCaughtUp, let lag, lag > 0 { found.append("\(place): \(lag) records wait to be read") }
            return found
        }
    }

    static func positions(_ connection: Connection) throws -> [Row] {
        let rows: Rows
        do {
            rows = try connection.query(
                """
                SELECT p.consumer, p.topic, p.partition, p.first_offset, p.next_offset, p.read, p.applied, p.duplicate, p.quarantined, p.unapplied, p.ignored,
                  (SELECT coalesce(sum(a.to_offset - a.from_offset), 0)::bigint FROM gigawatch.accepted_loss a
                   WHERE a.consumer = p.consumer AND a.topic = p.topic AND a.partition = p.partition AND a.from_offset >= p.first_offset), p.halted_reason
                FROM gigawatch.stream_position p ORDER BY p.consumer, p.topic, p.partition
                """)
        } catch {
            // Not as a `where` of the catch: swiftc 6.3.1 crashes on that with a typed throw.
            let isEmpty = error.sqlState == "42P01" || error.sqlState == "3F000"
            throw isEmpty
                ? Failure("the database has no schema yet; start projection, which makes it") : Failure("PostgreSQL refused: \(error.message)")
        }
        return (0..<rows.count).map { row in
            Row(
                consumer: rows[row, 0] ?? "", topic: rows[row, 1] ?? "", partition: Int32(clamping: rows.int64(row, 2) ?? 0),
                first: rows.int64(row, 3) ?? 0,
                next: rows.int64(row, 4) ?? 0, counters: (5...10).map { rows.int64(row, $0) ?? 0 }, lost: rows.int64(row, 11) ?? 0,
                halted: rows[row, 12])
        }
    }

    /// The log's own ends, where it can be reached; its absence is a note, not a finding.
    static func addWatermarks(_ session: Session, _ rows: inout [Row]) {
        do {
            let configuration = KafkaConfiguration(
                bootstrap: try session.configuration(Keys.kafka), properties: try session.configuration.kafkaProperties())
            let admin = try Admin(configuration, timeLimitMilliseconds: 5_000)
            defer { admin.close() }
            let places = Set(rows.map { TopicPartition(topic: $0.topic, partition: $0.partition) })
            let marks = try admin.watermarks(of: Array(places))
            for index in rows.indices {
                let mark = marks[TopicPartition(topic: rows[index].topic, partition: rows[index].partition)]
                rows[index].low = mark?.low
                rows[index].end = mark?.high
            }
        } catch {
            session.note("the log's ends are not checked: Kafka cannot be reached (\(error))")
        }
    }

    /// What the positions say was applied must be what the tables hold.
    private static func ledgerFindings(_ connection: Connection, _ rows: [Row]) throws -> [String] {
        var found: [String] = []
        let facts = try connection.query(
            """
            SELECT p.topic, p.partition, p.applied, (SELECT count(*) FROM gigawatch.fact f WHERE f.topic = p.topic AND f.partition = p.partition),
              p.quarantined + p.unapplied, (SELECT count(*) FROM gigawatch.quarantine q WHERE q.topic = p.topic AND q.partition = p.partition),
              EXISTS (SELECT FROM gigawatch.fact f WHERE f.topic = p.topic LIMIT 1)
            FROM gigawatch.stream_position p WHERE p.consumer = 'projection' ORDER BY p.topic, p.partition
            """)
        for row in 0..<facts.count {
            let place = "projection \(facts[row, 0] ?? "")/\(facts[row, 1] ?? "")"
            let applied = facts.int64(row, 2) ?? 0
            let inLedger = facts.int64(row, 3) ?? 0
            let aside = facts.int64(row, 4) ?? 0
            let inQuarantine = facts.int64(row, 5) ?? 0
            // Readings leave with their retention, so only topics of facts can be compared. Replayed records add facts of their own.
            if facts.bool(row, 6) == true, inLedger < applied {
                found.append("\(place): \(applied) applied, but the ledger holds \(inLedger) facts of it")
            }
            if inQuarantine < aside { found.append("\(place): \(aside) put aside, but quarantine holds \(inQuarantine) of it") }
        }
        let doubles =
            try connection.int64(
                "SELECT count(*) FROM (SELECT topic, partition, record_offset FROM gigawatch.fact GROUP BY 1, 2, 3 HAVING count(*) > 1) d") ?? 0
        if doubles > 0 { found.append("\(doubles) records of the log became more than one fact") }
        return found
    }

    private static func report(_ session: Session, _ rows: [Row], _ findings: [String]) -> String {
        let colours = session.terminal.hasColours
        var table = TextTable(headings: [
            .init("consumer"), .init("topic"), .init("partitions", alignsRight: true), .init("read", alignsRight: true),
            .init("applied", alignsRight: true),
            .init("duplicate", alignsRight: true), .init("quarantined", alignsRight: true), .init("unapplied", alignsRight: true),
            .init("ignored", alignsRight: true),
            .init("lost", alignsRight: true), .init("waiting", alignsRight: true), .init("account"),
        ])
        var groups: [(key: String, rows: [Row])] = []
        for row in rows {
            if groups.last?.key == row.consumer + row.topic {
                groups[groups.count - 1].rows.append(row)
            } else {
                groups.append((row.consumer + row.topic, [row]))
            }
        }
        for group in groups {
            guard let first = group.rows.first else { continue }
            let sums = (0..<6).map { index in NumberText.grouped(group.rows.reduce(0) { $0 + $1.counters[index] }) }
            let lag = group.rows.compactMap(\.lag)
            let isFine = group.rows.allSatisfy { $0.findings(mustBeCaughtUp: false).isEmpty }
            table.rows.append(
                [first.consumer, first.topic, String(group.rows.count)] + sums
                    + [
                        NumberText.grouped(group.rows.reduce(0) { $0 + $1.lost }), lag.isEmpty ? "–" : NumberText.grouped(lag.reduce(0, +)),
                        isFine ? "ok" : "failed",
                    ])
        }
        var text = table.text(width: session.terminal.width, colours: colours) + "\n"
        if findings.isEmpty {
            text +=
                CellStyle.good.apply("The account holds:", colours: colours)
                + " every offset read has one fate, no gap and no double in \(rows.count) partitions.\n"
        } else {
            for finding in findings { text += CellStyle.bad.apply("✗ ", colours: colours) + finding + "\n" }
        }
        return text
    }

    private static func json(_ rows: [Row], _ findings: [String]) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("holds", findings.isEmpty)
            writer.key("findings")
            writer.array { writer in for finding in findings { writer.string(finding) } }
            writer.key("partitions")
            writer.array { writer in
                for row in rows {
                    writer.object { writer in
                        writer.member("consumer", row.consumer)
                        writer.member("topic", row.topic)
                        writer.member("partition", Int64(row.partition))
                        writer.member("first_offset", Int64(row.first))
                        writer.member("next_offset", Int64(row.next))
                        for (name, value) in zip(["read", "applied", "duplicate", "quarantined", "unapplied", "ignored"], row.counters) {
                            writer.member(name, Int64(value))
                        }
                        writer.member("accepted_loss", Int64(row.lost))
                        writer.member("log_begins", row.low)
                        writer.member("log_ends", row.end)
                        writer.member("halted_reason", row.halted)
                    }
                }
            }
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }
}
