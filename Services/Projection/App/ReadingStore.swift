// Readings into their day partitions, and their digests as one compact row per partition. Invariants: a reading that is stored has its digest stored in the
// same transaction; a reading older than the digests in memory is asked of the database first, so within retention nothing is counted twice.
// Runs inside the worker's transaction. Read next: RollupTables.swift, Core/DigestWindow.swift.

internal import Models
internal import Postgres
internal import ProjectionCore

struct ReadingStore {
    /// Full name of the telemetry topic.
    let topic: String
    private var buffer = CopyBuffer(capacity: 4 << 20)

    init(topic: String) { self.topic = topic }

    private static let columns = [
        "source", "id", "subject", "occurred_at", "known_at", "accepted_at", "partition", "record_offset", "power_kw", "energy_kwh_total",
        "gpu_utilization", "gpus", "pue", "rest",
    ]
    private static let copy = "COPY gigawatch.reading (\(columns.joined(separator: ", "))) FROM STDIN BINARY"

    /// Stores readings and their digests.
    mutating func store(_ readings: [Reading], texts: ByteArena, subjects: SubjectTable, on connection: Connection) throws {
        guard !readings.isEmpty else { return }
        buffer.removeAll()
        texts.withAllBytes { all in
            for reading in readings {
                buffer.beginRow(columns: ReadingStore.columns.count)
                buffer.text(ByteArena.slice(all, reading.source))
                buffer.text(ByteArena.slice(all, reading.id))
                subjects.withName(of: reading.subject) { buffer.text($0) }
                buffer.instant(reading.occurredAt)
                buffer.instant(reading.knownAt)
                buffer.instant(reading.acceptedAt)
                buffer.int4(reading.partition)
                buffer.int8(reading.recordOffset)
                number(reading.powerKW)
                number(reading.energyKWh)
                number(reading.utilization)
                if reading.gpus == Reading.absentCount { buffer.null() } else { buffer.int8(reading.gpus) }
                number(reading.pue)
                if reading.rest.count == 0 { buffer.null() } else { buffer.text(ByteArena.slice(all, reading.rest)) }
            }
        }
        try connection.copyIn(ReadingStore.copy, buffer)
        try storeDigests(readings, on: connection)
    }

    private mutating func number(_ value: Double) { if value.isNaN { buffer.null() } else { buffer.double(value) } }

    // MARK: Digests

    private struct DigestRow {
        var firstOffset = Int64.max
        var from = Instant(microseconds: .max)
        var to = Instant(microseconds: .min)
        var bytes: [UInt8] = []

        mutating func add(_ reading: Reading) {
            firstOffset = min(firstOffset, reading.recordOffset)
            from = min(from, reading.occurredAt)
            to = max(to, reading.occurredAt)
            for word in [UInt64(bitPattern: reading.occurredAt.microseconds), reading.digest, reading.content] {
                withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
            }
        }
    }

    /// Old readings get rows of their own: one of last month must not make its row span the month.
    private func storeDigests(_ readings: [Reading], on connection: Connection) throws {
        var rows: [Int64: DigestRow] = [:]
        for reading in readings { rows[Int64(reading.partition) * 2 + (reading.isBeyond ? 1 : 0), default: DigestRow()].add(reading) }
        let ordered = rows.sorted { $0.key < $1.key }
        try connection.query(
            """
            INSERT INTO gigawatch.reading_digest (topic, partition, first_offset, occurred_from, occurred_to, digests)
            SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::timestamptz[], $5::timestamptz[], $6::bytea[])
            """,
            [
                .text(topic), .intArray(ordered.map { $0.key / 2 }), .intArray(ordered.map(\.value.firstOffset)),
                .instantArray(ordered.map(\.value.from)), .instantArray(ordered.map(\.value.to)), .bytesArray(ordered.map(\.value.bytes)),
            ])
    }

    /// The digests of a partition's newest readings, for a new owner.
    func loadWindow(of partition: Int32, capacity: Int, on connection: Connection) throws -> DigestWindow {
        var window = DigestWindow(capacity: capacity)
        var loaded: Int64 = 0
        while true {
            let rows = try connection.query(
                """
                SELECT occurred_to, digests FROM gigawatch.reading_digest WHERE topic = $1 AND partition = $2::bigint
                ORDER BY occurred_to DESC, occurred_from DESC, first_offset DESC LIMIT 100 OFFSET $3
                """, [.text(topic), .int(Int64(partition)), .int(loaded)])
            for row in 0..<rows.count {
                guard let to = rows.instant(row, 0), let bytes = rows.bytes(row, 1) else { continue }
                guard window.count < capacity / 2 else {
                    window.beginsAt(second: DigestWindow.second(of: to) &+ 1)
                    return window
                }
                forEachDigest(in: bytes) { window.load(digest: $1, content: $2, at: $0) }
            }
            if rows.count < 100 { return window }
            loaded += Int64(rows.count)
        }
    }

    /// What the database knows of readings that are older than the digests in memory. Index in `readings` -> verdict; what is absent is new.
    func verdicts(of readings: [Reading], on connection: Connection) throws -> [Int: ReadingVerdict] {
        var verdicts: [Int: ReadingVerdict] = [:]
        let beyond = Dictionary(grouping: readings.indices.filter { readings[$0].isBeyond }, by: { readings[$0].partition })
        for (partition, indices) in beyond.sorted(by: { $0.key < $1.key }) {
            var first: [UInt64: Int] = [:]
            for index in indices {
                if let leader = first[readings[index].digest] {
                    verdicts[index] = sameContent(readings[leader].content, readings[index].content) ? .duplicate : .conflict
                } else {
                    first[readings[index].digest] = index
                }
            }
            let times = indices.map { readings[$0].occurredAt }
            guard let from = times.min(), let to = times.max() else { continue }
            let rows = try connection.query(
                """
                SELECT digests FROM gigawatch.reading_digest
                WHERE topic = $1 AND partition = $2::bigint AND occurred_to >= $3 AND occurred_from <= $4
                """, [.text(topic), .int(Int64(partition)), .instant(from), .instant(to)])
            var stored: [UInt64: UInt64] = [:]
            for row in 0..<rows.count {
                guard let bytes = rows.bytes(row, 0) else { continue }
                forEachDigest(in: bytes) { if first[$1] != nil { stored[$1] = $2 } }
            }
            for index in indices {
                guard let content = stored[readings[index].digest] else { continue }
                verdicts[index] = sameContent(content, readings[index].content) ? .duplicate : .conflict
            }
        }
        return verdicts
    }

    /// As in memory, where half a word is kept.
    private func sameContent(_ a: UInt64, _ b: UInt64) -> Bool { UInt32(truncatingIfNeeded: a) == UInt32(truncatingIfNeeded: b) }

    private func forEachDigest(in bytes: [UInt8], _ body: (Instant, UInt64, UInt64) -> Void) {
        bytes.withUnsafeBytes { bytes in
            var position = 0
            while position + 24 <= bytes.count {
                func word(_ at: Int) -> UInt64 { UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: position + at, as: UInt64.self)) }
                body(Instant(microseconds: Int64(bitPattern: word(0))), word(8), word(16))
                position += 24
            }
        }
    }
}
