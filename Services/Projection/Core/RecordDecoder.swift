// One record after the other becomes a row of columns or a refusal. The same checks as at the door are made again here, because other programs may
// write to the topics. Pure: parsed values in, columns out; the digests of readings (DigestWindow.swift) are part of its state.
// Invariant: every record is given to exactly one of the batch's lists, and `fates` has one entry per record. One worker, one thread.
// Read next: FactDecoder.swift, ReadingDecoder.swift, then App/ProjectionProcessor.swift, which stores the batch.

public import Models

/// Where a record stands, as far as decoding needs it. Views are valid as long as the record.
public struct RecordPlace {
    /// Index of the record in its batch.
    public var record: Int32
    public var topic: TopicName
    public var partition: Int32
    public var recordOffset: Int64
    public var acceptedAt: Instant
    /// Name of the token, from the header `acceptedby`.
    public var acceptedBy: UnsafeRawBufferPointer?

    public init(
        record: Int32, topic: TopicName, partition: Int32, recordOffset: Int64, acceptedAt: Instant, acceptedBy: UnsafeRawBufferPointer? = nil
    ) {
        (self.record, self.topic, self.partition, self.recordOffset) = (record, topic, partition, recordOffset)
        (self.acceptedAt, self.acceptedBy) = (acceptedAt, acceptedBy)
    }
}

/// Decodes the batches of one worker.
public struct RecordDecoder: Sendable {
    public var facts = FactBatch()
    public var readings = ReadingBatch()
    public internal(set) var refusals: [Refusal] = []
    /// One per record of the batch.
    public internal(set) var fates: [RecordFate] = []
    public var subjects: SubjectTable
    /// The digests of readings, by partition; nil for partitions that are not ours.
    public var windows: [DigestWindow?]
    /// Partitions of `events` and `telemetry`.
    public let partitions: Int32

    /// - Parameter partitions: how many partitions the topics have (never changes).
    public init(partitions: Int32) {
        self.partitions = max(1, partitions)
        subjects = SubjectTable(partitions: self.partitions)
        windows = Array(repeating: nil, count: Int(self.partitions))
    }

    /// Forgets the last batch; memory is kept.
    public mutating func begin() {
        facts.removeAll()
        readings.removeAll()
        refusals.removeAll(keepingCapacity: true)
        fates.removeAll(keepingCapacity: true)
        // Subjects are names that somebody else chose: very many of them must not fill the memory.
        if subjects.count > 1_000_000 { subjects.removeAll() }
    }

    /// The batch is stored.
    public mutating func commit() {
        for index in windows.indices { windows[index]?.commit() }
    }

    /// The batch was not stored and will come again, here or elsewhere.
    public mutating func rollback() {
        for index in windows.indices { windows[index]?.rollback() }
    }

    /// A record whose envelope could be read.
    public mutating func take(_ event: EventView, _ place: RecordPlace) {
        guard let type = event.eventType else {
            refuse(Refusal(record: place.record, Catalogue.violation(ofUnknown: event.type), isUnapplied: true))
            return
        }
        guard type.topic == place.topic else {
            let violation = Violation(.topicWrong, at: "/type", expected: type.topic.rawValue, actual: place.topic.rawValue)
            refuse(Refusal(record: place.record, violation))
            return
        }
        let violations = type.violations(in: event, acceptedAt: place.acceptedAt, place: .log)
        if let first = violations.first {
            refuse(Refusal(record: place.record, first, reason: violations.map(\.description).joined(separator: "; ")))
            return
        }
        switch type.family {
        case .reading: takeReading(event, place)
        case .fact: takeFact(event, type, place)
        case .control: fates.append(.ignored)
        }
    }

    /// A record that is no event.
    public mutating func take(_ violation: Violation, _ place: RecordPlace) {
        refuse(Refusal(record: place.record, violation))
    }

    /// A record without a value.
    public mutating func takeTombstone(_ place: RecordPlace) {
        refuse(Refusal(record: place.record, Violation(.recordTombstone, at: "", expected: "an event", actual: "no value")))
    }

    /// Decides a record that decoding left open, after the database was asked.
    public mutating func settle(record: Int32, _ fate: RecordFate) {
        guard fates.indices.contains(Int(record)) else { return }
        fates[Int(record)] = fate
    }

    /// Refuses a record that decoding had taken: the database knows its identity with another content, or cannot hold it.
    public mutating func settle(refusing refusal: Refusal) {
        refusals.append(refusal)
        settle(record: refusal.record, refusal.fate)
    }

    mutating func refuse(_ refusal: Refusal) {
        refusals.append(refusal)
        fates.append(refusal.fate)
    }

    private mutating func takeFact(_ event: EventView, _ type: EventType, _ place: RecordPlace) {
        if let violation = misplaced(expected: Partitioner.partition(of: event.subject, partitions: partitions), place) {
            refuse(Refusal(record: place.record, violation))
            return
        }
        facts.add(event, type: type, place)
        fates.append(.undecided)
    }

    func misplaced(expected: Int32, _ place: RecordPlace) -> Violation? {
        expected == place.partition
            ? nil : Violation(.partitionWrong, at: "/subject", expected: "partition \(expected)", actual: "partition \(place.partition)")
    }
}

extension Violation {
    /// The violation of an identity that was used before with another content.
    public static var identityConflict: Violation {
        Violation(.identityConflict, at: "/id", expected: "the content stored under this source and id", actual: "another content")
    }
}
