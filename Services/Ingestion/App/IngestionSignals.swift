// What ingestion counts, each declared in Shared/Operations/Declared/IngestionMetrics.swift. Counted once a request, from its cells: nothing is
// looked up by name on the path of an accepted event. Any thread.

internal import IngestionCore
internal import Models
internal import Operations

struct IngestionSignals: Sendable {
    private let metrics: Metrics
    private let stored: [Counter]
    private let accepted202: Counter
    private let unknown: Counter
    private let bytes: Counter
    private let latency: Histogram

    init(_ metrics: Metrics) {
        self.metrics = metrics
        stored = TopicName.allCases.map { metrics.counter(DeclaredMetrics.ingestionAccepted, $0.rawValue) }
        accepted202 = metrics.counter(DeclaredMetrics.ingestionRequests, "202")
        unknown = metrics.counter(DeclaredMetrics.ingestionUnknown)
        bytes = metrics.counter(DeclaredMetrics.ingestionBytes)
        latency = metrics.histogram(DeclaredMetrics.ingestionLatency)
    }

    /// A request whose events have their outcomes.
    func answered(_ request: PendingRequest, _ answer: Answer) {
        if answer.status == 202 { accepted202.add() } else { metrics.counter(DeclaredMetrics.ingestionRequests, String(answer.status)).add() }
        if answer.acceptedCount > 0 { bytes.add(request.byteCount) }
        latency.observe(Double(monotonicNanoseconds() &- request.beganAtNanoseconds) / 1e9)
        for (topic, count) in request.storedCounts where count > 0 {
            if let index = TopicName.allCases.firstIndex(of: topic) { stored[index].add(count) }
        }
        guard answer.rejectedCount > 0 else { return }
        for code in request.refusalCodes {
            if code == .outcomeUnknown { unknown.add() } else { metrics.counter(DeclaredMetrics.ingestionRejected, code.rawValue).add() }
        }
    }

    /// A request that was answered as a whole.
    func refused(_ refusal: Refusal) {
        metrics.counter(DeclaredMetrics.ingestionRequests, String(refusal.status)).add()
        metrics.counter(DeclaredMetrics.ingestionRejected, refusal.code.rawValue).add()
    }
}
