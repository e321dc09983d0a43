// The settings of `ingestion`. See Keys.swift for how to add one.

extension Keys {
    static let ingestion: [KeyDeclaration] = [
        ingestionListen.declaration, ingestionThreads.declaration, ingestionConnections.declaration, ingestionBodyLimitBytes.declaration,
        ingestionBatchLimit.declaration, ingestionEventLimitBytes.declaration, ingestionInFlightBytes.declaration, ingestionLingerMilliseconds.declaration,
        ingestionDeliverySeconds.declaration, ingestionIdleSeconds.declaration, ingestionCertificate.declaration, ingestionCertificateKey.declaration,
    ]

    public static let ingestionListen = listen("INGESTION", port: 8080)
    public static let ingestionThreads = ConfigurationKey<Int>.integer(
        "GIGAWATCH_INGESTION_THREADS", "Threads that read and check requests.", fallback: 2, in: 1...64)
    public static let ingestionConnections = ConfigurationKey<Int>.integer(
        "GIGAWATCH_INGESTION_CONNECTIONS", "Connections open at once.", fallback: 4096, in: 1...100_000)
    public static let ingestionBodyLimitBytes = ConfigurationKey<Int>.integer(
        "GIGAWATCH_INGESTION_BODY_LIMIT_BYTES", "A larger request body is answered 413.", fallback: 8 * 1024 * 1024, in: 1024...(256 * 1024 * 1024),
        unit: "bytes")
    public static let ingestionBatchLimit = ConfigurationKey<Int>.integer(
        "GIGAWATCH_INGESTION_BATCH_LIMIT", "A batch of more events is answered 413.", fallback: 10_000, in: 1...100_000, unit: "events")
    public static let ingestionEventLimitBytes = ConfigurationKey<Int>.integer(
        "GIGAWATCH_INGESTION_EVENT_LIMIT_BYTES", "A larger event is refused. Kafka's own limit is a little under 1 MB.", fallback: 256 * 1024,
        in: 1024...900_000, unit: "bytes")
    public static let ingestionInFlightBytes = ConfigurationKey<Int>.integer(
        "GIGAWATCH_INGESTION_IN_FLIGHT_BYTES", "Bytes that may wait for Kafka's acknowledgement; over it the answer is 503 at once.",
        fallback: 64 * 1024 * 1024, in: (1024 * 1024)...(1024 * 1024 * 1024), unit: "bytes")
    public static let ingestionLingerMilliseconds = ConfigurationKey<Int>.integer(
        "GIGAWATCH_INGESTION_LINGER_MS", "How long an event waits for others before it is sent to Kafka: latency against throughput.", fallback: 2,
        in: 0...1000, unit: "milliseconds")
    public static let ingestionDeliverySeconds = ConfigurationKey<Int>.integer(
        "GIGAWATCH_INGESTION_DELIVERY_SECONDS", "After so long without Kafka's acknowledgement an event's outcome is answered as unknown.", fallback: 15,
        in: 1...300, unit: "seconds")
    public static let ingestionIdleSeconds = ConfigurationKey<Int>.integer(
        "GIGAWATCH_INGESTION_IDLE_SECONDS", "A connection on which nothing moves for so long is closed.", fallback: 30, in: 1...3600, unit: "seconds")
    public static let ingestionCertificate = ConfigurationKey<String>.text(
        "GIGAWATCH_INGESTION_CERTIFICATE", "PEM file of the certificate chain; with the key, the service speaks TLS 1.2 or newer only.", shownDefault: "none")
    public static let ingestionCertificateKey = ConfigurationKey<String>.text(
        "GIGAWATCH_INGESTION_CERTIFICATE_KEY", "PEM file of the certificate's private key.", shownDefault: "none")
}
