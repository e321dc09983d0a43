// Roll-ups of readings by minute and hour, joined by the workers of `projection` in the transaction that stores the readings. Invariant: a row
// depends on the set of its bucket's readings alone, not on the order in which they came: sums are integers (millionths of kW and kWh, billionths
// of a share), "last" is decided by (time, value), and the energy counter is kept as a segment (first, last, gain between) that joins its
// neighbours. Where a late reading falls inside a segment, the row is computed anew (Services/Projection/App/RollupTables.swift).
// The columns in kW, kWh and shares are generated from the integers, for people and read models.

enum M021TelemetryRollups {
    static let step = Migration(
        21, "telemetry roll-ups",
        """
        CREATE FUNCTION gigawatch.counter_gain(earlier bigint, later bigint) RETURNS bigint
        LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN CASE WHEN later >= earlier THEN later - earlier ELSE later END;
        COMMENT ON FUNCTION gigawatch.counter_gain(bigint, bigint) IS
            'What a counter gained between two consecutive readings: a counter that fell was reset and counts from zero.';

        \(table("telemetry_minute", bucket: "minute"))
        \(table("telemetry_hour", bucket: "hour"))
        CREATE INDEX telemetry_minute_bucket ON gigawatch.telemetry_minute USING brin (bucket) WITH (pages_per_range = 32, autosummarize = on);
        """)

    private static func table(_ name: String, bucket: String) -> String {
        #"""
        CREATE TABLE gigawatch.\#(name) (
            subject                     text COLLATE "C" NOT NULL,
            bucket                      timestamptz NOT NULL,
            count                       bigint NOT NULL,
            power_kw_min                double precision NOT NULL,
            power_kw_max                double precision NOT NULL,
            power_milliwatts_sum        bigint NOT NULL,
            power_kw_sum                double precision GENERATED ALWAYS AS (power_milliwatts_sum::double precision / 1e6) STORED,
            last_at                     timestamptz NOT NULL,
            last_power_kw               double precision NOT NULL,
            utilization_count           bigint NOT NULL,
            utilization_billionths_sum  bigint NOT NULL,
            utilization_sum             double precision GENERATED ALWAYS AS (utilization_billionths_sum::double precision / 1e9) STORED,
            energy_count                bigint NOT NULL,
            energy_first_at             timestamptz,
            energy_first_milliwatt_hours bigint,
            energy_last_at              timestamptz,
            energy_last_milliwatt_hours bigint,
            energy_gain_milliwatt_hours bigint,
            energy_kwh_gain             double precision GENERATED ALWAYS AS (energy_gain_milliwatt_hours::double precision / 1e6) STORED,
            energy_is_open              boolean NOT NULL DEFAULT false,
            PRIMARY KEY (subject, bucket)
        ) WITH (fillfactor = 80);
        COMMENT ON TABLE gigawatch.\#(name) IS 'Meter readings of a site by \#(bucket).';
        COMMENT ON COLUMN gigawatch.\#(name).bucket IS 'When the \#(bucket) begins.';
        COMMENT ON COLUMN gigawatch.\#(name).count IS 'Readings in the \#(bucket).';
        COMMENT ON COLUMN gigawatch.\#(name).power_kw_min IS 'Least power read, kW.';
        COMMENT ON COLUMN gigawatch.\#(name).power_kw_max IS 'Greatest power read, kW.';
        COMMENT ON COLUMN gigawatch.\#(name).power_milliwatts_sum IS 'Sum of the powers read, millionths of a kW (mW): divide by count for the mean.';
        COMMENT ON COLUMN gigawatch.\#(name).power_kw_sum IS 'Sum of the powers read, kW: divide by count for the mean.';
        COMMENT ON COLUMN gigawatch.\#(name).last_at IS 'Time of the last reading in the \#(bucket).';
        COMMENT ON COLUMN gigawatch.\#(name).last_power_kw IS 'Power at last_at, kW; the greater where two readings have the same time.';
        COMMENT ON COLUMN gigawatch.\#(name).utilization_count IS 'Readings that told the utilization.';
        COMMENT ON COLUMN gigawatch.\#(name).utilization_billionths_sum IS 'Sum of the utilizations, billionths of 1.';
        COMMENT ON COLUMN gigawatch.\#(name).utilization_sum IS 'Sum of the utilizations, shares of 1: divide by utilization_count for the mean.';
        COMMENT ON COLUMN gigawatch.\#(name).energy_count IS 'Readings that told the energy counter.';
        COMMENT ON COLUMN gigawatch.\#(name).energy_first_at IS 'Time of the first counter reading in the \#(bucket).';
        COMMENT ON COLUMN gigawatch.\#(name).energy_first_milliwatt_hours IS 'Counter at energy_first_at, millionths of a kWh.';
        COMMENT ON COLUMN gigawatch.\#(name).energy_last_at IS 'Time of the last counter reading in the \#(bucket).';
        COMMENT ON COLUMN gigawatch.\#(name).energy_last_milliwatt_hours IS 'Counter at energy_last_at, millionths of a kWh.';
        COMMENT ON COLUMN gigawatch.\#(name).energy_gain_milliwatt_hours IS 'Gain of the counter between its readings in the \#(bucket), resets counted, millionths of a kWh.';
        COMMENT ON COLUMN gigawatch.\#(name).energy_kwh_gain IS 'Gain of the counter between its readings in the \#(bucket), resets counted, kWh.';
        COMMENT ON COLUMN gigawatch.\#(name).energy_is_open IS 'A late reading fell inside the counter''s span and the gain could not be computed anew: its raw readings are gone.';
        """#
    }
}
