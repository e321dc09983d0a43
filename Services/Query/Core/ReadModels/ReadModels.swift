// The register of read models: one line each. Routes are tried in this order, so a literal path stands before one with a placeholder.

public enum ReadModels {
    public static let all: [ReadModel] = [
        .sites, .site, .siteTimeline, .siteLimits,
        .contracts, .contractTotals, .plantCommitments,
        .regions, .region, .scenario, .scenarioHistory, .ladder, .capital, .revenue, .electricity,
        .fleet, .fleetBatches, .compute, .targets, .slippage, .security, .siteSecurity, .sovereignty, .changes,
        .telemetry, .meters, .alerts, .alert, .transitions, .rules,
        .events, .metrics, .metricHistory, .quarantine, .quarantined, .audit,
    ]

    /// The model and the values of its path's placeholders for a request's path.
    public static func route(_ path: String) -> (model: ReadModel, values: [String: String])? {
        for model in all {
            if let values = RoutePath.match(model.path, path) { return (model, values) }
        }
        return nil
    }

    public static func named(_ name: String) -> ReadModel? { all.first { $0.name == name } }
}

extension Column {
    static let confidence = Column("confidence", .text, "Weakest confidence of the facts behind the row: high, medium or low; null when none says.")
    static let assertion = Column("assertion", .text, heading: "basis", "Weakest assertion of the facts behind the row: reported … projected.")
}
