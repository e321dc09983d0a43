// The counters that the service's parts share. One value, made by the composition.

import Operations

struct AlertingSignals: Sendable {
    let records: Counter
    let transitions: Counter
    let snapshots: Counter
    let ticks: Counter
    let published: Counter
    let dead: Counter
    let delivered: Counter
    let retried: Counter
    let refused: Counter

    init(_ metrics: Metrics) {
        records = metrics.counter(DeclaredMetrics.alertingRecords)
        transitions = metrics.counter(DeclaredMetrics.alertingTransitions)
        snapshots = metrics.counter(DeclaredMetrics.alertingSnapshots)
        ticks = metrics.counter(DeclaredMetrics.alertingTicks)
        published = metrics.counter(DeclaredMetrics.alertingPublished)
        dead = metrics.counter(DeclaredMetrics.alertingDead)
        delivered = metrics.counter(DeclaredMetrics.alertingAttempts, "delivered")
        retried = metrics.counter(DeclaredMetrics.alertingAttempts, "retry")
        refused = metrics.counter(DeclaredMetrics.alertingAttempts, "dead")
    }
}
