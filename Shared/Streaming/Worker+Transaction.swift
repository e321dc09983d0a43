// A worker's transaction: records and position together or not at all. Finds the one bad record by halves, stops a partition when most of
// its records are bad, and learns the outcome of a COMMIT that broke by reading the position back. Worker's thread.
internal import Kafka
internal import Models
internal import Postgres

/// Most of a partition's records are bad. Thrown inside the transaction, so that none of them is stored.
private struct TooManyBadRecords: Error {
    let place: TopicPartition
    let firstOffset: Int64
    let counts: RecordCounts
}

extension Worker {
    /// Stores the front of `pending` and takes it off. Throws what the loop must wait for, with `pending` ready for another try.
    func storeFront(on connection: Connection) throws {
        guard let batch = pending.first else { return }
        do {
            if !isPrepared {
                try processor.prepare(batch)
                isPrepared = true
            }
            try store(batch, on: connection)
            pending.removeFirst()
            isPrepared = false
            rejection = nil
        } catch let trip as TooManyBadRecords {
            try stop(trip, on: connection)
        } catch where FailureKind(of: error) == .quarantine && rejection == nil {
            isPrepared = false
            if batch.count > 1 {
                let (first, second) = batch.halves()
                pending.replaceSubrange(0..<1, with: [first, second])
            } else {
                rejection = error
            }
        }
    }

    private func store(_ batch: StreamBatch, on connection: Connection) throws {
        var advances: [PositionAdvance] = []
        let began = monotonicSeconds()
        Failpoint.reached("worker.begin.before")
        do {
            try connection.transaction { connection in
                Failpoint.reached("worker.begin.after")
                let counts = try write(batch, on: connection)
                Failpoint.reached("worker.write.after")
                advances = try account(batch, counts)
                try store.advance(advances, on: connection)
                Failpoint.reached("worker.position.after")
            }
        } catch {
            // Rolled back, or not known; then `resolve` says which.
            if FailureKind(of: error) == .outcomeUnknown { uncertain = advances } else { processor.rolledBack(batch) }
            throw error
        }
        Failpoint.reached("worker.commit.after")
        processor.committed(batch)
        noteStored(advances, seconds: monotonicSeconds() - began)
    }

    private func write(_ batch: StreamBatch, on connection: Connection) throws -> [RecordCounts] {
        guard let rejection, let slice = batch.slices.first, let record = slice.last else { return try processor.write(batch, on: connection) }
        let counts = try processor.reject(record, because: rejection, on: connection)
        report(.rejected(record.coordinates, "\(rejection)"))
        return [counts]
    }

    /// What the batch does to the positions. Every record is accounted for, or nothing is stored.
    private func account(_ batch: StreamBatch, _ counts: [RecordCounts]) throws -> [PositionAdvance] {
        var advances: [PositionAdvance] = []
        for (index, slice) in batch.slices.enumerated() {
            let count = index < counts.count ? counts[index] : RecordCounts()
            guard counts.count == batch.slices.count, count.read == Int64(slice.count) else {
                throw StreamError.miscounted(place: slice.place, records: slice.count, counts: count)
            }
            if !tripped.contains(slice.place), (breakers[slice.place] ?? BadRecordBreaker()).trips(on: count) {
                throw TooManyBadRecords(place: slice.place, firstOffset: slice.expected, counts: count)
            }
            if let advance = slice.advance(count) { advances.append(advance) }
        }
        return advances
    }

    /// Stops the partition and reads the others again from where they are stored.
    private func stop(_ trip: TooManyBadRecords, on connection: Connection) throws {
        let place = trip.place
        let halt = Halt(
            reason: "\(trip.counts.quarantined) of the last \(trip.counts.read) records of \(place) from offset \(trip.firstOffset) on are bad: "
                + "a bad deployment or sender, not bad records; nothing of them was stored. When it is mended, or to quarantine them all: "
                + "gigawatch audit --resume \(settings.consumer)/\(place.topic)/\(place.partition)")
        guard let reader = assignment?.readers[place] else { return }
        tripped.insert(place)
        breakers[place] = nil
        try assignment?.halt(reader.claimed, halt, on: connection)
        assignment?.invalidate()
        forgetAll()
    }

    /// A COMMIT broke. The positions tell whether it happened: all of them moved, or none.
    func resolve(_ advances: [PositionAdvance], on connection: Connection) throws {
        let found = try store.positions(of: advances.map(\.place), on: connection)
        uncertain = nil
        guard let batch = pending.first else { return }
        let isStored = advances.allSatisfy { advance in
            found.contains { $0.place == advance.place && $0.epoch == advance.epoch && $0.nextOffset == advance.next }
        }
        if isStored {
            processor.committed(batch)
            noteStored(advances, seconds: 0)
            pending.removeFirst()
            isPrepared = false
            rejection = nil
            return
        }
        // Not stored (or another owner's by now: the next try is fenced, and so is one that the server finishes only after this look).
        processor.rolledBack(batch)
    }
}
