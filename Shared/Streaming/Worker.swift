// One worker: a thread, a consumer, a connection. It owns its partitions from assignment to revocation and has nothing in flight when it
// polls, so giving a partition up needs no drain. Invariant: a position moves only in the transaction that stores its records.
// Outages are not poison: it tries again for ever with growing pauses and polls on meanwhile, keeping its membership and no more memory than
// before. Read next: Assignment.swift, PositionStore.swift, Worker+Transaction.swift.
public import Kafka
public import Models
public import Operations
public import Postgres
internal import Glibc

/// What a worker is told.
public struct WorkerSettings: Sendable {
    /// The name of its positions, such as `projection`.
    public var consumer: String
    /// The Kafka group; workers of one group share the partitions. Its name on the broker may get a number: see GroupGeneration.
    public var group: String
    /// How long a worker waits for partitions before it leaves a dead member behind.
    public var groupPatienceSeconds = 15.0
    /// Full topic names, in order of priority: a backlog of a later topic never delays an earlier one.
    public var topics: [String]
    public var kafka: KafkaConfiguration
    /// libpq connection string.
    public var postgres: String
    /// Records in one transaction, at most.
    public var batchLimit = 10_000
    public var kafkaProperties: [String: String] = [:]
    public var connectionLimits = ConnectionLimits()
    /// How often to look, while idle, whether the topics with positions still exist.
    public var censusSeconds = 10.0
    /// For people, in `stream_position.owner`.
    public var owner: String

    public init(consumer: String, group: String, topics: [String], kafka: KafkaConfiguration, postgres: String, owner: String) {
        self.consumer = consumer
        self.group = group
        self.topics = topics
        self.kafka = kafka
        self.postgres = postgres
        self.owner = owner
    }
}

/// Runs a processor over its share of the topics. Make and run it on one thread; `progress` may be read from any.
public final class Worker {
    public let settings: WorkerSettings
    public let progress: ProgressBoard
    let processor: any BatchProcessor
    let report: (WorkerEvent) -> Void
    let store: PositionStore
    var connection: Connection?
    var assignment: Assignment?
    /// Batches read and not stored yet, in order: usually one; more while a bad record is looked for.
    var pending: [StreamBatch] = []
    /// The one at the front is the single record that `write` could not store.
    var rejection: (any Error)?
    /// Whether the front was prepared.
    var isPrepared = false
    /// A COMMIT whose outcome is not known: read the positions back first.
    var uncertain: [PositionAdvance]?
    var breakers: [TopicPartition: BadRecordBreaker] = [:]
    /// Partitions that the breaker stopped: once a person has released them it stays away.
    var tripped: Set<TopicPartition> = []
    var stored: [TopicPartition: PartitionProgress] = [:]
    private var group: GroupGeneration
    private var readers: [[PartitionReader]] = []
    /// How often in a row a partition with a position was not in the cluster's own list.
    private var absences: [TopicPartition: Int] = [:]
    private var turn = 0
    private var outage = OutagePause()
    private var mirrorDue: [TopicPartition: Int64] = [:]
    private var nextMirror = 0.0, nextRelease = 0.0, nextIdle = 0.0, nextCheckpoint = 0.0, nextBoard = 0.0, nextCensus = 0.0

    public init(
        _ settings: WorkerSettings, processor: any BatchProcessor, progress: ProgressBoard = ProgressBoard(),
        report: @escaping (WorkerEvent) -> Void = { _ in }
    ) {
        self.settings = settings
        self.processor = processor
        self.progress = progress
        self.report = report
        group = GroupGeneration(base: settings.group, patienceSeconds: settings.groupPatienceSeconds)
        store = PositionStore(consumer: settings.consumer, owner: settings.owner)
    }

    /// Runs until a stop is requested; what was stored stays, what was not is read again by the next owner. Throws what waiting cannot mend.
    public func run(until shutdown: Shutdown) throws {
        defer { close() }
        do {
            while !shutdown.isRequested {
                do {
                    try step()
                    if !outage.isOver { recovered() }
                } catch {
                    try recover(from: error, shutdown)
                }
            }
            progress.update { $0.phase = .stopped }
        } catch {
            progress.update {
                $0.phase = .stopped
                $0.error = "\(error)"
            }
            throw error
        }
    }

