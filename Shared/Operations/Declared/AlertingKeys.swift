// The settings of `alerting`. See Keys.swift for how to add one.

extension Keys {
    static let alerting: [KeyDeclaration] = [
        alertingListen.declaration, alertingWorkers.declaration, alertingSnapshotSeconds.declaration, alertingExternalURL.declaration,
    ]

    public static let alertingListen = listen("ALERTING", port: 8083)
    public static let alertingWorkers = ConfigurationKey<Int>.integer(
        "GIGAWATCH_ALERTING_WORKERS", "Threads that evaluate; each takes a share of the partitions.", fallback: 2, in: 1...64)
    public static let alertingSnapshotSeconds = ConfigurationKey<Double>.number(
        "GIGAWATCH_ALERTING_SNAPSHOT_SECONDS", "How often each partition's state is stored: what a crash makes read again.", fallback: 10,
        in: 0.1...600, unit: "seconds")
    public static let alertingExternalURL = ConfigurationKey<String>.text(
        "GIGAWATCH_ALERTING_EXTERNAL_URL", "Address of query as receivers of notifications reach it.", fallback: "http://127.0.0.1:8081")
}
