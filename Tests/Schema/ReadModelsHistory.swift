// A small ledger for tests of read models: facts go into the ledger and into their typed table by SQL, as the projection puts them, corrections into
// `correction`. Times are days or instants as text; what is not said is told and accepted when it happens.

import Postgres
import TestServers

/// A fresh database with the whole schema, and the ways to say something in it.
final class History {
    let connection: Connection
    private var counter = 0

    init() throws {
        connection = try TestPostgres.database().connect()
    }

    /// Says one thing. `data` is the event's data as JSON.
    @discardableResult
    func say(
        _ type: String, _ subject: String, at time: String, known: String? = nil, accepted: String? = nil, _ data: String, id: String? = nil,
        source: String = "test", supersedes: String? = nil, withdraws: String? = nil, confidence: String? = nil, assertion: String? = nil
    ) throws -> String {
        counter += 1
        let id = id ?? "e\(counter)"
        let known = known ?? time
        let accepted = accepted ?? known
        let common: [Parameter] = [
            .text(source), .text(id), .text(type + ".v1"), .text(subject), .text(time), .text(known), .text(accepted), .int(Int64(counter)),
            confidence.map { .text($0) } ?? .null, assertion.map { .text($0) } ?? .null, .text(data), supersedes.map { .text($0) } ?? .null,
        ]
        let rows = try connection.query(
            """
            INSERT INTO gigawatch.fact (source, id, type, subject, occurred_at, known_at, accepted_at, topic, partition, record_offset, confidence, assertion,
              data, supersedes, digest)
            VALUES ($1, $2, $3, $4, $5::timestamptz, $6::timestamptz, $7::timestamptz, 'gigawatch.events', 0, $8, $9, $10, $11::jsonb, $12, '')
            RETURNING fact_id
            """, common)
        let factID = rows.int64(0, 0) ?? 0
        let table = "fact_" + type.replacing(".", with: "_")
        try connection.query(
            """
            INSERT INTO gigawatch.\(table) SELECT (jsonb_populate_record(NULL::gigawatch.\(table), $1::jsonb - ARRAY['source'] || jsonb_build_object(
              'fact_id', f.fact_id, 'source', f.source, 'id', f.id, 'subject', f.subject, 'occurred_at', f.occurred_at, 'known_at', f.known_at,
              'accepted_at', f.accepted_at, 'confidence', f.confidence, 'assertion', f.assertion))).*
            FROM gigawatch.fact f WHERE f.fact_id = $2
            """, [.text(data), .int(factID)])
        if let victim = supersedes ?? withdraws {
            try connection.query(
                """
                INSERT INTO gigawatch.correction (corrector_id, kind, victim_source, victim_id, corrector_source, corrector_event_id, known_at, accepted_at)
                SELECT f.fact_id, $2, f.source, $3, f.source, f.id, f.known_at, f.accepted_at FROM gigawatch.fact f WHERE f.fact_id = $1
                """, [.int(factID), .text(supersedes == nil ? "withdraws" : "supersedes"), .text(victim)])
        }
        return id
    }

    /// Takes one thing back.
    func withdraw(_ id: String, known: String, as own: String? = nil) throws {
        try say("fact.withdrawn", "anything", at: known, #"{"source": "test", "event": "\#(id)"}"#, id: own, withdraws: id)
    }

    /// The first row of a query as texts, null as nil.
    func row(_ sql: String) throws -> [String?] {
        let rows = try connection.query(sql)
        guard rows.count > 0 else { return [] }
        return (0..<rows.columns.count).map { rows.text(0, $0) }
    }

    /// All rows, columns joined by `|`, null as `-`.
    func table(_ sql: String) throws -> [String] {
        let rows = try connection.query(sql)
        return (0..<rows.count).map { row in (0..<rows.columns.count).map { rows.text(row, $0) ?? "-" }.joined(separator: "|") }
    }

    /// One figure of one row; nil when there is no row or it is null.
    func figure(
        _ column: String, _ model: String, where condition: String = "true", asOf: String? = nil, asKnown: String? = nil, asRecorded: String? = nil
    ) throws
        -> Double?
    {
        let clock = { (text: String?) in text.map { "'\($0)'::timestamptz" } ?? "NULL" }
        let rows = try connection.query(
            "SELECT (\(column))::float8 FROM gigawatch.\(model)(\(clock(asOf)), \(clock(asKnown)), \(clock(asRecorded))) WHERE \(condition)")
        return rows.count > 0 ? rows.double(0, 0) : nil
    }
}