    /// One round: whatever is due, in the order that makes a story. Any error leaves a state from which the next round goes on.
    func step() throws {
        let connection = try connected()
        let assignment = try joined(connection)
        if try group.mustRejoin(
            isWaiting: assignment.isWaiting, on: connection, brokerAnswers: { settings.topics.first.map { assignment.brokerAnswers(about: $0) } ?? false })
        {
            leave(assignment)
            return
        }
        if let uncertain { try resolve(uncertain, on: connection) }
        if assignment.needsStart { try start(assignment, on: connection) }
        if pending.isEmpty {
            if try assignment.settle(on: connection) { assignment.invalidate(); forgetAll(); return }
            let batch = gather()
            if batch.isEmpty {
                try idle(assignment, on: connection)
                poll(milliseconds: 200)
                return
            }
            pending = [batch]
        }
        while !pending.isEmpty, uncertain == nil { try storeFront(on: connection) }
        poll(milliseconds: 0)
        mirror(assignment)
        publishProgress(assignment)
    }

    // MARK: Partitions

    private func joined(_ connection: Connection) throws -> Assignment {
        if let assignment { return assignment }
        try group.read(on: connection)
        let consumer = try Consumer(settings.kafka, group: group.name, properties: settings.kafkaProperties)
        let made = Assignment(consumer: consumer, store: store, bufferedRecords: settings.batchLimit)
        assignment = made
        try made.subscribe(to: settings.topics)
        return made
    }

    /// Before joining again under another name. Whatever was read and not stored is read again.
    private func leave(_ assignment: Assignment) {
        forgetAll()
        assignment.close(deadline: 5)
        self.assignment = nil
    }

    private func connected() throws -> Connection {
        if let connection {
            if connection.isBroken { try connection.reconnect() }
            return connection
        }
        let made = try Connection(
            settings.postgres, applicationName: "gigawatch-\(settings.consumer)", limits: settings.connectionLimits)
        connection = made
        return made
    }

    private func start(_ assignment: Assignment, on connection: Connection) throws {
        let positions = try assignment.start(on: connection)
        do {
            try processor.assigned(positions.filter { assignment.halted[$0.place] == nil }, on: connection)
        } catch {
            assignment.invalidate()
            throw error
        }
        let now = wallClock()
        stored = positions.reduce(into: [:]) {
            $0[$1.place] = PartitionProgress(
                place: $1.place, nextOffset: $1.nextOffset, endOffset: assignment.knownEnd(of: $1.place) ?? $1.nextOffset,
                lastTimestamp: $1.lastTimestamp, caughtUpOrStoredAt: now, counts: $1.counts, halt: assignment.halted[$1.place])
        }
        for (place, halt) in assignment.halted { report(.halted(place, halt)) }
        breakers = breakers.filter { assignment.readers[$0.key] != nil }
        // Facts before readings: topics in their order, partitions of a topic by turns.
        readers = settings.topics.map { topic in
            assignment.readers.values.filter { $0.place.topic == topic }.sorted { $0.place < $1.place }
        }
        publishProgress(assignment, force: true)
    }

    private func gather() -> StreamBatch {
        var slices: [RecordSlice] = []
        var room = settings.batchLimit
        turn &+= 1
        for topic in readers where !topic.isEmpty {
            for index in topic.indices where room > 0 {
                let slice = topic[(index + turn) % topic.count].read(upTo: room)
                if !slice.isEmpty {
                    slices.append(slice)
                    room -= slice.count
                }
            }
        }
        return StreamBatch(slices)
    }

    /// Serves the group. Rebalances happen here and nowhere else.
    private func poll(milliseconds: Int) {
        guard let assignment else { return }
        switch assignment.poll(milliseconds: milliseconds) {
        case nil: return
        case .assigned(let places):
            progress.update { $0.rebalances += 1 }
            report(.assigned(places))
        case .revoked(let places, let lost):
            forgetAll()
            report(.revoked(places, lost: lost))
        case .failed(let error): report(.kafka(error))
        }
    }

    func forgetAll() {
        pending = []
        isPrepared = false
        rejection = nil
        uncertain = nil
        readers = []
        processor.forget(Array(stored.keys))
        stored = [:]
        mirrorDue = [:]
    }

    // MARK: What is due now and then

    private func idle(_ assignment: Assignment, on connection: Connection) throws {
        let now = monotonicSeconds()
        if now >= nextIdle {
            nextIdle = now + 0.2
            try processor.idle(on: connection)
        }
        if now >= nextRelease {
            nextRelease = now + 2
            if try assignment.anyReleased(on: connection) {
                assignment.invalidate()
                forgetAll()
            }
        }
        if now >= nextCheckpoint, !stored.isEmpty {
            try store.checkpoint(Array(stored.keys), on: connection)
            nextCheckpoint = now + 300
        }
        if now >= nextCensus {
            nextCensus = now + settings.censusSeconds
            try takeCensus(assignment, on: connection)
        }
        mirror(assignment)
        publishProgress(assignment)
    }

