// The metrics of `projection`. See DeclaredMetrics.swift for how to add one.

extension DeclaredMetrics {
    static let projection: [MetricDeclaration] = []
}
