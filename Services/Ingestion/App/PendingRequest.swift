// A request whose events are with Kafka: one entry an event, filled in by the producer's thread as reports come, answered by whoever brings the
// last one. Invariants: `outstanding` counts the events that have no report yet, plus one while the request is still being read, so the answer
// is given once and after all; entries are written before the count falls, which orders them for the thread that answers.

internal import Glibc
internal import HTTP
internal import IngestionCore
internal import Kafka
internal import Models
internal import Synchronization

/// `@unchecked Sendable`: each entry is written by one thread at a time (the reader before `produce`, the producer's thread after), and read by
/// the one that brings `outstanding` to zero.
final class PendingRequest: @unchecked Sendable {
    /// One event that was handed to Kafka.
    private struct Entry {
        var topic: TopicName
        var partition: Int32 = -1
        var recordOffset: Int64 = -1
        var failure: ErrorCode?
    }

    let exchange: HTTPExchange
    /// Counted against the bytes in flight until the answer.
    let byteCount: Int
    private let began: UInt64
    private var entries: [Entry] = []
    /// Ids one after the other: views into the parsed text would not live long enough.
    private var ids: [UInt8] = []
    private var idEnds: [Int32] = []
    private var refused: [(index: Int, violations: [Violation])] = []
    private var reasons: [Int: String] = [:]
    private let outstanding = Atomic(1)

    init(exchange: HTTPExchange, byteCount: Int, began: UInt64, reserving events: Int) {
        (self.exchange, self.byteCount, self.began) = (exchange, byteCount, began)
        entries.reserveCapacity(events)
        idEnds.reserveCapacity(events)
        ids.reserveCapacity(events * 32)
    }

    // MARK: The reader (a server thread)

    /// Adds an event that goes to Kafka; its place is the index in the request.
    func addAccepted(id: UnsafeRawBufferPointer, topic: TopicName) -> Int {
        ids.append(contentsOf: id)
        idEnds.append(Int32(truncatingIfNeeded: ids.count))
        entries.append(Entry(topic: topic))
        return entries.count - 1
    }

    /// Adds an event that does not.
    func addRefused(id: UnsafeRawBufferPointer?, _ violations: [Violation]) {
        if let id { ids.append(contentsOf: id) }
        idEnds.append(Int32(truncatingIfNeeded: ids.count))
        refused.append((entries.count, violations))
        entries.append(Entry(topic: .events))
    }

    /// No more entries are added; their memory stays where it is while Kafka works.
    func willProduce(_ count: Int) { outstanding.add(count, ordering: .relaxed) }

    /// The producer did not take the event.
    func fail(_ index: Int, _ code: ErrorCode, _ reason: String) {
        entries[index].failure = code
        reasons[index] = reason
    }

    // MARK: The producer's thread

    func deliver(_ index: Int, _ outcome: Delivery.Outcome) {
        guard index < entries.count else { return }
        switch outcome {
        case .stored(let partition, let recordOffset, _):
            entries[index].partition = partition
            entries[index].recordOffset = recordOffset
        case .failed(let error):
            fail(index, error.kind == .quarantine ? .recordTooLarge : .brokerUnavailable, error.message)
        case .unknown(let error):
            fail(index, .outcomeUnknown, error.message)
        }
    }

    /// One report less to wait for. True for the caller that must answer.
    func release(_ count: Int = 1) -> Bool { outstanding.subtract(count, ordering: .acquiringAndReleasing).newValue == 0 }

    // MARK: The answer

    /// Seconds since the request was complete.
    func seconds(until now: UInt64) -> Double { Double(now &- began) / 1e9 }

    /// Builds the answer and tells `count` about each entry.
    func answer(topicNames: [TopicName: [UInt8]], count: (Outcome) -> Void) -> Answer {
        var answer = Answer(topicNames: topicNames, reserving: entries.count)
        var nextRefused = 0
        ids.withUnsafeBytes { ids in
            var start = 0
            for index in entries.indices {
                let end = Int(idEnds[index])
                let id = UnsafeRawBufferPointer(rebasing: ids[start..<end])
                start = end
                let entry = entries[index]
                let outcome: Outcome
                if nextRefused < refused.count, refused[nextRefused].index == index {
                    outcome = .rejected(refused[nextRefused].violations)
                    nextRefused += 1
                } else if let failure = entry.failure {
                    outcome = .failed(failure, reason: reasons[index] ?? "Kafka did not take it")
                } else {
                    outcome = .stored(topic: entry.topic, partition: entry.partition, recordOffset: entry.recordOffset)
                }
                count(outcome)
                answer.add(index: index, id: id.isEmpty ? nil : id, outcome)
            }
        }
        return answer
    }
}

/// Which request a delivery report belongs to: a slot of a table, its number in the upper half of the token, the event's index in the lower.
final class PendingTable: Sendable {
    private struct State {
        var requests: [PendingRequest?] = []
        var free: [Int] = []
    }
    private let state = Mutex(State())

    /// Tokens of this request are `base + index`; never 0.
    func insert(_ request: PendingRequest) -> UInt64 {
        state.withLock { state in
            if let slot = state.free.popLast() {
                state.requests[slot] = request
                return UInt64(slot + 1) << 32
            }
            state.requests.append(request)
            return UInt64(state.requests.count) << 32
        }
    }

    func request(_ token: UInt64) -> PendingRequest? {
        let slot = Int(token >> 32) - 1
        return state.withLock { slot >= 0 && slot < $0.requests.count ? $0.requests[slot] : nil }
    }

    func remove(_ token: UInt64) {
        let slot = Int(token >> 32) - 1
        state.withLock { state in
            guard slot >= 0, slot < state.requests.count, state.requests[slot] != nil else { return }
            state.requests[slot] = nil
            state.free.append(slot)
        }
    }
}
