// One request whose events are with Kafka. Each event has a cell that is written once: by the server's thread when the event is refused or the
// producer does not take it, by the producer's thread when its delivery is reported. Whoever takes `remaining` to zero answers. Invariant:
// `remaining` is the number of cells that wait for a report, plus one while the server's thread still hands events over.

internal import HTTP
internal import IngestionCore
internal import Kafka
internal import Models
internal import Synchronization

/// `@unchecked Sendable`: each cell has one writer, all else is written before the first event is handed over; what is written is read only after
/// `remaining` has reached zero (acquire and release order the two).
final class PendingRequest: @unchecked Sendable {
    /// One event: small, and written without allocation when all is well.
    private struct Cell {
        var topic = TopicName.events
        var partition: Int32 = 0
        var recordOffset: Int64 = 0
        var idEnd: Int32 = 0
        var hasID = false
        var state = State.waiting

        enum State {
            case waiting, stored
            case refused([Violation])
            case failed(ErrorCode, String)
        }
    }

    let exchange: HTTPExchange
    let count: Int
    /// Counted against the bytes in flight until the answer.
    let byteCount: Int
    let beganAtNanoseconds: UInt64
    /// The place in the PendingTable; nil when no event went to Kafka.
    var slot: Int?
    private let cells: UnsafeMutablePointer<Cell>
    /// Ids one after the other: views into the parsed text would not live long enough.
    private var ids: [UInt8] = []
    private let remaining = Atomic(1)

    init(exchange: HTTPExchange, count: Int, byteCount: Int, began: UInt64) {
        (self.exchange, self.count, self.byteCount, beganAtNanoseconds) = (exchange, count, byteCount, began)
        cells = .allocate(capacity: max(1, count))
        cells.initialize(repeating: Cell(), count: count)
        ids.reserveCapacity(count * 32)
    }

    deinit {
        cells.deinitialize(count: count)
        cells.deallocate()
    }

    // MARK: The server's thread, in the order of the events

    func admit(_ index: Int, id: UnsafeRawBufferPointer, topic: TopicName) {
        keep(index, id)
        cells[index].topic = topic
    }

    func refuse(_ index: Int, id: UnsafeRawBufferPointer?, _ violations: [Violation]) {
        keep(index, id)
        cells[index].state = .refused(violations)
    }

    private func keep(_ index: Int, _ id: UnsafeRawBufferPointer?) {
        if let id { ids.append(contentsOf: id) }
        cells[index].hasID = id != nil
        cells[index].idEnd = Int32(truncatingIfNeeded: ids.count)
    }

    /// So many events are about to be handed to the producer.
    func expect(_ events: Int) { remaining.add(events, ordering: .relaxed) }

    /// The producer did not take the event.
    func fail(_ index: Int, _ code: ErrorCode, _ reason: String) { cells[index].state = .failed(code, reason) }

    /// One outcome less to wait for. True for the caller that must answer.
    func settle() -> Bool { remaining.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 }

    // MARK: The producer's thread

    /// Writes the outcome of a delivery. True for the caller that must answer.
    func settle(_ index: Int, _ outcome: Delivery.Outcome) -> Bool {
        guard index < count else { return false }
        switch outcome {
        case .stored(let partition, let recordOffset, _):
            cells[index].partition = partition
            cells[index].recordOffset = recordOffset
            cells[index].state = .stored
        case .failed(let error): cells[index].state = .failed(Self.code(of: error), error.message)
        case .unknown(let error): cells[index].state = .failed(.outcomeUnknown, error.message)
        }
        return settle()
    }

    static func code(of error: KafkaError) -> ErrorCode {
        if error.isQueueFull { return .bufferFull }
        return error.kind == .quarantine ? .recordTooLarge : .brokerUnavailable
    }

    // MARK: After the last outcome

    func answer(topicNames: [TopicName: [UInt8]]) -> Answer {
        var answer = Answer(topicNames: topicNames, reserving: count)
        ids.withUnsafeBytes { ids in
            var start = 0
            for index in 0..<count {
                let cell = cells[index]
                let end = max(start, Int(cell.idEnd))
                let id = cell.hasID ? UnsafeRawBufferPointer(rebasing: ids[start..<end]) : nil
                start = end
                answer.add(index: index, id: id, outcome(of: cell))
            }
        }
        return answer
    }

    private func outcome(of cell: Cell) -> Outcome {
        switch cell.state {
        case .stored: .stored(topic: cell.topic, partition: cell.partition, recordOffset: cell.recordOffset)
        case .refused(let violations): .rejected(violations)
        case .failed(let code, let reason): .failed(code, reason: reason)
        case .waiting: .failed(.internalFailure, reason: "the event has no outcome")
        }
    }

    /// Events stored, by topic.
    var storedCounts: [(topic: TopicName, count: Int)] {
        var (events, telemetry, control) = (0, 0, 0)
        for index in 0..<count {
            guard case .stored = cells[index].state else { continue }
            switch cells[index].topic {
            case .telemetry: telemetry += 1
            case .control: control += 1
            case .events, .clock, .metrics, .alerts, .quarantine: events += 1
            }
        }
        return [(.events, events), (.telemetry, telemetry), (.control, control)]
    }

    /// The code of each event that was not stored.
    var refusalCodes: [ErrorCode] {
        (0..<count).compactMap { index in
            switch cells[index].state {
            case .refused(let violations): violations.first?.code ?? .internalFailure
            case .failed(let code, _): code
            case .waiting, .stored: nil
            }
        }
    }
}

/// Which request a delivery report belongs to, found without a lock: a slot is written before its events are handed to the producer and freed
/// after the last report; librdkafka's own locks order the two.
///
/// `@unchecked Sendable`: see above; the list of free slots is under its lock.
final class PendingTable: @unchecked Sendable {
    private let slots: UnsafeMutablePointer<PendingRequest?>
    private let capacity: Int
    private let free: Mutex<[Int]>

    init(capacity: Int = 65_536) {
        self.capacity = capacity
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: nil, count: capacity)
        free = Mutex(Array((0..<capacity).reversed()))
    }

    deinit {
        slots.deinitialize(count: capacity)
        slots.deallocate()
    }

    /// The request's slot; nil when all are taken.
    func insert(_ request: PendingRequest) -> Int? {
        guard let slot = free.withLock({ $0.popLast() }) else { return nil }
        slots[slot] = request
        return slot
    }

    func request(_ slot: Int) -> PendingRequest? { slot >= 0 && slot < capacity ? slots[slot] : nil }

    func remove(_ slot: Int) {
        slots[slot] = nil
        free.withLock { $0.append(slot) }
    }

    var inUse: Int { free.withLock { capacity - $0.count } }

    static func token(slot: Int, index: Int) -> UInt64 { UInt64(UInt32(truncatingIfNeeded: slot)) << 32 | UInt64(UInt32(truncatingIfNeeded: index)) }
    static func parts(of token: UInt64) -> (slot: Int, index: Int) { (Int(token >> 32), Int(token & 0xFFFF_FFFF)) }
}
