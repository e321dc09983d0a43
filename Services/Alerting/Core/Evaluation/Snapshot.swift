// A partition's whole state as compact bytes, and back: names, fields, metrics, and for each rule the cells that were ever touched. The rules
// themselves are not in it: they are found again by (rule, version) in the control log, so a snapshot never disagrees with the log.
// The format has a version; a reader that does not know it starts from the log's beginning instead.

internal import Models

/// Why a snapshot cannot be used.
public struct SnapshotError: Error, Sendable, CustomStringConvertible {
    public let description: String
}

private let snapshotFormat: UInt32 = 0x4757_0001

extension PartitionEvaluator {
    /// The state between two records, as bytes.
    public func snapshot() -> [UInt8] {
        var out = ByteWriter()
        out.number(snapshotFormat)
        out.number(partition)
        out.number(cut)
        out.number(cutAt)
        out.number(clockOffset)
        out.number(digest.value.high)
        out.number(digest.value.low)
        out.number(digest.count)
        out.number(lateReadings)
        out.number(UInt32(entities.texts.count))
        for text in entities.texts { out.text(text) }
        out.number(UInt32(entities.count))
        for entity in 0..<entities.count {
            out.bytes(entities.name(entity))
            let known = EntityField.allCases.filter { entities.field(entity, $0).text >= 0 }
            out.number(UInt8(known.count))
            for field in known {
                let value = entities.field(entity, field)
                out.number(UInt8(field.rawValue))
                out.number(value.text)
                out.number(value.setAt)
            }
        }
        out.number(UInt32(metrics.count))
        for metric in metrics {
            out.text(metric.name)
            let known = (0..<min(entities.count, metric.capacity)).filter { metric.seen[$0].sequence >= 0 }
            out.number(UInt32(known.count))
            for entity in known {
                out.number(UInt32(entity))
                out.number(metric.values[entity].bitPattern)
                out.number(metric.seen[entity].sequence)
                out.number(metric.seen[entity].acceptedAt)
                out.number(metric.seen[entity].recordOffset)
            }
        }
        out.number(UInt32(columns.count))
        for column in columns { write(column, to: &out) }
        return out.result
    }

    private func write(_ column: RuleColumn, to out: inout ByteWriter) {
        out.text(column.id)
        out.number(column.version.version)
        out.number(UInt8(column.isActive ? 1 : 0))
        out.number(column.nextSilenceAt)
        out.number(UInt32(column.fineEntities.count))
        for (entity, values) in zip(column.fineEntities, column.fineValues) {
            out.number(entity)
            out.number(UInt8(values.count))
            for value in values { out.text(value) }
        }
        let touched = (0..<column.cellCount(entities: entities.count)).filter { column.cells[$0].isKnown || column.cells[$0].flags != 0 }
        out.number(UInt8(column.levels.count))
        out.number(UInt32(touched.count))
        for index in touched {
            let cell = column.cells[index]
            out.number(UInt32(index))
            out.number(cell.bandLow.bitPattern)
            out.number(cell.bandHigh.bitPattern)
            out.number(cell.dueEventAt)
            out.number(cell.newestEventAt)
            out.number(cell.newestAcceptedAt)
            out.number(cell.newestValue.bitPattern)
            out.number(cell.newestOffset)
            out.number(UInt8(AlertState.allCases.firstIndex(of: cell.state) ?? 0))
            out.number(cell.level)
            out.number(cell.flags)
            for level in 0..<column.levels.count {
                out.number(column.phases(index)[level].phase.rawValue)
                out.number(column.phases(index)[level].sinceEventAt)
            }
        }
        out.number(UInt32(column.timed.count))
        for cell in column.timed { out.number(cell) }
        out.number(UInt32(column.episodes.count))
        for (cell, episode) in column.episodes.sorted(by: { $0.key < $1.key }) {
            out.number(cell)
            out.text(episode.first.place.topic.rawValue)
            out.number(episode.first.place.partition)
            out.number(episode.first.place.recordOffset)
            out.text(episode.first.source)
            out.text(episode.first.id)
            out.number(episode.startedAt ?? .min)
        }
    }

    /// The evaluator that a snapshot describes.
    /// - Parameter version: finds a rule version in the control log.
    public convenience init(
        restoring bytes: [UInt8], limits: EvaluationLimits = EvaluationLimits(), version: (_ rule: String, _ version: Int64) -> RuleVersion?
    ) throws(SnapshotError) {
        var input = ByteReader(bytes)
        guard try input.number(UInt32.self) == snapshotFormat else { throw SnapshotError(description: "the snapshot has another format") }
        self.init(partition: try input.number(Int32.self), limits: limits)
        cut = try input.number(Int64.self)
        cutAt = try input.number(Int64.self)
        clockOffset = try input.number(Int64.self)
        let high = try input.number(UInt64.self)
        let low = try input.number(UInt64.self)
        digest = RunningDigest(value: StableDigest(high: high, low: low), count: try input.number(Int64.self))
        lateReadings = try input.number(Int64.self)
        for _ in 0..<(try input.number(UInt32.self)) { _ = entities.textNumber(try input.text()) }
        for _ in 0..<(try input.number(UInt32.self)) {
            let name = try input.bytes()
            let entity = name.withUnsafeBytes { number(of: $0) }
            for _ in 0..<(try input.number(UInt8.self)) {
                let field = EntityField(rawValue: Int(try input.number(UInt8.self)))
                let text = Int(try input.number(Int32.self))
                let setAt = try input.number(Int64.self)
                guard let field, entities.texts.indices.contains(text) else { throw SnapshotError(description: "the snapshot names an unknown field") }
                entities.set(entity, field, entities.texts[text], at: setAt)
            }
        }
        for _ in 0..<(try input.number(UInt32.self)) {
            let column = metricColumn(try input.text())
            for _ in 0..<(try input.number(UInt32.self)) {
                let entity = Int(try input.number(UInt32.self))
                let value = Double(bitPattern: try input.number(UInt64.self))
                let sequence = try input.number(Int64.self)
                let acceptedAt = try input.number(Int64.self)
                let recordOffset = try input.number(Int64.self)
                guard entity < entities.count else { throw SnapshotError(description: "the snapshot names an unknown entity") }
                column.set(entity, value: value, MetricColumn.Seen(sequence: sequence, acceptedAt: acceptedAt, recordOffset: recordOffset))
            }
        }
        for _ in 0..<(try input.number(UInt32.self)) { try readColumn(&input, version) }
        rebuildPlans()
    }