    /// Partitions that are gone for three looks in a row are halted: a broker that starts again may not know its topics at first.
    private func takeCensus(_ assignment: Assignment, on connection: Connection) throws {
        let gone = try assignment.missing(topics: settings.topics, on: connection)
        absences = gone.reduce(into: [:]) { $0[$1.position.place] = (absences[$1.position.place] ?? 0) + 1 }
        for (position, halt) in gone where absences[position.place] ?? 0 >= 3 {
            try store.halt(position.place, epoch: position.epoch, halt, on: connection)
            report(.halted(position.place, halt))
        }
        let complaint = gone.first.map(\.halt.reason)
        progress.update { $0.missing = complaint }
    }

    func noteStored(_ advances: [PositionAdvance], seconds: Double) {
        let now = wallClock()
        for advance in advances {
            stored[advance.place]?.nextOffset = advance.next
            stored[advance.place]?.lastTimestamp = advance.lastTimestamp
            stored[advance.place]?.counts += advance.counts
            stored[advance.place]?.caughtUpOrStoredAt = now
            mirrorDue[advance.place] = advance.next
            breakers[advance.place, default: BadRecordBreaker()].stored(advance.counts)
        }
        let records = advances.reduce(0) { $0 + $1.counts.read }
        progress.update {
            $0.batches += 1
            $0.records += records
            $0.transactionSeconds += seconds
        }
    }

    /// Once a second: the mirror is for people's tools.
    private func mirror(_ assignment: Assignment) {
        let now = monotonicSeconds()
        guard now >= nextMirror, !mirrorDue.isEmpty else { return }
        nextMirror = now + 1
        assignment.mirror(mirrorDue.map { (place: $0.key, nextOffset: $0.value) })
        mirrorDue = [:]
        Failpoint.reached("worker.mirror.after")
    }

    private func publishProgress(_ assignment: Assignment, force: Bool = false) {
        let now = monotonicSeconds()
        guard force || now >= nextBoard else { return }
        nextBoard = now + 0.25
        let wall = wallClock()
        for place in Array(stored.keys) {
            if let end = assignment.knownEnd(of: place) { stored[place]?.endOffset = end }
            stored[place]?.halt = assignment.halted[place]
            if stored[place]?.lagRecords == 0, stored[place]?.halt == nil { stored[place]?.caughtUpOrStoredAt = wall }
        }
        let partitions = stored.values.sorted { $0.place < $1.place }
        progress.update {
            $0.partitions = partitions
            $0.loopedAt = wall
            if $0.phase != .outage { $0.phase = partitions.isEmpty ? .waitingForPartitions : .running }
        }
    }

    // MARK: Outages

    private func recover(from error: any Error, _ shutdown: Shutdown) throws {
        let kind = FailureKind(of: error)
        switch kind {
        case .quarantine, .configuration, .fatal:
            throw error
        case .fenced:
            // Another owner was here. What it stored is stored; we read again from there, with an epoch of our own.
            progress.update { $0.fenced += 1 }
            report(.fenced("\(error)"))
            group.lookSoon()
            assignment?.invalidate()
            forgetAll()
        case .retry, .outcomeUnknown:
            break
        }
        let pause = outage.next()
        progress.update {
            $0.phase = .outage
            $0.error = "\(error)"
            $0.retries += 1
            if $0.outageSince == nil { $0.outageSince = wallClock() }
        }
        report(.outage("\(error)", kind, pauseMilliseconds: pause))
        // Polling on: no rebalance, and librdkafka's queues are bounded, so no memory grows.
        let end = monotonicSeconds() + Double(pause) / 1000
        while !shutdown.isRequested, case let left = end - monotonicSeconds(), left > 0 {
            poll(milliseconds: 0)
            usleep(useconds_t(min(left, 0.05) * 1e6))
        }
        progress.update { $0.loopedAt = wallClock() }
    }

    private func recovered() {
        outage.reset()
        progress.update {
            $0.phase = .running
            $0.error = nil
            $0.outageSince = nil
        }
        report(.recovered)
    }

    private func close() {
        forgetAll()
        if let assignment {
            assignment.close(deadline: 10)
            self.assignment = nil
        }
        connection?.close()
        connection = nil
    }
}

/// Seconds on CLOCK_MONOTONIC: for pauses and deadlines.
func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// The wall clock: for what people and metrics are told, never for a decision about records.
public func wallClock() -> Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
}
