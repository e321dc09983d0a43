// The `ops` views that stand over a read model: each is the model at now, with a function of the same name and `_at` for the three clocks
// (`SELECT * FROM ops.regions_at('2028-07-01')`). They add nothing, so they cannot disagree with the API. Read next: ColumnComments.swift.

extension Views {
    /// Views named as their model.
    static let models = [
        "sites", "site_totals", "site_timeline", "site_limits", "site_security", "chips", "contracts", "contract_totals", "plant_commitments",
        "units",
        "regions", "region_totals", "capital", "capital_totals", "revenue", "revenue_totals", "electricity", "scenario", "telemetry", "slippage",
        "slippage_totals", "security", "security_totals", "targets", "market_value", "compute", "compute_totals", "fleet", "fleet_batches",
        "sovereignty",
    ].map { view($0, over: $0) }

    /// The roll-ups, under the names of their tables.
    static let rollups = [view("telemetry_minute", over: "telemetry_minutes"), view("telemetry_hour", over: "telemetry_hours")]

    /// Dropped first, because a view cannot change its columns in place; the function returns the view's own row, so that both always agree.
    private static func view(_ name: String, over model: String) -> SQLObject {
        SQLObject(
            "ops_\(name)",
            """
            DROP VIEW IF EXISTS ops.\(name) CASCADE;
            CREATE VIEW ops.\(name) AS SELECT * FROM gigawatch.\(model)(NULL, NULL, NULL);
            CREATE FUNCTION ops.\(name)_at(as_of timestamptz DEFAULT NULL, as_known timestamptz DEFAULT NULL, as_recorded timestamptz DEFAULT NULL)
            RETURNS SETOF ops.\(name) LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT * FROM gigawatch.\(model)(as_of, as_known, as_recorded) $$;
            COMMENT ON FUNCTION ops.\(name)_at(timestamptz, timestamptz, timestamptz) IS
              'ops.\(name) as of an instant, as known by an instant, as recorded by an instant (null: now).';
            """)
    }
}
