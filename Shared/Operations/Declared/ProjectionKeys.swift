// The settings of `projection`. See Keys.swift for how to add one.

extension Keys {
    static let projection: [KeyDeclaration] = [
        projectionListen.declaration, projectionWorkers.declaration, projectionBatch.declaration, projectionDigests.declaration,
        projectionRawDays.declaration, projectionMinuteDays.declaration,
    ]

    public static let projectionListen = listen("PROJECTION", port: 8082)
    public static let projectionWorkers = ConfigurationKey<Int>.integer(
        "GIGAWATCH_PROJECTION_WORKERS", "Worker threads of a process; they and other processes share the partitions.", fallback: 2, in: 1...64)
    public static let projectionBatch = ConfigurationKey<Int>.integer(
        "GIGAWATCH_PROJECTION_BATCH", "Records in one transaction while behind, at most; when caught up, what is there.", fallback: 10_000, in: 1...20_000,
        unit: "records")
    public static let projectionDigests = ConfigurationKey<Int>.integer(
        "GIGAWATCH_PROJECTION_DIGESTS", "Newest readings per partition whose digests are kept in memory (32 bytes each); older ones are asked of the database.",
        fallback: 250_000, in: 1000...50_000_000, unit: "readings")
    public static let projectionRawDays = ConfigurationKey<Int>.integer(
        "GIGAWATCH_PROJECTION_RAW_DAYS", "How long raw readings are kept, at least; a reading is applied once within it.", fallback: 1, in: 1...400, unit: "days")
    public static let projectionMinuteDays = ConfigurationKey<Int>.integer(
        "GIGAWATCH_PROJECTION_MINUTE_DAYS", "How long telemetry by minute is kept; by hour it is kept for ever.", fallback: 90, in: 1...3650, unit: "days")
}
