// One worker: a thread, a consumer in the group, a reader of clock and control, a connection. It owns its partition numbers from assignment to
// revocation: each is a shard that starts from its snapshot and reads again from the snapshot's cut. It repeats: let every shard go on, store
// what they decided, store snapshots that are due. Invariant: a snapshot is stored after the transitions that led to it, with the positions it
// was taken at, in one fenced transaction. Read next: EvaluationShard.swift, TransitionStore.swift.

import AlertingCore
import Glibc
import JSON
import Kafka
import Models
import Operations
import Postgres
import Streaming
import Synchronization

/// What the service's health and metrics read of a worker.
final class WorkerBoard: Sendable {
    struct State {
        var partitions = 0
        var evaluatedAt: Instant?
        var halted: [String] = []
        var error: String?
    }

    let state = Mutex(State())
    let progress = Progress()
}

final class EvaluationWorker {
    private let settings: AlertingSettings
    private let signals: AlertingSignals
    private let board: WorkerBoard
    private let store: TransitionStore
    private let feed: ClockFeed
    private let parser = JSONParser()
    private var connection: Connection?
    private var assignment: Assignment?
    private var shards: [EvaluationShard] = []
    private var anchors: [Int32: StoredPosition] = [:]
    private var outage = OutagePause()
    private var group: GroupGeneration
    private var nextRelease = 0.0

