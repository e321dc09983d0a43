// Writes the log's time: `{n, at, ends}` to the clock topic, every 100 ms while anything moves, else each second. One ticker at a time, by
// advisory lock; a second one that has not noticed yet does no harm, because readers pass over ticks that do not go forward. `n` and `at` go on
// from the last tick in the topic. Runs on its own thread; the wall clock is read here and nowhere else in evaluation.

import JSON
import Kafka
import Models
import Operations
import Streaming

final class Ticker {
    private let settings: AlertingSettings
    private let lock: LeaderLock
    private var admin: Admin?
    private var producer: Producer?
    private var places: [TopicPartition] = []
    private var last: ClockTick?
    private let ticks: Counter

    init(_ settings: AlertingSettings, ticks: Counter) {
        (self.settings, self.ticks) = (settings, ticks)
        lock = LeaderLock("ticker", settings)
    }

    /// Runs until the service stops.
    func run() {
        var quietTicks = 0
        while !settings.shutdown.isRequested {
            guard lock.hold() else {
                last = nil
                _ = settings.shutdown.wait(seconds: 0.5)
                continue
            }
            do {
                let moved = try tick(isForced: quietTicks >= 9)
                quietTicks = moved ? 0 : (quietTicks + 1) % 10
            } catch {
                settings.log.warning("no tick could be written", ["reason": .text("\(error)")])
                last = nil
                _ = settings.shutdown.wait(seconds: 0.5)
            }
            _ = settings.shutdown.wait(seconds: 0.1)
        }
        _ = producer?.close(deadline: 2)
        admin?.close()
        lock.release()
    }

    /// Looks at the ends and writes a tick when they moved or a second has passed. Returns whether they moved.
    private func tick(isForced: Bool) throws -> Bool {
        let admin = try self.admin ?? Admin(settings.kafka)
        self.admin = admin
        if places.isEmpty {
            let counts = try admin.partitionCounts()
            for name in AlertingSettings.shared + [.control] {
                let topic = settings.topic(name)
                guard let count = counts[topic], count > 0 else { throw TickerError(description: "the topic \(topic) does not exist yet") }
                for partition in 0..<count { places.append(TopicPartition(topic: topic, partition: partition)) }
            }
        }
        let before = try last ?? lastWritten(admin)
        let ends = try admin.endOffsets(of: places)
        var byTopic: [String: [Int64]] = [:]
        for place in places { byTopic[place.topic, default: []].append(ends[place] ?? 0) }
        let moved = before?.ends != byTopic
        guard moved || isForced || last == nil else { return false }
        let at = max(wallClock(), before.map { Instant(microseconds: $0.at.microseconds + 1) } ?? wallClock())
        let tick = ClockTick(n: (before?.n ?? 0) + 1, at: at, ends: byTopic)
        var writer = JSONWriter(reserving: 1024)
        tick.write(to: &writer)
        let producer = try self.producer ?? Producer(settings.kafka, properties: ["linger.ms": "0"]) { _ in }
        self.producer = producer
        guard producer.outstanding < 100 else { throw TickerError(description: "the broker does not acknowledge ticks") }
        try writer.bytes.withUnsafeBytes { bytes in
            try producer.produce(topic: settings.topic(.clock), key: nil, value: bytes, token: UInt64(truncatingIfNeeded: tick.n))
        }
        last = tick
        ticks.add()
        return moved
    }

    /// The last tick in the topic; nil when there is none.
    private func lastWritten(_ admin: Admin) throws -> ClockTick? {
        let place = TopicPartition(topic: settings.topic(.clock), partition: 0)
        guard let marks = try admin.watermarks(of: [place])[place], marks.high > marks.low else { return nil }
        let consumer = try Consumer(settings.kafka, group: nil)
        defer { _ = consumer.close(deadline: 2) }
        try consumer.assign([(place: place, nextOffset: max(marks.low, marks.high - 5))])
        let batch = RecordBatch(capacity: 64)
        let parser = JSONParser()
        let deadline = monotonicSeconds() + 10
        var found: ClockTick?
        while monotonicSeconds() < deadline {
            _ = consumer.poll(milliseconds: 50)
            guard let queue = consumer.queue(of: place), queue.read(into: batch, upTo: 64) > 0 else { continue }
            var isDone = false
            for index in 0..<batch.count where batch[index].isRecord {
                if let value = batch[index].value, let view = try? parser.parse(value), let tick = ClockTick(view), tick.n > found?.n ?? 0 { found = tick }
                if batch[index].recordOffset >= marks.high - 1 { isDone = true }
            }
            batch.recycle()
            if isDone { return found }
        }
        throw TickerError(description: "the last tick could not be read")
    }
}

struct TickerError: Error, CustomStringConvertible {
    let description: String
}
