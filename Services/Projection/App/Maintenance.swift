// Housekeeping of the database, once a minute, by one process at a time: day partitions made ahead and dropped when their retention is over, minutes
// beyond theirs, published outbox rows, and the many small digest rows of quiet hours joined into few. Never on the workers' path.
// Read next: Schema/Functions/ReadingPartitions.swift.

internal import Models
internal import Operations
internal import Postgres

struct Maintenance: Sendable {
    /// Raw readings are kept at least so long.
    let rawDays: Int
    let minuteDays: Int
    let signals: ProjectionSignals

    func round(on connection: Connection) throws -> Bool {
        let made = try connection.int64(
            "SELECT gigawatch.ensure_reading_partitions((now() AT TIME ZONE 'UTC')::date - $1::int, (now() AT TIME ZONE 'UTC')::date + 2)", [.int(Int64(rawDays))])
        let dropped = try connection.int64("SELECT gigawatch.drop_reading_partitions(now() - $1::int * interval '1 day')", [.int(Int64(rawDays))])
        if (made ?? 0) > 0 || (dropped ?? 0) > 0 { signals.log.info("day partitions changed", ["made": .integer(made ?? 0), "dropped": .integer(dropped ?? 0)]) }
        try connection.query("DELETE FROM gigawatch.telemetry_minute WHERE bucket < now() - $1::int * interval '1 day'", [.int(Int64(minuteDays))])
        try connection.query(
            "DELETE FROM gigawatch.outbox WHERE published_at < now() - interval '1 hour' AND topic = $1",
            [.text(TopicName.metrics.fullName(prefix: signals.prefix))])
        try joinDigests(on: connection)
        return false
    }

    /// A caught-up worker stores a few digests each time; loading a window must not read a row for each of them.
    private func joinDigests(on connection: Connection) throws {
        try connection.query(
            """
            WITH small AS (
                SELECT ctid, topic, partition, date_trunc('hour', occurred_to) AS hour,
                    count(*) OVER (PARTITION BY topic, partition, date_trunc('hour', occurred_to)) AS rows
                FROM gigawatch.reading_digest WHERE octet_length(digests) < 24 * 2000 LIMIT 50000
            ), gone AS (
                DELETE FROM gigawatch.reading_digest d USING small s WHERE d.ctid = s.ctid AND s.rows > 20
                RETURNING d.topic, d.partition, d.first_offset, d.occurred_from, d.occurred_to, d.digests
            )
            INSERT INTO gigawatch.reading_digest (topic, partition, first_offset, occurred_from, occurred_to, digests)
            SELECT topic, partition, min(first_offset), min(occurred_from), max(occurred_to), string_agg(digests, ''::bytea)
            FROM gone GROUP BY topic, partition, date_trunc('hour', occurred_to)
            """)
    }
}
