// What ingestion counts, each declared in Shared/Operations/Declared/IngestionMetrics.swift. Any thread.

internal import IngestionCore
internal import Models
internal import Operations

struct IngestionSignals: Sendable {
    private let metrics: Metrics
    private let stored: [TopicName: Counter]
    private let unknown: Counter
    private let bytes: Counter
    private let latency: Histogram

    init(_ metrics: Metrics) {
        self.metrics = metrics
        stored = Dictionary(uniqueKeysWithValues: [TopicName.events, .telemetry, .control].map {
            ($0, metrics.counter(DeclaredMetrics.ingestionAccepted, $0.rawValue))
        })
        unknown = metrics.counter(DeclaredMetrics.ingestionUnknown)
        bytes = metrics.counter(DeclaredMetrics.ingestionBytes)
        latency = metrics.histogram(DeclaredMetrics.ingestionLatency)
    }

    func count(_ outcome: Outcome) {
        switch outcome {
        case .stored(let topic, _, _): stored[topic]?.add()
        case .rejected(let violations): metrics.counter(DeclaredMetrics.ingestionRejected, violations.first?.code.rawValue ?? "unknown").add()
        case .failed(let code, _):
            if code == .outcomeUnknown { unknown.add() } else { metrics.counter(DeclaredMetrics.ingestionRejected, code.rawValue).add() }
        }
    }

    func answered(status: Int, bytes count: Int, seconds: Double) {
        metrics.counter(DeclaredMetrics.ingestionRequests, String(status)).add()
        if status < 400 { bytes.add(count) }
        latency.observe(seconds)
    }

    func refused(_ refusal: Refusal) {
        metrics.counter(DeclaredMetrics.ingestionRequests, String(refusal.status)).add()
        metrics.counter(DeclaredMetrics.ingestionRejected, refusal.code.rawValue).add()
    }
}
