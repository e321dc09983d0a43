// The batch's roll-up rows join those that are stored. Invariant: a stored row depends on the readings of its bucket alone. Levels join by sum, least,
// greatest; counters by their segments: where the batch's segment lies before or after the stored one, by one subtraction; where they overlap, the
// minute is computed anew from its raw readings (stored in this transaction before) and the hour from its minutes. When the raw readings
// of a minute are gone, its gain stays as it was and the row says so (`energy_is_open`). Runs inside the worker's transaction.

internal import Models
internal import Postgres
internal import ProjectionCore

struct RollupTables {
    /// Joins the rows of one batch, minutes before hours.
    func join(_ reducer: RollupReducer, subjects: SubjectTable, on connection: Connection) throws {
        let minutes = try upsert("telemetry_minute", reducer.minutes, subjects, on: connection)
        for (bucket, subjects) in minutes.sorted(by: { $0.key < $1.key }) {
            try connection.query(RollupTables.recountMinute, [.instant(bucket), .textArray(subjects)])
        }
        let hours = try upsert("telemetry_hour", reducer.hours, subjects, on: connection)
        for (bucket, subjects) in hours.sorted(by: { $0.key < $1.key }) {
            try connection.query(RollupTables.recountHour, [.instant(bucket), .textArray(subjects)])
        }
    }

    /// Answers the rows whose counters overlap: bucket -> subjects.
    private func upsert(_ table: String, _ rows: [RollupRow], _ subjects: SubjectTable, on connection: Connection) throws -> [Instant: [String]] {
        guard !rows.isEmpty else { return [:] }
        let open = try connection.query(
            RollupTables.upsert(into: table),
            [
                .textArray(rows.map { subjects.name(of: $0.subject) }), .instantArray(rows.map(\.bucket)), .intArray(rows.map(\.count)),
                .doubleArray(rows.map(\.powerMinKW)), .doubleArray(rows.map(\.powerMaxKW)), .intArray(rows.map(\.powerSumMilliwatts)),
                .instantArray(rows.map(\.lastAt)), .doubleArray(rows.map(\.lastPowerKW)), .intArray(rows.map(\.utilizationCount)),
                .intArray(rows.map(\.utilizationSumBillionths)), .intArray(rows.map { $0.counter?.count ?? 0 }),
                .instantArray(rows.map { $0.counter?.firstAt }), .intArray(rows.map { $0.counter?.first }), .instantArray(rows.map { $0.counter?.lastAt }),
                .intArray(rows.map { $0.counter?.last }), .intArray(rows.map { $0.counter?.gain }),
            ])
        var found: [Instant: [String]] = [:]
        for row in 0..<open.count {
            guard let subject = open.text(row, 0), let bucket = open.instant(row, 1) else { continue }
            found[bucket, default: []].append(subject)
        }
        return found
    }

    private static func upsert(into table: String) -> String {
        """
        WITH joined AS (
            INSERT INTO gigawatch.\(table) AS t (subject, bucket, count, power_kw_min, power_kw_max, power_milliwatts_sum, last_at, last_power_kw,
                utilization_count, utilization_billionths_sum, energy_count, energy_first_at, energy_first_milliwatt_hours, energy_last_at,
                energy_last_milliwatt_hours, energy_gain_milliwatt_hours)
            SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::bigint[], $4::float8[], $5::float8[], $6::bigint[], $7::timestamptz[], $8::float8[],
                $9::bigint[], $10::bigint[], $11::bigint[], $12::timestamptz[], $13::bigint[], $14::timestamptz[], $15::bigint[], $16::bigint[])
            ON CONFLICT (subject, bucket) DO UPDATE SET
                count = t.count + EXCLUDED.count,
                power_kw_min = LEAST(t.power_kw_min, EXCLUDED.power_kw_min),
                power_kw_max = GREATEST(t.power_kw_max, EXCLUDED.power_kw_max),
                power_milliwatts_sum = t.power_milliwatts_sum + EXCLUDED.power_milliwatts_sum,
                last_power_kw = CASE WHEN (EXCLUDED.last_at, EXCLUDED.last_power_kw) > (t.last_at, t.last_power_kw)
                    THEN EXCLUDED.last_power_kw ELSE t.last_power_kw END,
                last_at = GREATEST(t.last_at, EXCLUDED.last_at),
                utilization_count = t.utilization_count + EXCLUDED.utilization_count,
                utilization_billionths_sum = t.utilization_billionths_sum + EXCLUDED.utilization_billionths_sum,
                energy_count = t.energy_count + EXCLUDED.energy_count,
                energy_gain_milliwatt_hours = CASE
                    WHEN EXCLUDED.energy_count = 0 THEN t.energy_gain_milliwatt_hours
                    WHEN t.energy_count = 0 THEN EXCLUDED.energy_gain_milliwatt_hours
                    WHEN \(follows("t", "EXCLUDED")) THEN \(gain("t", "EXCLUDED"))
                    WHEN \(follows("EXCLUDED", "t")) THEN \(gain("EXCLUDED", "t"))
                    ELSE t.energy_gain_milliwatt_hours END,
                energy_is_open = t.energy_is_open OR (t.energy_count > 0 AND EXCLUDED.energy_count > 0
                    AND NOT (\(follows("t", "EXCLUDED"))) AND NOT (\(follows("EXCLUDED", "t")))),
                energy_first_milliwatt_hours = CASE WHEN EXCLUDED.energy_count > 0 AND (t.energy_count = 0
                    OR (EXCLUDED.energy_first_at, EXCLUDED.energy_first_milliwatt_hours) < (t.energy_first_at, t.energy_first_milliwatt_hours))
                    THEN EXCLUDED.energy_first_milliwatt_hours ELSE t.energy_first_milliwatt_hours END,
                energy_first_at = LEAST(t.energy_first_at, EXCLUDED.energy_first_at),
                energy_last_milliwatt_hours = CASE WHEN EXCLUDED.energy_count > 0 AND (t.energy_count = 0
                    OR (EXCLUDED.energy_last_at, EXCLUDED.energy_last_milliwatt_hours) > (t.energy_last_at, t.energy_last_milliwatt_hours))
                    THEN EXCLUDED.energy_last_milliwatt_hours ELSE t.energy_last_milliwatt_hours END,
                energy_last_at = GREATEST(t.energy_last_at, EXCLUDED.energy_last_at)
            RETURNING t.subject, t.bucket, t.energy_is_open)
        SELECT subject, bucket FROM joined WHERE energy_is_open
        """
    }

