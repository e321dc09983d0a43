// Positions in PostgreSQL: claimed at assignment, moved by compare-and-swap inside the transaction that stores the records, halted with the
// missing range, released by a person. Invariant: a position moves only from where its owner saw it, in its owner's epoch, so whatever a
// stale owner writes is rolled back with its transaction. Runs on the thread of the connection it is given. Read next: Worker.swift.
public import Kafka
internal import Models
public import Postgres

/// The positions of one consumer (such as `projection`). A value: it holds no connection.
public struct PositionStore: Sendable {
    /// The name under which positions are kept.
    public let consumer: String
    /// Who claims: host and process, for people.
    public let owner: String

    public init(consumer: String, owner: String) {
        self.consumer = consumer
        self.owner = owner
    }

    // MARK: Reading

    private static let columns = """
        p.topic, p.partition, p.next_offset, p.owner_epoch, p.last_timestamp, p.last_digest, p.first_offset, p.applied, p.duplicate, \
        p.quarantined, p.unapplied, p.ignored, p.halted_reason, p.halted_from, p.halted_to
        """

    /// The positions of these partitions that are stored.
    public func positions(of places: [TopicPartition], on connection: Connection) throws(PostgresError) -> [StoredPosition] {
        let rows = try connection.query(
            """
            SELECT \(Self.columns) FROM gigawatch.stream_position p
            JOIN unnest($2::text[], $3::bigint[]) AS asked(topic, partition) ON p.topic = asked.topic AND p.partition = asked.partition
            WHERE p.consumer = $1
            """, [.text(consumer), .textArray(places.map(\.topic)), .intArray(places.map { Int64($0.partition) })])
        return decode(rows)
    }

    /// All positions of this consumer.
    public func allPositions(on connection: Connection) throws(PostgresError) -> [StoredPosition] {
        decode(
            try connection.query(
                "SELECT \(Self.columns) FROM gigawatch.stream_position p WHERE p.consumer = $1 ORDER BY p.topic, p.partition", [.text(consumer)]))
    }

    private func decode(_ rows: Rows) -> [StoredPosition] {
        (0..<rows.count).compactMap { row in
            guard let topic = rows.text(row, 0), let partition = rows.int64(row, 1), let next = rows.int64(row, 2), let epoch = rows.int64(row, 3)
            else { return nil }
            return StoredPosition(
                place: TopicPartition(topic: topic, partition: Int32(truncatingIfNeeded: partition)), nextOffset: next, epoch: epoch,
                lastTimestamp: rows.instant(row, 4), lastDigest: rows.bytes(row, 5).flatMap { $0.withUnsafeBytes { StableDigest(bytes: $0) } },
                firstOffset: rows.int64(row, 6) ?? 0,
                counts: RecordCounts(
                    applied: rows.int64(row, 7) ?? 0, duplicate: rows.int64(row, 8) ?? 0, quarantined: rows.int64(row, 9) ?? 0,
                    unapplied: rows.int64(row, 10) ?? 0, ignored: rows.int64(row, 11) ?? 0),
                halt: rows.text(row, 12).map { Halt(reason: $0, from: rows.int64(row, 13), to: rows.int64(row, 14)) })
        }
    }

    // MARK: Owning

    /// Takes partitions over: raises their epoch, so that an earlier owner can store nothing any more. A partition without a position gets
    /// one at the beginning of its log (`logStarts`): a first start accepts a log that begins above 0.
    public func claim(_ logStarts: [TopicPartition: Int64], on connection: Connection) throws(PostgresError) -> [StoredPosition] {
        let places = logStarts.keys.sorted()
        guard !places.isEmpty else { return [] }
        // Rows are touched in key order, or two claims of the same partitions could wait for each other.
        let rows = try connection.query(
            """
            INSERT INTO gigawatch.stream_position AS p (consumer, topic, partition, next_offset, first_offset, owner_epoch, owner)
            SELECT $1, asked.topic, asked.partition, asked.start, asked.start, 1, $2
            FROM unnest($3::text[], $4::bigint[], $5::bigint[]) WITH ORDINALITY AS asked(topic, partition, start, place) ORDER BY asked.place
            ON CONFLICT (consumer, topic, partition)
            DO UPDATE SET owner_epoch = p.owner_epoch + 1, owner = EXCLUDED.owner, updated_at = clock_timestamp()
            RETURNING \(Self.columns)
            """,
            [
                .text(consumer), .text(owner), .textArray(places.map(\.topic)), .intArray(places.map { Int64($0.partition) }),
                .intArray(places.map { logStarts[$0] ?? 0 }),
            ])
        return decode(rows)
    }

