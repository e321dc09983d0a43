// One batch of records into the database, inside the worker's transaction: decode, facts, readings, roll-ups, quarantine, and the counts that the
// position adds. Invariants: every record ends with one fate; a record that the database refuses is found by halving under savepoints and
// quarantined alone; digests in memory follow the transaction (`committed`, `rolledBack`). One worker, one thread.
// Read next: Core/RecordDecoder.swift, FactStore.swift, ReadingStore.swift, Shared/Streaming/Worker.swift.

internal import Kafka
internal import Models
internal import Postgres
internal import ProjectionCore
internal import Streaming

final class ProjectionProcessor: BatchProcessor {
    private let prefix: String
    private let windowCapacity: Int
    private var decoder: RecordDecoder
    private var reducer = RollupReducer()
    private let parser = RecordParser()
    private let factStore: FactStore
    private var readingStore: ReadingStore
    private let rollups = RollupTables()
    private let quarantine = QuarantineTable()
    /// Counts of the batch whose transaction is under way, by topic.
    private var pending: [String: RecordCounts] = [:]
    /// Partitions that are ours, with the epoch of our claim.
    private(set) var owned: [TopicPartition: Int64] = [:]
    /// Whether records of types that were unknown once are to be looked through: after each assignment.
    private var looksForKnownTypes = false
    private var nextReplay = ContinuousClock.now

    private let signals: ProjectionSignals

    init(prefix: String, partitions: Int32, windowCapacity: Int, signals: ProjectionSignals) {
        self.signals = signals
        self.prefix = prefix
        self.windowCapacity = windowCapacity
        decoder = RecordDecoder(partitions: partitions)
        factStore = FactStore(topic: TopicName.events.fullName(prefix: prefix))
        readingStore = ReadingStore(topic: TopicName.telemetry.fullName(prefix: prefix))
    }

    // MARK: Ownership

    /// Loads the digests of the partitions that are ours from now on.
    func assigned(_ positions: [StoredPosition], on connection: Connection) throws {
        owned = Dictionary(positions.map { ($0.place, $0.epoch) }, uniquingKeysWith: { first, _ in first })
        looksForKnownTypes = true
        for index in decoder.windows.indices { decoder.windows[index] = nil }
        for place in positions.map(\.place) where place.topic == readingStore.topic && decoder.windows.indices.contains(Int(place.partition)) {
            decoder.windows[Int(place.partition)] = try readingStore.loadWindow(of: place.partition, capacity: windowCapacity, on: connection)
        }
    }

    func forget(_ places: [TopicPartition]) {
        owned = [:]
        for index in decoder.windows.indices { decoder.windows[index] = nil }
    }

    func committed(_ batch: StreamBatch) {
        decoder.commit()
        signals.stored(pending)
        pending = [:]
    }

    func rolledBack(_ batch: StreamBatch) {
        decoder.rollback()
        pending = [:]
    }

    // MARK: Applying

    func write(_ batch: StreamBatch, on connection: Connection) throws -> [RecordCounts] {
        decoder.rollback()      // nothing provisional is left of a batch that was given up
        decoder.begin()
        var index: Int32 = 0
        var starts: [Int] = []
        for slice in batch.slices {
            starts.append(Int(index))
            guard let topic = TopicName(fullName: slice.place.topic, prefix: prefix) else { continue }
            for position in 0..<slice.count {
                parser.parse(slice[position], index: index, topic: topic, into: &decoder)
                index += 1
            }
        }
        try applyFacts(on: connection)
        Failpoint.reached("projection.facts.after")
        try applyReadings(on: connection)
        try quarantine.store(
            decoder.refusals.map { refusal in
                let slice = (starts.lastIndex { $0 <= Int(refusal.record) }) ?? 0
                return (refusal, batch.slices[slice].place.topic, batch.slices[slice][Int(refusal.record) - starts[slice]])
            }, on: connection)
        Failpoint.reached("projection.quarantine.after")
        pending = [:]
        return zip(batch.slices, starts).map { slice, start in
            var tally = FateTally()
            for fate in decoder.fates[start..<min(start + slice.count, decoder.fates.count)] { tally.count(fate) }
            let counts = RecordCounts(
                applied: tally.applied, duplicate: tally.duplicate, quarantined: tally.quarantined, unapplied: tally.unapplied, ignored: tally.ignored)
            pending[slice.place.topic, default: RecordCounts()] += counts
            return counts
        }
    }

    /// Only for what halving inside `write` cannot find: an error of the refusals themselves.
    func reject(_ record: RecordView, because error: any Error, on connection: Connection) throws -> RecordCounts {
        let sqlState = (error as? PostgresError)?.sqlState
        let violation = Violation(.databaseRefused, at: "", expected: "a record that PostgreSQL can hold", actual: sqlState ?? "an error")
        let refusal = Refusal(record: 0, violation, reason: "\(error)", sqlState: sqlState)
        try quarantine.store([(refusal, record.topic, record)], on: connection)
        return RecordCounts(quarantined: 1)
    }

    // MARK: Replay