    private static func follows(_ earlier: String, _ later: String) -> String {
        "(\(earlier).energy_last_at, \(earlier).energy_last_milliwatt_hours) <= (\(later).energy_first_at, \(later).energy_first_milliwatt_hours)"
    }

    private static func gain(_ earlier: String, _ later: String) -> String {
        "\(earlier).energy_gain_milliwatt_hours + \(later).energy_gain_milliwatt_hours "
            + "+ gigawatch.counter_gain(\(earlier).energy_last_milliwatt_hours, \(later).energy_first_milliwatt_hours)"
    }

    /// `round` of a double goes to the even neighbour, as FixedPoint does.
    private static let recountMinute = """
        WITH reading AS (
            SELECT r.subject, r.occurred_at, round(LEAST(r.energy_kwh_total * 1e6, 9.2e18))::bigint AS counter
            FROM gigawatch.reading r
            WHERE r.occurred_at >= $1::timestamptz AND r.occurred_at < $1::timestamptz + interval '1 minute' AND r.subject = ANY ($2::text[])
              AND r.energy_kwh_total IS NOT NULL
        ), step AS (
            SELECT subject, occurred_at, counter, lag(counter) OVER (PARTITION BY subject ORDER BY occurred_at, counter) AS before FROM reading
        ), whole AS (
            SELECT subject, count(*) AS count, sum(CASE WHEN before IS NULL THEN 0 ELSE gigawatch.counter_gain(before, counter) END)::bigint AS gain
            FROM step GROUP BY subject
        )
        UPDATE gigawatch.telemetry_minute t SET energy_gain_milliwatt_hours = w.gain, energy_is_open = false
        FROM whole w WHERE t.bucket = $1::timestamptz AND t.subject = w.subject AND t.energy_count = w.count
        """

    private static let recountHour = """
        WITH step AS (
            SELECT subject, energy_count, energy_is_open, energy_gain_milliwatt_hours AS gain, energy_first_milliwatt_hours AS first,
                lag(energy_last_milliwatt_hours) OVER (PARTITION BY subject ORDER BY bucket) AS before
            FROM gigawatch.telemetry_minute
            WHERE bucket >= $1::timestamptz AND bucket < $1::timestamptz + interval '1 hour' AND subject = ANY ($2::text[]) AND energy_count > 0
        ), whole AS (
            SELECT subject, sum(energy_count)::bigint AS count, bool_or(energy_is_open) AS is_open,
                sum(gain + CASE WHEN before IS NULL THEN 0 ELSE gigawatch.counter_gain(before, first) END)::bigint AS gain
            FROM step GROUP BY subject
        )
        UPDATE gigawatch.telemetry_hour t SET energy_gain_milliwatt_hours = w.gain, energy_is_open = w.is_open
        FROM whole w WHERE t.bucket = $1::timestamptz AND t.subject = w.subject AND t.energy_count = w.count
        """
}