    /// Moves positions, inside the caller's transaction together with what the records did. Throws `StreamError.fenced` when any of them is
    /// not where its owner left it, or is another's: then the transaction must roll back.
    public func advance(_ advances: [PositionAdvance], on connection: Connection) throws {
        guard !advances.isEmpty else { return }
        let advances = advances.sorted { $0.place < $1.place }
        let rows = try connection.query(
            """
            UPDATE gigawatch.stream_position AS p SET next_offset = a.next, last_timestamp = a.stamp, last_digest = a.digest,
              read = p.read + a.applied + a.duplicate + a.quarantined + a.unapplied + a.ignored, applied = p.applied + a.applied,
              duplicate = p.duplicate + a.duplicate, quarantined = p.quarantined + a.quarantined, unapplied = p.unapplied + a.unapplied,
              ignored = p.ignored + a.ignored, updated_at = clock_timestamp()
            FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::timestamptz[], $8::bytea[], $9::bigint[],
              $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[])
              AS a(topic, partition, epoch, expected, next, stamp, digest, applied, duplicate, quarantined, unapplied, ignored)
            WHERE p.consumer = $1 AND p.topic = a.topic AND p.partition = a.partition AND p.next_offset = a.expected
              AND p.owner_epoch = a.epoch AND p.halted_reason IS NULL
            RETURNING p.topic, p.partition
            """,
            [
                .text(consumer), .textArray(advances.map(\.place.topic)), .intArray(advances.map { Int64($0.place.partition) }),
                .intArray(advances.map(\.epoch)), .intArray(advances.map(\.expected)), .intArray(advances.map(\.next)),
                .instantArray(advances.map(\.lastTimestamp)), .bytesArray(advances.map(\.lastDigest.bytes)),
                .intArray(advances.map(\.counts.applied)), .intArray(advances.map(\.counts.duplicate)),
                .intArray(advances.map(\.counts.quarantined)), .intArray(advances.map(\.counts.unapplied)), .intArray(advances.map(\.counts.ignored)),
            ])
        if rows.count == advances.count { return }
        let moved = Set((0..<rows.count).compactMap { row -> TopicPartition? in
            guard let topic = rows.text(row, 0), let partition = rows.int64(row, 1) else { return nil }
            return TopicPartition(topic: topic, partition: Int32(truncatingIfNeeded: partition))
        })
        throw StreamError.fenced(advances.map(\.place).filter { !moved.contains($0) })
    }

    /// Copies the counters into the hourly checkpoint: once an hour and partition, whoever comes first.
    public func checkpoint(_ places: [TopicPartition], on connection: Connection) throws(PostgresError) {
        try connection.query(
            """
            INSERT INTO gigawatch.position_checkpoint
              (consumer, topic, partition, at, next_offset, read, applied, duplicate, quarantined, unapplied, ignored)
            SELECT p.consumer, p.topic, p.partition, date_trunc('hour', now()), p.next_offset, p.read, p.applied, p.duplicate, p.quarantined,
              p.unapplied, p.ignored
            FROM gigawatch.stream_position p
            JOIN unnest($2::text[], $3::bigint[]) AS asked(topic, partition) ON p.topic = asked.topic AND p.partition = asked.partition
            WHERE p.consumer = $1 ON CONFLICT DO NOTHING
            """, [.text(consumer), .textArray(places.map(\.topic)), .intArray(places.map { Int64($0.partition) })])
    }

    // MARK: Standing still

    /// Stops a partition with its reason, until `release`. Only its owner can; false when it is not any more.
    @discardableResult
    public func halt(_ place: TopicPartition, epoch: Int64, _ halt: Halt, on connection: Connection) throws(PostgresError) -> Bool {
        let rows = try connection.query(
            """
            UPDATE gigawatch.stream_position SET halted_reason = $5, halted_from = $6, halted_to = $7, updated_at = clock_timestamp()
            WHERE consumer = $1 AND topic = $2 AND partition = $3::bigint AND owner_epoch = $4 RETURNING 1
            """,
            [
                .text(consumer), .text(place.topic), .int(Int64(place.partition)), .int(epoch), .text(halt.reason), .int(orNull: halt.from),
                .int(orNull: halt.to),
            ])
        return rows.count == 1
    }

    /// Lets a halted partition go on: a person has read the reason. A missing range is written down as accepted loss and the position moves
    /// past it (or, when the log now ends or begins anew before the position, back to where the log goes on). Returns the offset at which
    /// reading goes on, nil when the partition was not halted. A transaction of its own.
    @discardableResult
    public func release(_ place: TopicPartition, acceptedBy: String, reason: String, on connection: Connection) throws -> Int64? {
        let key: [Parameter] = [.text(consumer), .text(place.topic), .int(Int64(place.partition))]
        return try connection.transaction { connection in
            let rows = try connection.query(
                """
                SELECT next_offset, halted_from, halted_to, halted_reason IS NOT NULL FROM gigawatch.stream_position
                WHERE consumer = $1 AND topic = $2 AND partition = $3::bigint FOR UPDATE
                """, key)
            guard let next = rows.int64(0, 0) else { throw StreamError.unknownPosition(place) }
            guard rows.bool(0, 3) == true else { return nil }
            var resume = next
            if let from = rows.int64(0, 1), let to = rows.int64(0, 2) {
                try connection.query(
                    """
                    INSERT INTO gigawatch.accepted_loss (consumer, topic, partition, from_offset, to_offset, accepted_by, reason)
                    VALUES ($1, $2, $3::bigint, $4, $5, $6, $7)
                    """, key + [.int(from), .int(to), .text(acceptedBy), .text(reason)])
                resume = from == next ? to : from
            }
            // The epoch rises: whoever still holds the partition must look again.
            try connection.query(
                """
                UPDATE gigawatch.stream_position SET next_offset = $4, halted_reason = NULL, halted_from = NULL, halted_to = NULL,
                  last_digest = CASE WHEN next_offset = $4 THEN last_digest END,
                  last_timestamp = CASE WHEN next_offset = $4 THEN last_timestamp END,
                  owner_epoch = owner_epoch + 1, updated_at = clock_timestamp()
                WHERE consumer = $1 AND topic = $2 AND partition = $3::bigint
                """, key + [.int(resume)])
            return resume
        }
    }
}
