// Reads the clock and the control topic by itself, outside the group: every worker sees all of both. Ticks are kept until every partition of the
// worker has passed them; control entries are kept for ever (they are few, and a snapshot refers to them). One thread.

import AlertingCore
import JSON
import Kafka
import Models
import Operations

/// One tick with its place.
struct PlacedTick {
    let tick: ClockTick
    let recordOffset: Int64
}

final class ClockFeed {
    let control = ControlLog()
    private let settings: AlertingSettings
    private var consumer: Consumer?
    private let clockPlace: TopicPartition
    private let controlPlace: TopicPartition
    private var ticks: [PlacedTick] = []
    private var dropped = 0
    /// Where the clock was last started from.
    private var clockStart: Int64 = .max
    private let batch = RecordBatch(capacity: 4096)
    private let parser = JSONParser()
    private let onEntry: (ControlEntry, [UInt8]) -> Void

    /// - Parameter onEntry: told of each control entry with the record's bytes, in order, once per feed.
    init(_ settings: AlertingSettings, onEntry: @escaping (ControlEntry, [UInt8]) -> Void = { _, _ in }) {
        (self.settings, self.onEntry) = (settings, onEntry)
        clockPlace = TopicPartition(topic: settings.topic(.clock), partition: 0)
        controlPlace = TopicPartition(topic: settings.topic(.control), partition: 0)
    }

    /// Makes sure that ticks from `offset` on will come.
    func start(clockFrom offset: Int64) throws {
        guard consumer == nil || offset < clockStart else { return }
        let consumer = try self.consumer ?? Consumer(settings.kafka, group: nil)
        self.consumer = consumer
        let low = offset == .max ? 0 : try consumer.watermarks(of: clockPlace).low
        ticks.removeAll()
        clockStart = max(offset, low)
        var starts = [(place: controlPlace, nextOffset: control.nextOffset)]
        if offset != .max { starts.append((place: clockPlace, nextOffset: clockStart)) }
        try consumer.assign(starts)
        clockStart = offset
    }

    func close() { _ = consumer?.close(deadline: 2) }

    /// Takes what has come. True when something did.
    func pump() -> Bool {
        guard let consumer else { return false }
        _ = consumer.poll(milliseconds: 0)
        var progressed = false
        if let queue = consumer.queue(of: controlPlace) {
            while queue.read(into: batch, upTo: batch.capacity) > 0 {
                for index in 0..<batch.count where batch[index].isRecord { takeControl(batch[index]) }
                batch.recycle()
                progressed = true
            }
        }
        if let queue = consumer.queue(of: clockPlace), ticks.count < 100_000 {
            while queue.read(into: batch, upTo: batch.capacity) > 0 {
                for index in 0..<batch.count where batch[index].isRecord {
                    let record = batch[index]
                    guard let value = record.value, let view = try? parser.parse(value), let tick = ClockTick(view) else { continue }
                    ticks.append(PlacedTick(tick: tick, recordOffset: record.recordOffset))
                }
                batch.recycle()
                progressed = true
                if ticks.count >= 100_000 { break }
            }
        }
        return progressed
    }

    private func takeControl(_ record: RecordView) {
        guard record.recordOffset >= control.nextOffset else { return }
        let bytes = record.structuredBytes
        guard let bytes, let root = try? parser.parse(bytes.view), case .success(let event) = EnvelopeReader.structured(root),
            let entry = control.append(event, recordOffset: record.recordOffset, acceptedAt: record.timestamp)
        else {
            control.skip(recordOffset: record.recordOffset)
            return
        }
        if case .refused(let subject, let reason) = entry.change {
            settings.log.warning("a control event was refused", ["subject": .text(subject), "reason": .text(reason)])
        }
        onEntry(entry, Array(bytes.view))
    }

    /// The first tick at or after an offset of the clock topic; nil while it has not come.
    func tick(from offset: Int64) -> PlacedTick? {
        var low = 0
        var high = ticks.count
        while low < high {
            let middle = (low + high) / 2
            if ticks[middle].recordOffset < offset { low = middle + 1 } else { high = middle }
        }
        return low < ticks.count ? ticks[low] : nil
    }

    /// Forgets ticks before an offset.
    func forget(before offset: Int64) {
        let count = ticks.prefix { $0.recordOffset < offset }.count
        if count > 1024 { ticks.removeFirst(count) }
    }

    /// The version of a rule, for a snapshot.
    func version(_ rule: String, _ number: Int64) -> RuleVersion? {
        for entry in control.entries {
            if case .publish(let version) = entry.change, version.definition.id == rule, version.version == number { return version }
        }
        return nil
    }
}

/// A record's event in structured mode: its own bytes, or binary mode written out.
enum StructuredBytes {
    case own(UnsafeRawBufferPointer)
    case made(BinaryEvent)

    var view: UnsafeRawBufferPointer {
        switch self {
        case .own(let bytes): bytes
        case .made(let event): event.view
        }
    }
}

/// Owns the structured form of a binary record.
final class BinaryEvent {
    private let memory: UnsafeMutableRawBufferPointer
    var view: UnsafeRawBufferPointer { UnsafeRawBufferPointer(memory) }

    init(_ bytes: [UInt8]) {
        memory = .allocate(byteCount: max(1, bytes.count), alignment: 16)
        memory.copyBytes(from: bytes)
    }

    deinit { memory.deallocate() }
}

extension RecordView {
    /// Nil for a tombstone and for what is no event.
    var structuredBytes: StructuredBytes? {
        guard let value else { return nil }
        guard hasHeaders, header("ce_specversion") != nil else { return .own(value) }
        var headers: [EnvelopeReader.Header] = []
        forEachHeader { name, content in if let content { headers.append((name, content)) } }
        let data = try? JSONParser().withParsed(Array(value)) { data in EnvelopeReader.binary(headers: headers, data: data, .kafka) }
        guard case .success(let bytes) = data else { return nil }
        return .made(BinaryEvent(bytes))
    }
}
