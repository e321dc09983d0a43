// The indexes that the read models need on the generated fact tables: the newest fact of an entity is one step away, and what points at a site, a
// region or a plant is found from there. Applied after the tables, repeatable. Read next: Clauses.swift.

extension ReadModels {
    static let indexes = SQLObject("read_model_indexes", (newest + pointing + asked).joined(separator: "\n"))

    /// A function's column has the default collation whatever its table's column has, so `WHERE site = $1` on a read model compares under the default
    /// collation, and an index on the column (collation C) does not serve it. Without these, one site was a scan of all facts: 90 ms instead of 3.
    private static let asked = [
        ("fact_site_status_changed", "subject"), ("fact_site_capacity_reported", "subject"), ("fact_site_chips_reported", "subject"),
        ("fact_power_contract_changed", "subject"), ("fact_generation_changed", "subject"), ("fact_region_registered", "subject"),
        ("fact_site_status_changed", "region"), ("fact_generation_changed", "region"), ("fact_power_contract_changed", "region"),
        ("fact_power_contract_changed", "site"), ("fact_power_contract_changed", "plant"), ("fact_site_status_changed", "country"),
    ].map { table, column in
        "CREATE INDEX IF NOT EXISTS \(table)_by_\(column) ON gigawatch.\(table) (\(column) COLLATE \"default\");"
    }

    /// Serves `ORDER BY occurred_at DESC, known_at DESC, source DESC, id DESC LIMIT 1` of one subject, read backwards.
    private static let newest = FactTables.names.map { table in
        "CREATE INDEX IF NOT EXISTS \(table)_newest ON gigawatch.\(table) (subject, occurred_at, known_at, source, id);"
    }

    private static let pointing =
        [
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
