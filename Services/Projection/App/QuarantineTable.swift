// Records that are not applied, whole: bytes, place, reason. Written in the transaction that moves the position past them; the publisher takes them
// from here to the topic `quarantine`. Nothing waits behind them. Read next: QuarantinePublisher.swift, Core/RecordFate.swift.

internal import Kafka
internal import Models
internal import Postgres
internal import ProjectionCore

struct QuarantineTable {
    /// Stores refusals with their records.
    func store(_ refusals: [(refusal: Refusal, topic: String, record: RecordView)], on connection: Connection) throws {
        guard !refusals.isEmpty else { return }
        try connection.query(
            """
            INSERT INTO gigawatch.quarantine (topic, partition, record_offset, accepted_at, key, value, headers, kind, code, pointer, expected, actual,
                reason, sqlstate)
            SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::timestamptz[], $5::bytea[], $6::bytea[], $7::jsonb[], $8::text[], $9::text[],
                $10::text[], $11::text[], $12::text[], $13::text[], $14::text[])
            ON CONFLICT (topic, partition, record_offset) DO NOTHING
            """,
            [
                .textArray(refusals.map(\.topic)), .intArray(refusals.map { Int64($0.record.partition) }), .intArray(refusals.map(\.record.recordOffset)),
                .instantArray(refusals.map(\.record.timestamp)), .bytesArray(refusals.map { $0.record.key.map { Array($0) } }),
                .bytesArray(refusals.map { $0.record.value.map { Array($0) } }), .jsonArray(refusals.map { headers(of: $0.record) }),
                .textArray(refusals.map { $0.refusal.isUnapplied ? "unapplied" : "quarantined" }),
                .textArray(refusals.map(\.refusal.violation.code.rawValue)), .textArray(refusals.map { storable($0.refusal.violation.pointer) }),
                .textArray(refusals.map { storable($0.refusal.violation.expected) }), .textArray(refusals.map { storable($0.refusal.violation.actual) }),
                .textArray(refusals.map { storable($0.refusal.reason) }), .textArray(refusals.map(\.refusal.sqlState)),
            ])
    }

    /// `[["name","value"],["name",null],["name",{"hex":"00ff"}]]`: every header in its order, also those that are no text.
    private func headers(of record: RecordView) -> [UInt8] {
        var writer = JSONWriter()
        writer.array { writer in
            record.forEachHeader { name, value in
                writer.array { writer in
                    writer.string(storable(name.text))
                    guard let value else {
                        writer.null()
                        return
                    }
                    if !value.containsNUL, let text = String(validating: value, as: UTF8.self) {
                        writer.string(text)
                    } else {
                        writer.object { $0.member("hex", value.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()) }
                    }
                }
            }
        }
        return writer.bytes
    }

    /// PostgreSQL cannot store U+0000 in text: it is shown instead. A kilobyte of reason is enough.
    private func storable(_ text: String) -> String {
        let cut = text.utf8.count > 1024 ? String(text.prefix(1000)) + "…" : text
        return cut.utf8.contains(0) ? cut.replacing("\0", with: "␀") : cut
    }
}
