// The metrics of `query`. See DeclaredMetrics.swift for how to add one.

extension DeclaredMetrics {
    static let query: [MetricDeclaration] = [queryRequests, querySeconds, queryStreams]

    public static let queryRequests = MetricDeclaration(
        "gigawatch_query_requests_total", .counter, "Questions asked, by read model.", labels: ["model"])
    public static let querySeconds = MetricDeclaration(
        "gigawatch_query_answer_seconds", .histogram(MetricDeclaration.latencyBuckets), "Time from a complete question to the last byte of its answer.")
    public static let queryStreams = MetricDeclaration("gigawatch_query_stream_listeners", .gauge, "Listeners of /v1/stream.")
}