    private func readColumn(_ input: inout ByteReader, _ find: (String, Int64) -> RuleVersion?) throws(SnapshotError) {
        let id = try input.text()
        let number = try input.number(Int64.self)
        guard let version = find(id, number) else { throw SnapshotError(description: "the control log has no version \(number) of the rule \(id)") }
        let column = RuleColumn(version, capacity: currentRoom, expression: CompiledExpression(version.definition.value) { _ in 0 })
        column.isActive = try input.number(UInt8.self) == 1
        column.nextSilenceAt = try input.number(Int64.self)
        for _ in 0..<(try input.number(UInt32.self)) {
            let entity = Int(try input.number(Int32.self))
            var values: [String] = []
            for _ in 0..<(try input.number(UInt8.self)) { values.append(try input.text()) }
            _ = column.fineCell(entity: entity, values: values)
        }
        guard Int(try input.number(UInt8.self)) == column.levels.count else { throw SnapshotError(description: "the rule \(id) has other levels") }
        for _ in 0..<(try input.number(UInt32.self)) {
            let index = Int(try input.number(UInt32.self))
            guard index < column.capacity else { throw SnapshotError(description: "the snapshot names an unknown alert") }
            var cell = Cell()
            cell.bandLow = Double(bitPattern: try input.number(UInt64.self))
            cell.bandHigh = Double(bitPattern: try input.number(UInt64.self))
            cell.dueEventAt = try input.number(Int64.self)
            cell.newestEventAt = try input.number(Int64.self)
            cell.newestAcceptedAt = try input.number(Int64.self)
            cell.newestValue = Double(bitPattern: try input.number(UInt64.self))
            cell.newestOffset = try input.number(Int64.self)
            let state = Int(try input.number(UInt8.self))
            guard AlertState.allCases.indices.contains(state) else { throw SnapshotError(description: "the snapshot names an unknown state") }
            cell.state = AlertState.allCases[state]
            cell.level = try input.number(UInt8.self)
            cell.flags = try input.number(UInt8.self)
            column.cells[index] = cell
            for level in 0..<column.levels.count {
                guard let phase = LevelPhase(rawValue: try input.number(UInt8.self)) else { throw SnapshotError(description: "unknown phase") }
                column.phases(index)[level] = LevelHold(phase: phase, sinceEventAt: try input.number(Int64.self))
            }
        }
        for _ in 0..<(try input.number(UInt32.self)) { column.timed.append(try input.number(Int32.self)) }
        for _ in 0..<(try input.number(UInt32.self)) {
            let cell = try input.number(Int32.self)
            guard let topic = TopicName(rawValue: try input.text()) else { throw SnapshotError(description: "unknown topic") }
            let place = LogPlace(topic: topic, partition: try input.number(Int32.self), recordOffset: try input.number(Int64.self))
            let first = Witness(place: place, source: try input.text(), id: try input.text())
            let startedAt = try input.number(Int64.self)
            column.episodes[cell] = Episode(first: first, startedAt: startedAt == .min ? nil : startedAt)
        }
        columnNumbers[id] = columns.count
        columns.append(column)
    }
}

/// Little-endian numbers and length-prefixed bytes.
struct ByteWriter {
    private(set) var result: [UInt8] = []

    mutating func number(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { result.append(contentsOf: $0) }
    }

    mutating func bytes(_ bytes: UnsafeRawBufferPointer) {
        number(UInt32(bytes.count))
        result.append(contentsOf: bytes)
    }

    mutating func text(_ text: String) {
        var text = text
        text.withUTF8 { bytes(UnsafeRawBufferPointer($0)) }
    }
}

/// Reads what ByteWriter wrote; every read is checked against the end.
struct ByteReader {
    private let source: [UInt8]
    private var position = 0

    init(_ source: [UInt8]) { self.source = source }

    mutating func number<Number: FixedWidthInteger>(_ type: Number.Type) throws(SnapshotError) -> Number {
        let size = MemoryLayout<Number>.size
        guard position + size <= source.count else { throw SnapshotError(description: "the snapshot is cut short") }
        let value = source.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position, as: Number.self) }
        position += size
        return Number(littleEndian: value)
    }

    mutating func bytes() throws(SnapshotError) -> [UInt8] {
        let count = Int(try number(UInt32.self))
        guard count <= source.count - position else { throw SnapshotError(description: "the snapshot is cut short") }
        defer { position += count }
        return Array(source[position..<position + count])
    }

    mutating func text() throws(SnapshotError) -> String { String(decoding: try bytes(), as: UTF8.self) }
}
