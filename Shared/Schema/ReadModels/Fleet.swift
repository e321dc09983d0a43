// Fleet: accelerators from order to installation. An event moves units into a stage, and a partial delivery moves a part, so what stands in a stage
// is what came in less what has moved on. Read next: Chips.swift.

extension ReadModels {
    /// One row per batch.
    ///
    /// reached(stage) = units moved into that stage or a later one (a stage that was skipped was passed through); in a stage now: reached(stage) −
    /// reached(next), and cancelled units leave the ordered ones. late: due_on passed and not all that was ordered is delivered.
    static let fleetBatches = SQLObject(
        model: "fleet_batches",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.fleet_batches(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (batch text, owner text, supplier text, chip text, site text, due_on date, ordered_units numeric, shipped_units numeric,
          delivered_units numeric, installed_units numeric, retired_units numeric, cancelled_units numeric, h100e_per_unit double precision,
          ordered_at timestamptz, delivered_at timestamptz, installed_at timestamptz, late boolean, confidence text, assertion text)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT b.subject, b.owner, b.supplier, b.chip, b.site, b.due_on, greatest(0, r.ordered - r.shipped - b.cancelled), r.shipped - r.delivered,
            r.delivered - r.installed, r.installed - b.retired, b.retired, b.cancelled, rate.h100e_per_unit, b.ordered_at, b.delivered_at, b.installed_at,
            coalesce(b.due_on < \#(Clause.day) AND r.delivered < r.ordered - b.cancelled, false),
            \#(Clause.confidence("b.confidence")), \#(Clause.assertion("b.assertion"))
          FROM (
            SELECT f.subject,
              (array_agg(f.owner ORDER BY \#(Clause.newest("f"))))[1] AS owner,
              (array_agg(f.chip ORDER BY \#(Clause.newest("f"))))[1] AS chip,
              (array_agg(f.supplier ORDER BY \#(Clause.newest("f"))) FILTER (WHERE f.supplier IS NOT NULL))[1] AS supplier,
              (array_agg(f.site ORDER BY \#(Clause.newest("f"))) FILTER (WHERE f.site IS NOT NULL))[1] AS site,
              (array_agg(f.due_on ORDER BY \#(Clause.newest("f"))) FILTER (WHERE f.due_on IS NOT NULL))[1] AS due_on,
              coalesce(sum(f.units) FILTER (WHERE f.stage = 'ordered'), 0) AS ordered, coalesce(sum(f.units) FILTER (WHERE f.stage = 'shipped'), 0) AS shipped,
              coalesce(sum(f.units) FILTER (WHERE f.stage = 'delivered'), 0) AS delivered,
              coalesce(sum(f.units) FILTER (WHERE f.stage = 'installed'), 0) AS installed,
              coalesce(sum(f.units) FILTER (WHERE f.stage = 'retired'), 0) AS retired,
              coalesce(sum(f.units) FILTER (WHERE f.stage = 'cancelled'), 0) AS cancelled,
              min(f.occurred_at) FILTER (WHERE f.stage = 'ordered') AS ordered_at, max(f.occurred_at) FILTER (WHERE f.stage = 'delivered') AS delivered_at,
              max(f.occurred_at) FILTER (WHERE f.stage = 'installed') AS installed_at,
              min(\#(Clause.confidenceRank("f.confidence"))) AS confidence, min(\#(Clause.assertionRank("f.assertion"))) AS assertion
            FROM gigawatch.fact_gpu_batch_moved f WHERE \#(Clause.living("f")) GROUP BY f.subject) b
          CROSS JOIN LATERAL (
            SELECT greatest(b.ordered, b.shipped, b.delivered, b.installed, b.retired) AS ordered, greatest(b.shipped, b.delivered, b.installed, b.retired) AS shipped,
              greatest(b.delivered, b.installed, b.retired) AS delivered, greatest(b.installed, b.retired) AS installed) r
          LEFT JOIN gigawatch.chip_rates(as_of, as_known, as_recorded) rate ON rate.name = b.chip
        $$;
        """#)

    /// One row per owner, chip and stage: units and H100e that stand there, how many batches, how many of them late, and the days that the
    /// batches took from the order to their last delivery, and from there to their last installation (median, 90th percentile).
    static let fleet = SQLObject(
        model: "fleet",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.fleet(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (owner text, chip text, stage text, units numeric, h100e double precision, unknown_h100e bigint, batches bigint, late_batches bigint,
          ordered_to_delivered_median_days double precision, ordered_to_delivered_p90_days double precision,
          delivered_to_installed_median_days double precision, delivered_to_installed_p90_days double precision, confidence text, assertion text)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT b.owner, b.chip, s.stage, sum(s.units), sum(s.units::double precision * b.h100e_per_unit),
            count(*) FILTER (WHERE b.h100e_per_unit IS NULL), count(*), count(*) FILTER (WHERE b.late),
            percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM b.delivered_at - b.ordered_at)::double precision / 86400),
            percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM b.delivered_at - b.ordered_at)::double precision / 86400),
            percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM b.installed_at - b.delivered_at)::double precision / 86400),
            percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM b.installed_at - b.delivered_at)::double precision / 86400),
            \#(Clause.confidence("min(" + Clause.confidenceRank("b.confidence") + ")")),
            \#(Clause.assertion("min(" + Clause.assertionRank("b.assertion") + ")"))
          FROM gigawatch.fleet_batches(as_of, as_known, as_recorded) b
          CROSS JOIN LATERAL (VALUES ('ordered', b.ordered_units), ('shipped', b.shipped_units), ('delivered', b.delivered_units),
            ('installed', b.installed_units), ('cancelled', b.cancelled_units), ('retired', b.retired_units)) s(stage, units)
          WHERE s.units > 0
          GROUP BY b.owner, b.chip, s.stage
        $$;
        """#)
}
