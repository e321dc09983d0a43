// What projection tells about itself while it runs: log lines for the worker's events, and the metrics. Nothing is logged per event. Any thread.
// Read next: Shared/Operations/Declared/ProjectionMetrics.swift, where each metric has its sentence.

internal import Glibc
internal import Models
internal import Operations
internal import Streaming

struct ProjectionSignals: Sendable {
    let log: Log
    let metrics: Metrics
    let prefix: String
    let boards: [ProgressBoard]
    let deriver = Progress()
    let derived: Counter
    let quarantinePublished: Counter
    let outboxAge: Gauge
    let dirty: Gauge

    init(log: Log, metrics: Metrics, prefix: String, workers: Int) {
        (self.log, self.metrics, self.prefix) = (log, metrics, prefix)
        boards = (0..<workers).map { _ in ProgressBoard() }
        derived = metrics.counter(DeclaredMetrics.projectionDerived)
        quarantinePublished = metrics.counter(DeclaredMetrics.projectionQuarantinePublished)
        outboxAge = metrics.gauge(DeclaredMetrics.projectionOutboxAge)
        dirty = metrics.gauge(DeclaredMetrics.projectionDirty)
        let boards = boards, deriver = deriver
        metrics.observe(DeclaredMetrics.projectionLagRecords) {
            boards.flatMap(\.current.partitions).map { Metrics.Sample(Double($0.lagRecords), labels: [$0.place.topic, "\($0.place.partition)"]) }
        }
        metrics.observe(DeclaredMetrics.projectionLagSeconds) {
            let now = wallClock()
            return boards.flatMap(\.current.partitions).map { Metrics.Sample($0.lagSeconds(at: now), labels: [$0.place.topic, "\($0.place.partition)"]) }
        }
        metrics.observe(DeclaredMetrics.projectionHalted) { [Metrics.Sample(Double(boards.flatMap(\.current.partitions).count { $0.halt != nil }))] }
        metrics.observe(DeclaredMetrics.projectionBatches) { [Metrics.Sample(Double(boards.reduce(0) { $0 + $1.current.batches }))] }
        metrics.observe(DeclaredMetrics.projectionTransactionSeconds) { [Metrics.Sample(boards.reduce(0) { $0 + $1.current.transactionSeconds })] }
        metrics.observe(DeclaredMetrics.projectionRetries) { [Metrics.Sample(Double(boards.reduce(0) { $0 + $1.current.retries }))] }
        metrics.observe(DeclaredMetrics.projectionFenced) { [Metrics.Sample(Double(boards.reduce(0) { $0 + $1.current.fenced }))] }
        metrics.observe(DeclaredMetrics.projectionDeriverAge) { [Metrics.Sample(deriver.ageSeconds)] }
    }

    /// A batch is stored: counts by full topic name.
    func stored(_ counts: [String: RecordCounts]) {
        for (topic, counts) in counts {
            let records = DeclaredMetrics.projectionRecords
            if counts.applied > 0 { metrics.counter(records, topic, "applied").add(Int(counts.applied)) }
            if counts.duplicate > 0 { metrics.counter(records, topic, "duplicate").add(Int(counts.duplicate)) }
            if counts.quarantined > 0 { metrics.counter(records, topic, "quarantined").add(Int(counts.quarantined)) }
            if counts.unapplied > 0 { metrics.counter(records, topic, "unapplied").add(Int(counts.unapplied)) }
            if counts.ignored > 0 { metrics.counter(records, topic, "ignored").add(Int(counts.ignored)) }
        }
    }

    /// Lines for the log.
    func note(_ event: WorkerEvent) {
        switch event {
        case .assigned(let places): log.info("partitions assigned", ["partitions": .text(places.map(\.description).joined(separator: " "))])
        case .revoked(let places, let lost): log.info("partitions given up", ["count": .int(places.count), "lost": .flag(lost)])
        case .halted(let place, let halt): log.error("a partition stands still", ["partition": .text(place.description), "reason": .text(halt.reason)])
        case .fenced(let reason): log.info("another owner has taken over", ["reason": .text(reason)])
        case .outage(let reason, let kind, let pause):
            log.warning("a server is away, trying again", ["reason": .text(reason), "kind": .text(kind.rawValue), "pause_ms": .int(pause)])
        case .recovered: log.info("going on after an outage")
        case .rejected(let place, let reason): log.warning("a record was refused by the database", ["record": .text(place.description), "reason": .text(reason)])
        case .kafka(let error): log.warning("Kafka says", ["reason": .text("\(error)")])
        }
    }
}

/// The wall clock, in microseconds.
func wallClock() -> Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
}
