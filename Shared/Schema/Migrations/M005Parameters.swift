// Assumptions as data: each has a value, a unit and a source, and can be overridden without a release. The rows themselves are seeded by
// the read models that use them (M020 on).

enum M005Parameters {
    static let step = Migration(
        5, "parameters, capacity credits, reference ladder",
        #"""
        CREATE TABLE gigawatch.parameter (
            name            text COLLATE "C" PRIMARY KEY,
            value           double precision NOT NULL,
            unit            text NOT NULL,
            source          text NOT NULL,
            meaning         text NOT NULL
        );
        COMMENT ON TABLE gigawatch.parameter IS 'Assumptions that formulas use; each states its source.';

        CREATE TABLE gigawatch.capacity_credit (
            fuel            text COLLATE "C" PRIMARY KEY,
            credit          double precision NOT NULL CHECK (credit BETWEEN 0 AND 1),
            source          text NOT NULL
        );
        COMMENT ON TABLE gigawatch.capacity_credit IS 'Share of a unit''s power that counts as firm at the peak, by fuel.';
        COMMENT ON COLUMN gigawatch.capacity_credit.credit IS 'Share, 0..1.';

        CREATE TABLE gigawatch.ladder (
            series          text COLLATE "C" NOT NULL,
            year            integer,
            point_on        date NOT NULL,
            value           double precision NOT NULL,
            unit            text NOT NULL,
            source          text NOT NULL,
            PRIMARY KEY (series, point_on)
        );
        COMMENT ON TABLE gigawatch.ladder IS 'The reference ladder: a series'' value at dates; levels stand at mid-year, flows cover the calendar year.';
        COMMENT ON COLUMN gigawatch.ladder.year IS 'The calendar year, where the source gives one; null where it gives a date.';
        """#)
}
