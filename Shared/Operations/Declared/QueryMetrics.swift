// The metrics of `query`. See DeclaredMetrics.swift for how to add one.

extension DeclaredMetrics {
    static let query: [MetricDeclaration] = []
}
