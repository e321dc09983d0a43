// The indexes that the read models need on the generated fact tables: the newest fact of an entity is one step away, and what points at a site, a
// region or a plant is found from there. Applied after the tables, repeatable. Read next: Clauses.swift.

extension ReadModels {
    static let indexes = SQLObject("read_model_indexes", (newest + pointing).joined(separator: "\n"))

    /// Serves `ORDER BY occurred_at DESC, known_at DESC, source DESC, id DESC LIMIT 1` of one subject, read backwards.
    private static let newest = FactTables.names.map { table in
        "CREATE INDEX IF NOT EXISTS \(table)_newest ON gigawatch.\(table) (subject, occurred_at, known_at, source, id);"
    }

    private static let pointing = [
        ("fact_site_status_changed", "region"), ("fact_site_status_changed", "country"), ("fact_site_status_changed", "parent_site"),
        ("fact_power_contract_changed", "site"), ("fact_power_contract_changed", "region"), ("fact_power_contract_changed", "plant"),
        ("fact_power_contract_changed", "part_of"), ("fact_generation_changed", "region"), ("fact_generation_changed", "plant"),
        ("fact_region_registered", "parent"), ("fact_gpu_batch_moved", "site"), ("fact_security_incident_reported", "site"),
    ].map { table, column in
        "CREATE INDEX IF NOT EXISTS \(table)_\(column) ON gigawatch.\(table) (\(column), subject) WHERE \(column) IS NOT NULL;"
    } + [
        // The highest hour of a region without reading its year.
        """
        CREATE INDEX IF NOT EXISTS fact_grid_hour_reported_peak ON gigawatch.fact_grid_hour_reported (subject, demand_mw DESC)
          WHERE demand_mw IS NOT NULL;
        """
    ]
}
