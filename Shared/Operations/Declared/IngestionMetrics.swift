// The metrics of `ingestion`. See DeclaredMetrics.swift for how to add one.

extension DeclaredMetrics {
    static let ingestion: [MetricDeclaration] = [
        ingestionRequests, ingestionAccepted, ingestionRejected, ingestionUnknown, ingestionBytes, ingestionLatency, ingestionInFlightBytes,
        ingestionInFlightEvents, ingestionBrokerAvailable, ingestionConnections,
    ]

    public static let ingestionRequests = MetricDeclaration(
        "gigawatch_ingestion_requests_total", .counter, "Requests answered, by status.", labels: ["status"])
    public static let ingestionAccepted = MetricDeclaration(
        "gigawatch_ingestion_accepted_total", .counter, "Events that Kafka has acknowledged, by topic.", labels: ["topic"])
    public static let ingestionRejected = MetricDeclaration(
        "gigawatch_ingestion_rejected_total", .counter, "Events refused, by the code of the first reason.", labels: ["code"])
    public static let ingestionUnknown = MetricDeclaration(
        "gigawatch_ingestion_outcome_unknown_total", .counter, "Events whose sender was told that the outcome is unknown.")
    public static let ingestionBytes = MetricDeclaration("gigawatch_ingestion_accepted_bytes_total", .counter, "Bytes of accepted events.")
    public static let ingestionLatency = MetricDeclaration(
        "gigawatch_ingestion_acknowledge_seconds", .histogram(MetricDeclaration.latencyBuckets),
        "Time from a complete request to Kafka's last acknowledgement for it.")
    public static let ingestionInFlightBytes = MetricDeclaration(
        "gigawatch_ingestion_in_flight_bytes", .gauge, "Bytes that wait for Kafka's acknowledgement.")
    public static let ingestionInFlightEvents = MetricDeclaration(
        "gigawatch_ingestion_in_flight_events", .gauge, "Events that wait for Kafka's acknowledgement.")
    public static let ingestionBrokerAvailable = MetricDeclaration(
        "gigawatch_ingestion_broker_available", .gauge, "1 while the broker can be reached, 0 while it cannot.")
    public static let ingestionConnections = MetricDeclaration("gigawatch_ingestion_active_requests", .gauge, "Requests that wait for their answer.")
}
