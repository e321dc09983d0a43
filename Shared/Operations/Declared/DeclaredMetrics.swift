// The list of every metric that a service exports. Each is declared in its service's file beside this one, with one sentence; docs/metrics.md is
// checked against this list (`GIGAWATCH_TEST_WRITE_DOCS=1 swift test --filter 'documentation'` writes it again).
// Names: `gigawatch_<service>_<what>_<unit>`, counters end in `_total`.

/// Every metric, one value each.
public enum DeclaredMetrics {
    public static var all: [MetricDeclaration] { sections.flatMap(\.metrics) }

    /// In the order of docs/metrics.md.
    public static let sections: [(title: String, metrics: [MetricDeclaration])] = [
        ("All services", [Metrics.residentMemory, Metrics.processorTime, Metrics.openDescriptors, Metrics.startTime]),
        ("ingestion", ingestion), ("projection", projection), ("alerting", alerting), ("query", query),
    ]
}
