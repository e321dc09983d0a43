// Records that were set aside, applied after all: because a person asks for it, or because this release knows a type that an earlier one did not. The
// worker that owns the partition does it, with the record's original coordinates and acceptance, so the outcome is that of a first reading.
// Invariant: in the transaction of a replay the claim of the partition is held (a stale owner writes nothing), and the row says what became of it.
// The position's counters stay: they say what happened at first. Read next: ProjectionProcessor.swift (`idle`).

internal import JSON
internal import Kafka
internal import Models
internal import Postgres
internal import ProjectionCore
internal import Streaming

/// A record as the quarantine holds it.
struct QuarantinedRecord {
    var number: Int64
    var topic: String
    var partition: Int32
    var recordOffset: Int64
    var acceptedAt: Instant
    var value: [UInt8]?
    var headers: [(name: String, value: [UInt8]?)]

    /// The record for the parser; views are valid inside `body`.
    func withBytes(_ body: (View) -> Void) {
        guard let value else { return body(View(record: self, value: nil)) }
        value.withUnsafeBytes { body(View(record: self, value: $0)) }
    }

    struct View: ParsableRecord {
        let record: QuarantinedRecord
        let value: UnsafeRawBufferPointer?
        private let headers: HeaderBytes

        init(record: QuarantinedRecord, value: UnsafeRawBufferPointer?) {
            (self.record, self.value, headers) = (record, value, HeaderBytes(record.headers))
        }

        var partition: Int32 { record.partition }
        var recordOffset: Int64 { record.recordOffset }
        var timestamp: Instant { record.acceptedAt }
        var hasHeaders: Bool { !record.headers.isEmpty }
        func header(_ name: StaticString) -> UnsafeRawBufferPointer? { headers.all.last { $0.name.hasSameBytes(as: name) }?.value }
        func forEachHeader(_ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer?) -> Void) { for header in headers.all { body(header.name, header.value) } }
    }
}

/// Headers at addresses that hold as long as this object.
private final class HeaderBytes {
    let all: [(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?)]

    init(_ headers: [(name: String, value: [UInt8]?)]) {
        all = headers.map { (HeaderBytes.copy(Array($0.name.utf8)), $0.value.map { HeaderBytes.copy($0) }) }
    }

    deinit {
        for header in all {
            header.name.deallocate()
            header.value?.deallocate()
        }
    }

    private static func copy(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
        memory.copyBytes(from: bytes)
        return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[0..<bytes.count])
    }
}

struct QuarantineReplay {
    /// Partitions of this worker, with the epoch of its claim.
    let owned: [TopicPartition: Int64]

    private var places: [Parameter] {
        let places = owned.keys.sorted()
        return [.textArray(places.map(\.topic)), .intArray(places.map { Int64($0.partition) })]
    }

    /// What is asked for, of our partitions.
    func requested(on connection: Connection) throws -> [QuarantinedRecord] {
        try read("q.replay_requested_at IS NOT NULL AND q.state = 'open'", on: connection)
    }

    /// Asks for the records whose type this release knows.
    func requestKnownTypes(on connection: Connection) throws {
        let parser = JSONParser()
        let known = try read("q.kind = 'unapplied' AND q.state = 'open' AND q.replay_requested_at IS NULL", limit: 10_000, on: connection).filter { record in
            if let type = record.headers.last(where: { $0.name == "ce_type" })?.value { return Catalogue.type(named: String(decoding: type, as: UTF8.self)) != nil }
            do {
                return try parser.withParsed(record.value ?? []) { root in root["type"]?.stringBytes.flatMap { Catalogue.type($0) } != nil }
            } catch {
                return false
            }
        }
        guard !known.isEmpty else { return }
        try connection.query(
            "UPDATE gigawatch.quarantine SET replay_requested_at = now(), replay_requested_by = 'release' WHERE quarantine_id = ANY ($1)",
            [.intArray(known.map(\.number))])
    }

    private func read(_ condition: String, limit: Int = 100, on connection: Connection) throws -> [QuarantinedRecord] {
        let rows = try connection.query(
            """
            SELECT q.quarantine_id, q.topic, q.partition, q.record_offset, q.accepted_at, q.value, q.headers FROM gigawatch.quarantine q
            JOIN unnest($1::text[], $2::bigint[]) AS mine (topic, partition) ON q.topic = mine.topic AND q.partition = mine.partition
            WHERE \(condition) ORDER BY q.quarantine_id LIMIT \(limit)
            """, places)
        return (0..<rows.count).compactMap { row in
            guard let number = rows.int64(row, 0), let topic = rows.text(row, 1), let partition = rows.int64(row, 2), let recordOffset = rows.int64(row, 3),
                let acceptedAt = rows.instant(row, 4)
            else { return nil }
            return QuarantinedRecord(
                number: number, topic: topic, partition: Int32(truncatingIfNeeded: partition), recordOffset: recordOffset, acceptedAt: acceptedAt,
                value: rows.bytes(row, 5), headers: StoredHeaders.read(rows.text(row, 6)))
        }
    }

    /// Nobody else can claim the partition until the transaction ends; throws when somebody has.
    func holdOwnership(of record: QuarantinedRecord, on connection: Connection) throws {
        let place = TopicPartition(topic: record.topic, partition: record.partition)
        let held = try connection.query(
            """
            SELECT 1 FROM gigawatch.stream_position WHERE consumer = 'projection' AND topic = $1 AND partition = $2::bigint AND owner_epoch = $3 FOR SHARE
            """, [.text(place.topic), .int(Int64(place.partition)), .int(owned[place] ?? -1)])
        guard held.count == 1 else { throw StreamError.fenced([place]) }
    }

    /// Writes what became of the record.
    func settle(_ record: QuarantinedRecord, _ fate: RecordFate, _ refusal: Refusal?, on connection: Connection) throws {
        switch fate {
        case .applied, .duplicate:
            try connection.query(
                """
                UPDATE gigawatch.quarantine SET state = 'replayed', state_at = now(), state_reason = $2, replay_requested_at = NULL WHERE quarantine_id = $1
                """, [.int(record.number), .text(fate == .applied ? "applied" : "had been applied before")])
        case .undecided, .quarantined, .unapplied, .ignored:
            try connection.query(
                "UPDATE gigawatch.quarantine SET replay_requested_at = NULL, replay_result = $2 WHERE quarantine_id = $1",
                [.int(record.number), .text(refusal.map { "\($0.violation)".replacing("\0", with: "␀") } ?? "the record belongs to no topic of projection")])
        }
    }
}
