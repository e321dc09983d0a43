// One partition number on its way through the cuts: metrics, events and telemetry of that number, each up to the tick's end, one after the other,
// then the tick's time. It stops wherever records have not come yet and goes on from there. Holds what the next snapshot has to store: the
// evaluator, the positions it has read to, and the tick and control entry that come next. One thread, the worker's.

import AlertingCore
import JSON
import Kafka
import Models
import Streaming

final class EvaluationShard {
    let number: Int32
    let evaluator: PartitionEvaluator
    /// The tick that is evaluated or comes next, and the control entry that comes next, as offsets.
    private(set) var clockNext: Int64
    private(set) var controlNext: Int64
    private let settings: AlertingSettings
    private var current: PlacedTick?
    private var phase = 0
    private var controlIndex = 0

    /// What was read since the last snapshot, per topic in the order of `AlertingSettings.shared`.
    private(set) var advances: [PositionAdvance?] = [nil, nil, nil]
    private(set) var isDirty = false
    private var recordsRead = 0
    /// Transitions that are not in PostgreSQL yet, with their number in the shard.
    private(set) var unstored: [(transition: Transition, sequence: Int64)] = []
    var snapshotAt: Double
    /// Acceptance time of the cut that was evaluated last.
    private(set) var evaluatedAt: Instant?

    init(_ number: Int32, evaluator: PartitionEvaluator, clockNext: Int64, controlNext: Int64, settings: AlertingSettings) {
        (self.number, self.evaluator, self.clockNext, self.controlNext) = (number, evaluator, clockNext, controlNext)
        self.settings = settings
        // Spread, so that the partitions' snapshots do not come in one burst.
        snapshotAt = monotonicSeconds() + settings.snapshotSeconds * (0.5 + Double(number % 12) / 24)
    }

    /// Goes on as far as records and `budget` reach. Returns the number of steps made (records, ticks).
    func advance(_ feed: ClockFeed, _ readers: [PartitionReader?], _ parser: JSONParser, budget: Int) -> Int {
        var steps = 0
        while steps < budget {
            if current == nil {
                guard let tick = feed.tick(from: clockNext) else { break }
                // A second ticker that had not noticed yet: its ticks do not go forward.
                guard tick.tick.n > evaluator.cut || evaluator.cut == 0 || tick.recordOffset == clockNext && isResuming(tick) else {
                    clockNext = tick.recordOffset + 1
                    continue
                }
                current = tick
                phase = 0
                clockNext = tick.recordOffset
                evaluator.beginCut(tick.tick.n, at: tick.tick.at, clockOffset: tick.recordOffset)
            }
            guard let tick = current else { break }
            if phase == 0 {
                let end = tick.tick.ends[settings.topic(.control)]?.first ?? 0
                guard feed.control.nextOffset >= end else { break }
                applyControl(feed, before: end)
                phase = 1
            }
            var isBlocked = false
            while phase >= 1, phase <= AlertingSettings.shared.count {
                let name = AlertingSettings.shared[phase - 1]
                let ends = tick.tick.ends[settings.topic(name)] ?? []
                let end = Int(number) < ends.count ? ends[Int(number)] : 0
                guard let reader = readers[phase - 1] else { isBlocked = true; break }
                let read = self.read(reader, name, before: end, limit: budget - steps, parser)
                steps += read
                if reader.hasReached(end) { phase += 1; continue }
                if read == 0 || steps >= budget { isBlocked = true; break }
            }
            if isBlocked { break }
            evaluator.endCut()
            collect()
            evaluatedAt = tick.tick.at
            clockNext = tick.recordOffset + 1
            current = nil
            steps += 1
        }
        return steps
    }

    /// A snapshot may have been taken inside a cut: then the same tick is begun again.
    private func isResuming(_ tick: PlacedTick) -> Bool { tick.tick.n == evaluator.cut }

    private func applyControl(_ feed: ClockFeed, before end: Int64) {
        let entries = feed.control.entries
        if controlIndex == 0 { controlIndex = entries.firstIndex { $0.recordOffset >= controlNext } ?? entries.count }
        while controlIndex < entries.count, entries[controlIndex].recordOffset < end {
            evaluator.apply(entries[controlIndex])
            controlIndex += 1
            isDirty = true
        }
        controlNext = max(controlNext, end)
        collect()
    }

    private func read(_ reader: PartitionReader, _ name: TopicName, before end: Int64, limit: Int, _ parser: JSONParser) -> Int {
        guard limit > 0, !reader.hasReached(end) else { return 0 }
        let slice = reader.read(upTo: limit, before: end)
        guard !slice.isEmpty else { return 0 }
        var ignored: Int64 = 0
        for index in 0..<slice.count {
            if !take(slice[index], name, parser) { ignored += 1 }
        }
        collect()
        let counts = RecordCounts(applied: Int64(slice.count) - ignored, ignored: ignored)
        if var advance = slice.advance(counts) {
            if let before = advances[phase - 1] {
                advance.expected = before.expected
                advance.counts += before.counts
            }
            advances[phase - 1] = advance
        }
        isDirty = true
        recordsRead += slice.count
        return slice.count
    }

    /// False for what says nothing to alerting: projection quarantines it.
    @inline(__always)
    private func take(_ record: RecordView, _ name: TopicName, _ parser: JSONParser) -> Bool {
        guard let value = record.value else { return false }
        if name == .metrics {
            guard let root = try? parser.parse(value) else { return false }
            evaluator.metric(root, recordOffset: record.recordOffset, acceptedAt: record.timestamp)
            return true
        }
        if let root = try? parser.parse(value), case .success(let event) = EnvelopeReader.structured(root) {
            evaluator.event(event, topic: name, recordOffset: record.recordOffset, acceptedAt: record.timestamp)
            return true
        }
        guard case .made(let binary)? = record.structuredBytes, let root = try? parser.parse(binary.view),
            case .success(let event) = EnvelopeReader.structured(root)
        else { return false }
        evaluator.event(event, topic: name, recordOffset: record.recordOffset, acceptedAt: record.timestamp)
        return true
    }

    private func collect() {
        let taken = evaluator.takeTransitions()
        guard !taken.isEmpty else { return }
        let first = evaluator.digest.count - Int64(taken.count) + 1
        for (index, transition) in taken.enumerated() { unstored.append((transition, first + Int64(index))) }
        isDirty = true
    }

    func takeRecordsRead() -> Int {
        defer { recordsRead = 0 }
        return recordsRead
    }

    func stored() { unstored.removeAll(keepingCapacity: true) }

    func snapshotStored() {
        advances = [nil, nil, nil]
        isDirty = false
        snapshotAt = monotonicSeconds() + settings.snapshotSeconds
    }
}