    init(_ settings: AlertingSettings, signals: AlertingSignals, board: WorkerBoard, number: Int) {
        (self.settings, self.signals, self.board) = (settings, signals, board)
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, 255)
        let host = name.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        let positions = PositionStore(consumer: "alerting", owner: "\(host)/\(getpid())/\(number)")
        store = TransitionStore(settings: settings, positions: positions)
        feed = ClockFeed(settings)
        group = GroupGeneration(base: "\(settings.prefix).alerting", patienceSeconds: settings.groupPatienceSeconds)
    }

    /// Runs until a stop is requested. Throws what waiting cannot mend.
    func run() throws {
        defer {
            _ = assignment?.close(deadline: 5)
            feed.close()
            connection?.close()
        }
        while !settings.shutdown.isRequested {
            do {
                try step()
                if !outage.isOver {
                    settings.log.info("evaluation goes on")
                    outage.reset()
                    board.state.withLock { $0.error = nil }
                }
            } catch {
                switch FailureKind(of: error) {
                case .retry, .outcomeUnknown, .fenced:
                    settings.log.warning("evaluation waits", ["reason": .text("\(error)")])
                    board.state.withLock { $0.error = "\(error)" }
                    forget()
                    assignment?.invalidate()
                    pause(milliseconds: outage.next())
                case .quarantine, .configuration, .fatal: throw error
                }
            }
        }
        // A clean stop leaves nothing to evaluate again.
        if let connection, !connection.isBroken {
            try? store.store(shards, anchors: anchors, on: connection)
            for shard in shards where shard.isDirty {
                if let anchor = anchors[shard.number] { try? store.store(snapshotOf: shard, anchor: anchor, on: connection) }
            }
        }
    }

    private func step() throws {
        let connection = try connected()
        let assignment = try joined(connection)
        let isLeftWaiting = try group.mustRejoin(
            isWaiting: assignment.isWaiting, on: connection, brokerAnswers: { assignment.brokerAnswers(about: settings.topic(.events)) })
        if isLeftWaiting {
            forget()
            assignment.close(deadline: 5)
            self.assignment = nil
            return
        }
        if assignment.needsStart { try start(assignment, on: connection) }
        if try assignment.settle(on: connection) {
            forget()
            assignment.invalidate()
            return
        }
        var steps = feed.pump() ? 1 : 0
        for shard in shards {
            let readers = AlertingSettings.shared.map { assignment.readers[TopicPartition(topic: settings.topic($0), partition: shard.number)] }
            steps += shard.advance(feed, readers, parser, budget: 20_000)
            // Transitions of a storm are bounded in memory: they are stored before the next shard goes on.
            if shard.unstored.count > 20_000 { try storeTransitions(on: connection) }
        }
        try storeTransitions(on: connection)
        let now = monotonicSeconds()
        for shard in shards where shard.isDirty && now >= shard.snapshotAt {
            guard let anchor = anchors[shard.number] else { continue }
            try store.store(snapshotOf: shard, anchor: anchor, on: connection)
            mirror(shard, assignment)
            shard.snapshotStored()
            signals.snapshots.add()
        }
        feed.forget(before: shards.map(\.clockNext).min() ?? 0)
        if now >= nextRelease {
            nextRelease = now + 2
            if try assignment.anyReleased(on: connection) { forget(); assignment.invalidate() }
        }
        report(assignment)
        poll(milliseconds: steps > 0 ? 0 : 5)
    }

    private func storeTransitions(on connection: Connection) throws {
        let made = shards.reduce(0) { $0 + $1.unstored.count }
        guard made > 0 else { return }
        try store.store(shards, anchors: anchors, on: connection)
        signals.transitions.add(made)
        for shard in shards { shard.stored() }
    }

    // MARK: Partitions

    private func joined(_ connection: Connection) throws -> Assignment {
        if let assignment { return assignment }
        try group.read(on: connection)
        let consumer = try Consumer(settings.kafka, group: group.name)
        let made = Assignment(consumer: consumer, store: store.positions, bufferedRecords: 10_000)
        assignment = made
        try made.subscribe(to: AlertingSettings.shared.map { settings.topic($0) })
        return made
    }

    private func connected() throws -> Connection {
        if let connection {
            if connection.isBroken { try connection.reconnect() }
            return connection
        }
        let made = try Connection(settings.conninfo, applicationName: "gigawatch alerting")
        connection = made
        return made
    }

    private func start(_ assignment: Assignment, on connection: Connection) throws {
        forget()
        let claimed = try assignment.start(on: connection)
        let numbers = Set(assignment.places.map(\.partition)).sorted()
        let snapshots = try store.snapshots(of: numbers, on: connection)
        // Where a shard's three positions are not one worker's, or a position moved without a snapshot, nothing can be evaluated.
        for number in numbers {
            for name in AlertingSettings.shared where !assignment.places.contains(TopicPartition(topic: settings.topic(name), partition: number)) {
                throw KafkaShareError(topic: settings.topic(name), partition: number)
            }
        }
        let clockFrom = numbers.map { snapshots[$0]?.clockNext ?? 0 }.min() ?? .max
        try feed.start(clockFrom: clockFrom)
        // Snapshots name rule versions, so the control topic must be read to where they were taken.
        let controlNeeded = snapshots.values.map(\.controlNext).max() ?? 0
        let deadline = monotonicSeconds() + 60
        while feed.control.nextOffset < controlNeeded {
            if settings.shutdown.isRequested { return }
            guard monotonicSeconds() < deadline else { throw ControlBehindError(wanted: controlNeeded, reached: feed.control.nextOffset) }
            _ = feed.pump()
            poll(milliseconds: 5)
            // Another rebalance came meanwhile: the partitions are not, or not only, these any more.
            if assignment.needsStart || Set(assignment.places.map(\.partition)).sorted() != numbers { return }
        }
        for number in numbers {
            anchors[number] = claimed.first { $0.place == TopicPartition(topic: settings.topic(.telemetry), partition: number) }
            shards.append(try shard(number, snapshots[number]))
        }
        settings.log.info("partitions taken", ["partitions": .int(numbers.count), "restored": .int(snapshots.count)])
    }

    private func shard(_ number: Int32, _ snapshot: TransitionStore.StoredSnapshot?) throws -> EvaluationShard {
        guard let snapshot else {
            return EvaluationShard(
                number, evaluator: PartitionEvaluator(partition: number), clockNext: 0, controlNext: 0, settings: settings)
        }
        let evaluator = try PartitionEvaluator(restoring: snapshot.state) { feed.version($0, $1) }
        return EvaluationShard(
            number, evaluator: evaluator, clockNext: snapshot.clockNext, controlNext: snapshot.controlNext, settings: settings)
    }

    /// Drops what is in memory: it is read again from the snapshots.
    private func forget() {
        shards = []
        anchors = [:]
    }

    private func poll(milliseconds: Int) {
        guard let assignment, let change = assignment.poll(milliseconds: milliseconds) else { return }
        switch change {
        case .assigned: break
        case .revoked: forget()
        case .failed(let error): settings.log.warning("the broker reports", ["reason": .text("\(error)")])
        }
    }

    /// Waits, serving the group meanwhile.
    private func pause(milliseconds: Int) {
        let deadline = monotonicSeconds() + Double(milliseconds) / 1000
        while monotonicSeconds() < deadline, !settings.shutdown.isRequested {
            guard assignment != nil else {
                _ = settings.shutdown.wait(seconds: 0.1)
                continue
            }
            poll(milliseconds: 50)
        }
    }

    private func mirror(_ shard: EvaluationShard, _ assignment: Assignment) {
        assignment.mirror(shard.advances.compactMap { advance in advance.map { (place: $0.place, nextOffset: $0.next) } })
    }

    private func report(_ assignment: Assignment) {
        let read = shards.reduce(0) { $0 + $1.takeRecordsRead() }
        if read > 0 { signals.records.add(read) }
        let evaluatedAt = shards.map(\.evaluatedAt)
        board.progress.touch()
        board.state.withLock { state in
            state.partitions = shards.count
            state.evaluatedAt = evaluatedAt.contains(nil) ? nil : evaluatedAt.compactMap { $0 }.min()
            state.halted = assignment.halted.map { "\($0.key): \($0.value.reason)" }.sorted()
        }
    }
}

/// The group gave this worker one topic's partition without the others' of the same number: the topics have different partition counts.
struct KafkaShareError: ClassifiedError, CustomStringConvertible {
    let topic: String
    let partition: Int32
    var kind: FailureKind { .retry }
    var description: String { "partition \(partition) of \(topic) is another worker's; events, telemetry and metrics need equal partition counts" }
}

/// The control topic did not come as far as the snapshots in time.
struct ControlBehindError: ClassifiedError, CustomStringConvertible {
    let wanted: Int64
    let reached: Int64
    var kind: FailureKind { .retry }
    var description: String { "the control topic has been read to \(reached), the snapshots need \(wanted)" }
}
