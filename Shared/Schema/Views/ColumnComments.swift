// One COMMENT with its unit for each column of each `ops` view, from the column's name: a quantity ends in its unit, so most follow from the end
// of the name. A column that no line here covers stops the migration with its name. Applied after all views. Read next: OpsViews.swift.

extension Views {
    static let columnComments = SQLObject(
        "ops_column_comments",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.comment_ops_columns() RETURNS void LANGUAGE plpgsql AS $$
        DECLARE
          place record;
          words text;
        BEGIN
          FOR place IN
            SELECT c.relname AS view, a.attname AS name, format_type(a.atttypid, NULL) AS type FROM pg_class c
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE c.relnamespace = 'ops'::regnamespace AND c.relkind = 'v' AND col_description(c.oid, a.attnum) IS NULL
          LOOP
            words := CASE
              WHEN place.name = 'confidence' THEN 'Weakest confidence of the facts behind the row: high, medium, low; null where none was stated.'
              WHEN place.name = 'assertion' THEN
                'Weakest assertion of the facts behind the row: reported, extracted, calculated, inferred, projected; null where none was stated.'
              WHEN place.name = 'unit' AND place.view IN ('units') THEN 'Generating unit id.'
              WHEN place.name IN ('load_factor', 'reserve_margin', 'capacity_credit', 'loss_factor', 'growth_needed', 'coverage') THEN 'Share of 1: ' || replace(place.name, '_', ' ') || '.'
              WHEN place.name ~ '^unknown_' THEN CASE WHEN place.view = 'sovereignty' THEN 'Amount whose country is unknown, in the unit of the name''s end.'
                ELSE 'How many rows did not say: they are not in the sum of ' || substr(place.name, 9) || ', count.' END
              WHEN place.name ~ '(_share|_share_low|_share_high|^leading_edge_share|gpu_utilization)$' THEN 'Share, 0..1 (load may exceed 1).'
              WHEN place.name IN ('mw') OR place.name ~ '_mw$' THEN 'Megawatts (MW).'
              WHEN place.name ~ '^power_kw|_kw$|^last_power_kw' THEN 'Kilowatts (kW).'
              WHEN place.name ~ '_kwh$' THEN 'Kilowatt-hours (kWh).'
              WHEN place.name ~ '_twh$' THEN 'Terawatt-hours (TWh).'
              WHEN place.name ~ '(^|_)h100e$' OR place.name = 'h100e_per_unit' THEN 'H100 equivalents: 8-bit peak / 1.979e15 operations per second.'
              WHEN place.name ~ '_usd$|^usd$' THEN 'US dollars; a run rate per year.'
              WHEN place.name ~ '_flop$' THEN 'Floating-point operations.'
              WHEN place.name ~ '^ops_' THEN 'Operations per second.'
              WHEN place.name = 'tdp_w' THEN 'Watts (W).'
              WHEN place.name ~ '_days$|^days_between$' THEN 'Days.'
              WHEN place.name = 'months_ahead' THEN 'Months of 30.4375 days; positive is ahead of the ladder.'
              WHEN place.name IN ('log10_rise', 'log10_per_half_year', 'orders_per_year') THEN 'Orders of magnitude (log10).'
              WHEN place.name IN ('factor', 'ratio') THEN 'Ratio to the earlier or the reference value, 1 is equal.'
              WHEN place.name IN ('observed_value', 'ladder_value', 'value', 'previous_value', 'previous') THEN 'In the unit that the row, the metric or the quantity names.'
              WHEN place.name IN ('latitude', 'longitude') THEN 'Degrees, WGS 84.'
              WHEN place.type IN ('timestamp with time zone') THEN 'Instant, UTC.'
              WHEN place.type = 'date' THEN 'Day.'
              WHEN place.type = 'boolean' THEN 'True or false; null is unknown.'
              WHEN place.name ~ '_units$|^units$' THEN 'Count of units.'
              WHEN place.name IN ('year', 'observed_year') THEN 'Calendar year.'
              WHEN place.name IN ('partition', 'sequence', 'severity', 'security_level') OR place.name ~ '_offset$|_id$|^halted_' THEN 'Number: ' || replace(place.name, '_', ' ') || '.'
              WHEN place.type IN ('bigint', 'integer', 'numeric') THEN 'Count.'
              WHEN place.type IN ('text', 'text[]') THEN 'Text: ' || replace(place.name, '_', ' ') || '.'
              WHEN place.type = 'jsonb' THEN 'JSON: ' || replace(place.name, '_', ' ') || '.'
              WHEN place.type = 'bytea' THEN 'Bytes as they came.'
              END;
            IF words IS NULL THEN
              RAISE EXCEPTION 'ops.%.% (%) has no comment: add its unit in Views/ColumnComments.swift', place.view, place.name, place.type;
            END IF;
            EXECUTE format('COMMENT ON COLUMN ops.%I.%I IS %L', place.view, place.name, words);
          END LOOP;
        END
        $$;
        SELECT gigawatch.comment_ops_columns();
        """#)
}
