// Facts into the ledger, their typed tables, the corrections they make and the entities they make dirty. Invariants: `(source, id)` is stored once, for ever
// (the ledger's unique index decides, also between workers); rows are touched in the order of their keys, so workers do not deadlock; the typed row,
// the correction and the dirty mark exist exactly for rows that the ledger took. Runs inside the worker's transaction. Read next: FactBatch.swift.

internal import JSON
internal import Models
internal import Postgres
internal import ProjectionCore
internal import Schema

/// What the ledger said to a fact.
enum FactOutcome {
    case stored(factID: Int64)
    /// It was there before, with this digest.
    case known(digest: [UInt8])
}

struct FactStore {
    /// Full name of the events topic.
    let topic: String
    private let parser = JSONParser()

    init(topic: String) { self.topic = topic }

    /// Stores the rows at `indices` of `batch`; answers what became of each.
    func store(_ batch: FactBatch, _ indices: [Int], on connection: Connection) throws -> [Int: FactOutcome] {
        var outcomes = try insertIntoLedger(batch, indices, on: connection)
        var applied: [(row: Int, factID: Int64)] = []
        var missing: [Int] = []
        for index in indices {
            switch outcomes[index] {
            case .stored(let factID): applied.append((index, factID))
            case .known, nil: missing.append(index)
            }
        }
        if !missing.isEmpty { try readKnown(batch, missing, into: &outcomes, on: connection) }
        guard !applied.isEmpty else { return outcomes }
        try insertIntoTypedTables(batch, applied, on: connection)
        let victims = try insertCorrections(batch, applied, on: connection)
        var dirty = batch.dirtyEntities(of: applied.map(\.row))
        if victims { dirty = try addVictims(of: applied, batch, to: dirty, on: connection) }
        try markDirty(dirty, batch, on: connection)
        return outcomes
    }

    // MARK: The ledger

    private func insertIntoLedger(_ batch: FactBatch, _ indices: [Int], on connection: Connection) throws -> [Int: FactOutcome] {
        let texts = batch.texts
        let ordered = indices.map { (index: $0, source: texts.string(batch.rows[$0].source), id: texts.string(batch.rows[$0].id)) }
            .sorted { ($0.source, $0.id) < ($1.source, $1.id) }
        let rows = ordered.map { batch.rows[$0.index] }
        func optional(_ span: ArenaSpan?) -> String? { span.map { texts.string($0) } }
        func bytes(_ span: ArenaSpan) -> [UInt8] { texts.withBytes(span) { Array($0) } }
        let stored = try connection.query(
            """
            INSERT INTO gigawatch.fact (source, id, type, subject, occurred_at, known_at, accepted_at, topic, partition, record_offset, supersedes,
                confidence, assertion, evidence, accepted_by, extensions, data, digest)
            SELECT i.source, i.id, i.type, i.subject, i.occurred_at, i.known_at, i.accepted_at, $1, i.partition, i.record_offset, i.supersedes,
                i.confidence, i.assertion, i.evidence, i.accepted_by, i.extensions, i.data, i.digest
            FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::timestamptz[], $9::bigint[],
                $10::bigint[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::jsonb[], $17::jsonb[], $18::bytea[])
                AS i (source, id, type, subject, occurred_at, known_at, accepted_at, partition, record_offset, supersedes, confidence, assertion,
                evidence, accepted_by, extensions, data, digest)
            ON CONFLICT (source, id) DO NOTHING
            RETURNING fact_id, partition, record_offset
            """,
            [
                .text(topic), .textArray(ordered.map(\.source)), .textArray(ordered.map(\.id)),
                .textArray(rows.map { Catalogue.all[Int($0.type)].qualifiedName }), .textArray(rows.map { texts.string($0.subject) }),
                .instantArray(rows.map(\.occurredAt)), .instantArray(rows.map(\.knownAt)), .instantArray(rows.map(\.acceptedAt)),
                .intArray(rows.map { Int64($0.partition) }), .intArray(rows.map(\.recordOffset)), .textArray(rows.map { optional($0.supersedes) }),
                .textArray(rows.map { $0.confidence?.rawValue }), .textArray(rows.map { $0.assertion?.rawValue }),
                .textArray(rows.map { optional($0.evidence) }), .textArray(rows.map { optional($0.acceptedBy) }),
                .jsonArray(rows.map { $0.extensions.map(bytes) }), .jsonArray(rows.map { bytes($0.data) }), .bytesArray(rows.map { bytes($0.digest) }),
            ])
        var places: [FactPlace: Int] = [:]
        for index in indices { places[FactPlace(batch.rows[index].partition, batch.rows[index].recordOffset)] = index }
        var outcomes: [Int: FactOutcome] = [:]
        for row in 0..<stored.count {
            guard let factID = stored.int64(row, 0), let partition = stored.int64(row, 1), let recordOffset = stored.int64(row, 2),
                let index = places[FactPlace(Int32(truncatingIfNeeded: partition), recordOffset)]
            else { continue }
            outcomes[index] = .stored(factID: factID)
        }
        return outcomes
    }

