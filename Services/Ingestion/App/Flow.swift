// What is on its way to Kafka, counted: bytes against their bound, and whether acknowledgements still come. Kafka that takes records and
// acknowledges none (a stopped process keeps its connections) looks up to its client; so a second in which events wait and none is stored counts
// as away. Any thread; relaxed atomics, since a figure a moment old is as good.

internal import Synchronization

final class Flow: Sendable {
    private let limitBytes: Int
    private let bytes = Atomic(0)
    private let events = Atomic(0)
    /// When an event was last stored, or the first after an idle time was handed over.
    private let movedAt = Atomic<UInt64>(0)

    static let stallNanoseconds: UInt64 = 1_000_000_000

    init(limitBytes: Int) { self.limitBytes = limitBytes }

    var bytesInFlight: Int { bytes.load(ordering: .relaxed) }
    var eventsInFlight: Int { events.load(ordering: .relaxed) }

    /// Takes room for a request; false, and nothing taken, when there is none.
    func charge(_ count: Int) -> Bool {
        guard bytes.add(count, ordering: .relaxed).newValue <= limitBytes else {
            bytes.subtract(count, ordering: .relaxed)
            return false
        }
        return true
    }

    func release(_ count: Int) { bytes.subtract(count, ordering: .relaxed) }

    func began(_ count: Int, at now: UInt64) {
        if events.add(count, ordering: .relaxed).oldValue == 0 { moved(at: now) }
    }

    func ended(_ count: Int) { events.subtract(count, ordering: .relaxed) }

    func moved(at now: UInt64) { movedAt.store(now, ordering: .relaxed) }

    /// Events wait and none was stored for a second.
    func isStalled(at now: UInt64) -> Bool {
        let moved = movedAt.load(ordering: .relaxed)
        return events.load(ordering: .relaxed) > 0 && now > moved && now - moved > Self.stallNanoseconds
    }
}