    /// Now and then, while there is nothing to read: what was set aside and is asked for again.
    func idle(on connection: Connection) throws {
        guard ContinuousClock.now >= nextReplay, !owned.isEmpty else { return }
        nextReplay = ContinuousClock.now + .seconds(1)
        let replay = QuarantineReplay(owned: owned)
        if looksForKnownTypes {
            try replay.requestKnownTypes(on: connection)
            looksForKnownTypes = false
        }
        for record in try replay.requested(on: connection) {
            do {
                try connection.transaction { connection in
                    try replay.holdOwnership(of: record, on: connection)
                    decoder.rollback()
                    decoder.begin()
                    if let topic = TopicName(fullName: record.topic, prefix: prefix) {
                        record.withBytes { parser.parse($0, index: 0, topic: topic, into: &decoder) }
                        try applyFacts(on: connection)
                        try applyReadings(on: connection)
                    }
                    try replay.settle(record, decoder.fates.first ?? .undecided, decoder.refusals.first, on: connection)
                }
                decoder.commit()
            } catch {
                decoder.rollback()
                throw error
            }
        }
    }

    // MARK: Facts

    private func applyFacts(on connection: Connection) throws {
        guard !decoder.facts.isEmpty else { return }
        var outcomes: [Int: FactOutcome] = [:]
        try storeFacts(Array(decoder.facts.rows.indices), into: &outcomes, on: connection)
        // What a follower is compared with: what the ledger holds now under its identity.
        for (index, row) in decoder.facts.rows.enumerated() {
            switch outcomes[index] {
            case .stored: decoder.settle(record: row.record, .applied)
            case .known(let digest): settle(row.record, isSame: digest == bytes(row.digest))
            case nil: break     // refused by the database, settled there
            }
        }
        for follower in decoder.facts.followers {
            switch outcomes[Int(follower.row)] {
            case .stored: settle(follower.record, isSame: decoder.facts.sameBytes(follower.digest, decoder.facts.rows[Int(follower.row)].digest))
            case .known(let digest): settle(follower.record, isSame: digest == bytes(follower.digest))
            case nil:
                // The first of this identity was refused by the database; so is its repeat.
                let violation = Violation(.databaseRefused, at: "", expected: "a record that PostgreSQL can hold", actual: "a repeat of one that it refused")
                decoder.settle(refusing: Refusal(record: follower.record, violation))
            }
        }
    }

    private func bytes(_ span: ArenaSpan) -> [UInt8] { decoder.facts.texts.withBytes(span) { Array($0) } }

    private func settle(_ record: Int32, isSame: Bool) {
        if isSame { decoder.settle(record: record, .duplicate) } else { decoder.settle(refusing: Refusal(record: record, .identityConflict)) }
    }

    private func storeFacts(_ indices: [Int], into outcomes: inout [Int: FactOutcome], on connection: Connection) throws {
        guard let first = indices.first else { return }
        do {
            let stored = try connection.savepoint { try factStore.store(decoder.facts, indices, on: $0) }
            outcomes.merge(stored) { _, new in new }
        } catch let error as PostgresError where error.kind == .quarantine {
            if indices.count == 1 {
                decoder.settle(refusing: refusal(decoder.facts.rows[first].record, error))
                return
            }
            try storeFacts(Array(indices[..<(indices.count / 2)]), into: &outcomes, on: connection)
            try storeFacts(Array(indices[(indices.count / 2)...]), into: &outcomes, on: connection)
        }
    }

    // MARK: Readings

    private func applyReadings(on connection: Connection) throws {
        guard !decoder.readings.isEmpty else { return }
        if decoder.readings.readings.contains(where: { $0.isBeyond }) { try settleBeyond(on: connection) }
        var readings = decoder.readings.readings
        decoder.readings.readings = []
        try storeReadings(&readings, on: connection)
        readings.removeAll(keepingCapacity: true)
        decoder.readings.readings = readings
    }

    private func settleBeyond(on connection: Connection) throws {
        let verdicts = try readingStore.verdicts(of: decoder.readings.readings, on: connection)
        var kept: [Reading] = []
        kept.reserveCapacity(decoder.readings.readings.count)
        for (index, reading) in decoder.readings.readings.enumerated() {
            switch verdicts[index] {
            case .duplicate: decoder.settle(record: reading.record, .duplicate)
            case .conflict: decoder.settle(refusing: Refusal(record: reading.record, .identityConflict))
            case .fresh, .beyond, nil:
                if reading.isBeyond { decoder.settle(record: reading.record, .applied) }
                kept.append(reading)
            }
        }
        decoder.readings.readings = kept
    }

    private func storeReadings(_ readings: inout [Reading], on connection: Connection) throws {
        guard let first = readings.first else { return }
        do {
            try connection.savepoint { connection in
                try readingStore.store(readings, texts: decoder.readings.texts, subjects: decoder.subjects, on: connection)
                Failpoint.reached("projection.readings.after")
                reducer.reduce(&readings, subjects: &decoder.subjects)
                try rollups.join(reducer, subjects: decoder.subjects, on: connection)
                Failpoint.reached("projection.rollups.after")
            }
        } catch let error as PostgresError where error.kind == .quarantine {
            if readings.count == 1 {
                decoder.settle(refusing: refusal(first.record, error))
                decoder.windows[Int(first.partition)]?.discard(digest: first.digest)
                return
            }
            var low = Array(readings[..<(readings.count / 2)])
            var high = Array(readings[(readings.count / 2)...])
            try storeReadings(&low, on: connection)
            try storeReadings(&high, on: connection)
        }
    }

    private func refusal(_ record: Int32, _ error: PostgresError) -> Refusal {
        let violation = Violation(.databaseRefused, at: "", expected: "a record that PostgreSQL can hold", actual: error.sqlState ?? "an error")
        return Refusal(record: record, violation, reason: error.message, sqlState: error.sqlState)
    }
}