    private struct FactPlace: Hashable {
        let partition: Int32
        let recordOffset: Int64
        init(_ partition: Int32, _ recordOffset: Int64) { (self.partition, self.recordOffset) = (partition, recordOffset) }
    }

    /// A statement of its own: only a new snapshot sees what another worker has committed meanwhile.
    private func readKnown(_ batch: FactBatch, _ missing: [Int], into outcomes: inout [Int: FactOutcome], on connection: Connection) throws {
        let known = try connection.query(
            """
            SELECT i.place, f.digest FROM unnest($1::text[], $2::text[], $3::bigint[]) AS i (source, id, place)
            JOIN gigawatch.fact f ON f.source = i.source AND f.id = i.id
            """,
            [
                .textArray(missing.map { batch.texts.string(batch.rows[$0].source) }), .textArray(missing.map { batch.texts.string(batch.rows[$0].id) }),
                .intArray(missing.map { Int64($0) }),
            ])
        for row in 0..<known.count {
            guard let place = known.int64(row, 0), let digest = known.bytes(row, 1) else { continue }
            outcomes[Int(place)] = .known(digest: digest)
        }
    }

    // MARK: The typed tables

    private func insertIntoTypedTables(_ batch: FactBatch, _ applied: [(row: Int, factID: Int64)], on connection: Connection) throws {
        var byType: [Int32: [(row: Int, factID: Int64)]] = [:]
        for fact in applied { byType[batch.rows[fact.row].type, default: []].append(fact) }
        for (type, facts) in byType.sorted(by: { $0.key < $1.key }) {
            let type = Catalogue.all[Int(type)]
            let fields = type.fields.map { quotedIdentifier(FactTables.columnName(of: $0)) }
            let columns = FactTables.commonColumns + fields
            var buffer = CopyBuffer(capacity: 256 * facts.count)
            batch.texts.withAllBytes { all in
                for fact in facts { write(batch.rows[fact.row], fact.factID, batch, all, columns: columns.count, to: &buffer) }
            }
            try connection.copyIn("COPY gigawatch.\(FactTables.tableName(of: type)) (\(columns.joined(separator: ", "))) FROM STDIN BINARY", buffer)
        }
    }

    private func write(_ row: FactRow, _ factID: Int64, _ batch: FactBatch, _ all: UnsafeRawBufferPointer, columns: Int, to buffer: inout CopyBuffer) {
        buffer.beginRow(columns: columns)
        buffer.int8(factID)
        buffer.text(ByteArena.slice(all, row.source))
        buffer.text(ByteArena.slice(all, row.id))
        buffer.text(ByteArena.slice(all, row.subject))
        buffer.instant(row.occurredAt)
        buffer.instant(row.knownAt)
        buffer.instant(row.acceptedAt)
        buffer.text(orNull: row.confidence?.rawValue)
        buffer.text(orNull: row.assertion?.rawValue)
        for place in row.cells {
            switch batch.cells[Int(place)] {
            case .null: buffer.null()
            case .text(let span): buffer.text(ByteArena.slice(all, span))
            case .double(let value): buffer.double(value)
            case .integer(let value): buffer.int8(value)
            case .money(let value): buffer.numeric(value)
            case .boolean(let value): buffer.bool(value)
            case .day(let value): buffer.day(value)
            case .instant(let value): buffer.instant(value)
            case .json(let span): buffer.jsonb(ByteArena.slice(all, span))
            case .texts(let first, let count):
                let spans = batch.listElements[Int(first)..<Int(first + count)]
                buffer.textArray(count: spans.count, bytes: spans.reduce(0) { $0 + Int($1.count) }) { buffer in
                    for span in spans { buffer.element(ByteArena.slice(all, span)) }
                }
            }
        }
    }

    // MARK: Corrections

