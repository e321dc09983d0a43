// The reference ladder as two lookups: the value at a day, and the day of a value. Its points are data (table ladder, M020); between two
// points the logarithm of the value grows evenly with time, and beyond the ends the nearest segment goes on, marked extrapolated.
// Read next: Scenario.swift.

extension ReadModels {
    /// One row per two neighbouring points of a series.
    static let ladderSegments = SQLObject(
        "ladder_segments",
        #"""
        CREATE OR REPLACE VIEW gigawatch.ladder_segments AS
          SELECT s.series, s.unit, s.from_on, s.to_on, s.from_value, s.to_value
          FROM (SELECT l.series, l.unit, l.point_on AS from_on, lead(l.point_on) OVER w AS to_on, l.value AS from_value, lead(l.value) OVER w AS to_value
                FROM gigawatch.ladder l WINDOW w AS (PARTITION BY l.series ORDER BY l.point_on)) s
          WHERE s.to_on IS NOT NULL;
        """#)

    /// When the ladder has a value: t = t0 + (t1 − t0) × ln(v / v0) / ln(v1 / v0). Null for values that have no logarithm.
    static let ladderAt = SQLObject(
        "ladder_at",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.ladder_at(of_series text, value double precision)
        RETURNS TABLE (at timestamptz, extrapolated boolean)
        LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 AS $$
          SELECT s.from_on::timestamp AT TIME ZONE 'UTC'
              + (s.to_on - s.from_on) * (ln(value / s.from_value) / ln(s.to_value / s.from_value)) * interval '1 day',
            value < s.from_value OR value > s.to_value
          FROM gigawatch.ladder_segments s
          WHERE s.series = of_series AND value > 0
          ORDER BY s.from_value <= value DESC, CASE WHEN s.from_value <= value THEN - s.from_value ELSE s.from_value END
          LIMIT 1
        $$;
        """#)

    /// What the ladder has at an instant: v = v0 × (v1 / v0) ^ ((t − t0) / (t1 − t0)).
    static let ladderValue = SQLObject(
        "ladder_value",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.ladder_value(of_series text, at timestamptz)
        RETURNS TABLE (value double precision, unit text, extrapolated boolean)
        LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 AS $$
          SELECT s.from_value * power(s.to_value / s.from_value,
              extract(epoch FROM at - (s.from_on::timestamp AT TIME ZONE 'UTC'))::double precision / 86400 / (s.to_on - s.from_on)),
            s.unit, at < s.from_on::timestamp AT TIME ZONE 'UTC' OR at > s.to_on::timestamp AT TIME ZONE 'UTC'
          FROM gigawatch.ladder_segments s
          WHERE s.series = of_series
          ORDER BY s.from_on::timestamp AT TIME ZONE 'UTC' <= at DESC,
            abs(extract(epoch FROM at - (s.from_on::timestamp AT TIME ZONE 'UTC')))
          LIMIT 1
        $$;
        """#)
}
