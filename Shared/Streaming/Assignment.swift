// The partitions that a worker owns, from assignment to revocation. When the group gives partitions (`poll` says so), `start` asks Kafka
// where their logs begin and end, claims their positions in PostgreSQL, looks for loss, and starts reading where PostgreSQL says. `start` may
// fail while a server is away: it is called again, while `poll` goes on and keeps the group membership. One thread.
// Invariant: no partition is read that is halted or not claimed. Read next: PartitionReader.swift, Worker.swift.
public import Kafka
internal import Models
public import Postgres

/// What `Assignment.poll` brings.
public enum AssignmentChange {
    /// The group gave us these: call `start(on:)`, again and again until it succeeds.
    case assigned([TopicPartition])
    /// These are no longer ours; readers are gone, whatever was read and not stored must be forgotten.
    case revoked([TopicPartition], lost: Bool)
    case failed(KafkaError)
}

/// Owns a consumer and its readers. Not Sendable.
public final class Assignment {
    public let store: PositionStore
    private let consumer: Consumer
    private let capacity: Int
    /// True from joining the group, or giving partitions up, until the group has given some (or none).
    public private(set) var isWaiting = false
    /// What the group has given us, started or not.
    public private(set) var places: [TopicPartition] = []
    /// True between an assignment and its successful `start`.
    public private(set) var needsStart = false
    public private(set) var readers: [TopicPartition: PartitionReader] = [:]
    /// Partitions that stand still, with the reason.
    public private(set) var halted: [TopicPartition: Halt] = [:]

    /// - Parameter bufferedRecords: records that a reader takes over from librdkafka at once.
    public init(consumer: Consumer, store: PositionStore, bufferedRecords: Int = 10_000) {
        self.consumer = consumer
        self.store = store
        capacity = bufferedRecords
    }

    /// Joins the group.
    public func subscribe(to topics: [String]) throws(KafkaError) {
        try consumer.subscribe(to: topics)
        isWaiting = true
    }

    /// Takes partitions by hand, outside any group: then call `start(on:)`.
    public func take(_ places: [TopicPartition]) {
        self.places = places
        needsStart = true
    }

    /// Serves the consumer, waiting up to `milliseconds` for a change or for records to arrive.
    public func poll(milliseconds: Int) -> AssignmentChange? {
        switch consumer.poll(milliseconds: milliseconds) {
        case nil: return nil
        case .assigned(let given):
            places = given
            needsStart = true
            isWaiting = false
            return .assigned(given)
        case .revoked(let taken, let lost):
            readers.removeAll()
            halted.removeAll()
            places = []
            needsStart = false
            isWaiting = true
            do { try consumer.unassign() } catch { return .failed(error) }
            return .revoked(taken, lost: lost)
        case .failed(let error): return .failed(error)
        }
    }

    /// Claims the positions of all our partitions, looks for loss and starts reading. Also the way to begin anew after fencing, a failed
    /// partition or a release: everything read and not stored is dropped and read again.
    /// - Parameter from: where to read from instead of the stored position (alerting starts at its snapshot's cut); never past it.
    /// - Returns: the positions as claimed, halted ones too.
    @discardableResult
    public func start(on connection: Connection, from: (StoredPosition) -> Int64 = { $0.nextOffset }) throws -> [StoredPosition] {
        readers.removeAll()
        halted.removeAll()
        let marks = try consumer.watermarks(of: places)
        let claimed = try store.claim(marks.mapValues(\.low), on: connection)
        var starts: [(place: TopicPartition, nextOffset: Int64)] = []
        var plans: [(position: StoredPosition, start: Int64, low: Int64, verifies: Bool)] = []
        for position in claimed {
            guard let mark = marks[position.place] else { continue }
            let start = from(position)
            var judged = position
            judged.nextOffset = start
            if let halt = position.halt {
                halted[position.place] = halt
            } else if let halt = LossDetector.judge(judged, mark, consumer: store.consumer) {
                try self.halt(position, halt, on: connection)
            } else {
                // The record before the position is read first, when the log still has it, and compared with what was stored of it.
                let verifies = start == position.nextOffset && position.lastDigest != nil && mark.low < start
                starts.append((position.place, verifies ? start - 1 : start))
                plans.append((position, start, mark.low, verifies))
            }
        }
        try consumer.assign(starts)
        for plan in plans {
            readers[plan.position.place] = PartitionReader(
                plan.position, from: plan.start, logStart: plan.low, verifies: plan.verifies, consumer: store.consumer,
                queue: consumer.queue(of: plan.position.place), capacity: capacity)
        }
        needsStart = false
        return claimed
    }

    /// Stores the reason of readers that found loss by themselves and stops reading them. True when a reader failed otherwise: start anew.
    public func settle(on connection: Connection) throws -> Bool {
        var mustStart = false
        for reader in readers.values {
            switch reader.state {
            case .reading: continue
            case .halted(let halt): try self.halt(reader.claimed, halt, on: connection)
            case .failed: mustStart = true
            }
        }
        return mustStart
    }

    /// Stops a partition with its reason, stored for everybody to see.
    public func halt(_ position: StoredPosition, _ halt: Halt, on connection: Connection) throws {
        try store.halt(position.place, epoch: position.epoch, halt, on: connection)
        halted[position.place] = halt
        readers[position.place] = nil
    }

    /// Positions of these topics whose partition the cluster does not have (any more), owned or not: nobody is ever assigned such a
    /// partition, so its loss must be looked for.
    public func missing(topics: [String], on connection: Connection) throws -> [(position: StoredPosition, halt: Halt)] {
        let counts = try consumer.partitionCounts(of: topics)
        return try store.allPositions(on: connection).compactMap { position in
            guard topics.contains(position.place.topic), position.halt == nil else { return nil }
            return LossDetector.missing(position, partitions: counts[position.place.topic], consumer: store.consumer).map { (position, $0) }
        }
    }

    /// Whether a person has released any of the halted partitions: then start anew.
    public func anyReleased(on connection: Connection) throws(PostgresError) -> Bool {
        guard !halted.isEmpty else { return false }
        return try store.positions(of: Array(halted.keys), on: connection).contains { $0.halt == nil }
    }

    /// Starts anew at the next occasion (after fencing, say).
    public func invalidate() {
        guard !places.isEmpty else { return }
        readers.removeAll()
        needsStart = true
    }

    /// The log's end of a partition as the last fetch told; nil before the first.
    public func knownEnd(of place: TopicPartition) -> Int64? { consumer.cachedWatermarks(of: place)?.high }

    /// Whether the broker answers a question now, within a second or two.
    public func brokerAnswers(about topic: String) -> Bool {
        do {
            _ = try consumer.watermarks(of: TopicPartition(topic: topic, partition: 0), milliseconds: 2000)
            return true
        } catch {
            return false
        }
    }

    /// The advisory mirror of stored positions in Kafka, for other people's tools.
    public func mirror(_ positions: [(place: TopicPartition, nextOffset: Int64)]) { consumer.commitMirror(positions) }

    /// Leaves the group. False when the deadline passed first.
    @discardableResult
    public func close(deadline seconds: Double = 10) -> Bool {
        readers.removeAll()
        return consumer.close(deadline: seconds)
    }
}