    /// True when any of the facts corrects another.
    private func insertCorrections(_ batch: FactBatch, _ applied: [(row: Int, factID: Int64)], on connection: Connection) throws -> Bool {
        let texts = batch.texts
        let correctors = applied.compactMap { fact in batch.rows[fact.row].correction.map { (batch.rows[fact.row], fact.factID, $0) } }
        guard !correctors.isEmpty else { return false }
        try connection.query(
            """
            INSERT INTO gigawatch.correction (corrector_id, kind, victim_source, victim_id, corrector_source, corrector_event_id, known_at, accepted_at)
            SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::timestamptz[])
            """,
            [
                .intArray(correctors.map(\.1)), .textArray(correctors.map { $0.2.kind.rawValue }),
                .textArray(correctors.map { texts.string($0.2.victimSource) }), .textArray(correctors.map { texts.string($0.2.victimID) }),
                .textArray(correctors.map { texts.string($0.0.source) }), .textArray(correctors.map { texts.string($0.0.id) }),
                .instantArray(correctors.map(\.0.knownAt)), .instantArray(correctors.map(\.0.acceptedAt)),
            ])
        return true
    }

    /// A correction changes the figures of its victim's entities, and by reviving or voiding it those of the victim's victim, and so on.
    private func addVictims(
        of applied: [(row: Int, factID: Int64)], _ batch: FactBatch, to dirty: [DirtyEntity], on connection: Connection
    ) throws -> [DirtyEntity] {
        let victims = try connection.query(
            """
            WITH RECURSIVE chain (root, source, id) AS (
                SELECT c.corrector_id, c.victim_source, c.victim_id FROM gigawatch.correction c WHERE c.corrector_id = ANY ($1::bigint[])
                UNION
                SELECT chain.root, c.victim_source, c.victim_id FROM chain
                JOIN gigawatch.correction c ON c.corrector_source = chain.source AND c.corrector_event_id = chain.id)
            SELECT chain.root, f.type, f.subject, f.data FROM chain JOIN gigawatch.fact f ON f.source = chain.source AND f.id = chain.id
            """, [.intArray(applied.map(\.factID))])
        let rowOfFact = Dictionary(applied.map { ($0.factID, Int32(truncatingIfNeeded: $0.row)) }, uniquingKeysWith: { first, _ in first })
        var causes: [TouchedEntity: Int32] = [:]
        for entity in dirty { causes[entity.entity] = entity.row }
        for row in 0..<victims.count {
            guard let root = victims.int64(row, 0), let cause = rowOfFact[root], let type = victims.text(row, 1), let subject = victims.text(row, 2)
            else { continue }
            for entity in entities(type: type, subject: subject, data: victims.text(row, 3)) where causes[entity] == nil { causes[entity] = cause }
        }
        return causes.map { DirtyEntity(entity: $0.key, row: $0.value) }.sorted {
            ($0.entity.kind.rawValue, $0.entity.id) < ($1.entity.kind.rawValue, $1.entity.id)
        }
    }

    /// The entities of a stored fact, read the same way as those of an event.
    private func entities(type: String, subject: String, data: String?) -> [TouchedEntity] {
        var writer = JSONWriter()
        writer.object { writer in
            for (name, value) in [("specversion", "1.0"), ("id", "x"), ("source", "x"), ("type", type), ("subject", subject)] { writer.member(name, value) }
            writer.member("time", "2000-01-01T00:00:00Z")
            writer.key("data")
            writer.raw((data ?? "{}").utf8)
        }
        do {
            return try parser.withParsed(writer.bytes) { root in
                guard case .success(let event) = EnvelopeReader.structured(root), let type = event.eventType else { return [] }
                return FactBatch.withFigures(type.entities(of: event))
            }
        } catch {
            return []
        }
    }

    // MARK: Dirty entities

    private func markDirty(_ dirty: [DirtyEntity], _ batch: FactBatch, on connection: Connection) throws {
        guard !dirty.isEmpty else { return }
        let rows = dirty.map { batch.rows[Int($0.row)] }
        try connection.query(
            """
            INSERT INTO gigawatch.dirty_entity (kind, entity, cause_source, cause_id, cause_topic, cause_partition, cause_offset)
            SELECT i.kind, i.entity, i.source, i.id, $1, i.partition, i.record_offset
            FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[]) AS i (kind, entity, source, id, partition, record_offset)
            ON CONFLICT (kind, entity) DO UPDATE SET cause_source = EXCLUDED.cause_source, cause_id = EXCLUDED.cause_id,
                cause_topic = EXCLUDED.cause_topic, cause_partition = EXCLUDED.cause_partition, cause_offset = EXCLUDED.cause_offset
            """,
            [
                .text(topic), .textArray(dirty.map(\.entity.kind.rawValue)), .textArray(dirty.map(\.entity.id)),
                .textArray(rows.map { batch.texts.string($0.source) }), .textArray(rows.map { batch.texts.string($0.id) }),
                .intArray(rows.map { Int64($0.partition) }), .intArray(rows.map(\.recordOffset)),
            ])
    }
}
