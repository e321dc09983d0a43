// The service's own instruments, looked up once per model and kept.

import Operations
import QueryCore

struct QueryMetrics: Sendable {
    let latency: Histogram
    private let counters: [String: Counter]
    private let other: Counter

    init(_ metrics: Metrics) {
        latency = metrics.histogram(DeclaredMetrics.querySeconds)
        var counters: [String: Counter] = [:]
        for name in ReadModels.all.map(\.name) + ["relay", "stream"] { counters[name] = metrics.counter(DeclaredMetrics.queryRequests, name) }
        self.counters = counters
        other = metrics.counter(DeclaredMetrics.queryRequests, "other")
    }

    func requests(_ model: String) -> Counter { counters[model] ?? other }
}
