// The metrics of `alerting`. See DeclaredMetrics.swift for how to add one.

extension DeclaredMetrics {
    static let alerting: [MetricDeclaration] = []
}
