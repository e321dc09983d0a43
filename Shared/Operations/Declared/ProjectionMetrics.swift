// The metrics of `projection`. See DeclaredMetrics.swift for how to add one.

extension DeclaredMetrics {
    static let projection: [MetricDeclaration] = [
        projectionRecords, projectionLagRecords, projectionLagSeconds, projectionHalted, projectionBatches, projectionTransactionSeconds, projectionRetries,
        projectionFenced, projectionDerived, projectionDirty, projectionDeriverAge, projectionPublished, projectionQuarantinePublished, projectionOutboxAge,
    ]

    public static let projectionRecords = MetricDeclaration(
        "gigawatch_projection_records_total", .counter, "Records stored by this process, by topic and by what became of them.", labels: ["topic", "fate"])
    public static let projectionLagRecords = MetricDeclaration(
        "gigawatch_projection_lag_records", .gauge, "Records in the log that are not stored yet, per owned partition.", labels: ["topic", "partition"])
    public static let projectionLagSeconds = MetricDeclaration(
        "gigawatch_projection_lag_seconds", .gauge, "Age of the last stored record while more wait, per owned partition.", labels: ["topic", "partition"])
    public static let projectionHalted = MetricDeclaration("gigawatch_projection_halted_partitions", .gauge, "Owned partitions that stand still.")
    public static let projectionBatches = MetricDeclaration("gigawatch_projection_batches_total", .counter, "Transactions stored.")
    public static let projectionTransactionSeconds = MetricDeclaration(
        "gigawatch_projection_transaction_seconds_total", .counter, "Time spent in transactions that were stored.")
    public static let projectionRetries = MetricDeclaration("gigawatch_projection_retries_total", .counter, "Tries again during outages.")
    public static let projectionFenced = MetricDeclaration("gigawatch_projection_fenced_total", .counter, "Transactions given up because another owner had taken over.")
    public static let projectionDerived = MetricDeclaration("gigawatch_projection_derived_total", .counter, "Metric values that changed.")
    public static let projectionDirty = MetricDeclaration("gigawatch_projection_dirty_entities", .gauge, "Entities in the deriver's last batch.")
    public static let projectionDeriverAge = MetricDeclaration("gigawatch_projection_deriver_age_seconds", .gauge, "Time since the deriver of this process last looked.")
    public static let projectionPublished = MetricDeclaration("gigawatch_projection_published_total", .counter, "Outbox messages that this process has published.")
    public static let projectionQuarantinePublished = MetricDeclaration(
        "gigawatch_projection_quarantine_published_total", .counter, "Quarantined records that were published to the quarantine topic.")
    public static let projectionOutboxAge = MetricDeclaration(
        "gigawatch_projection_outbox_age_seconds", .gauge, "Age of the oldest outbox message that is not published.")
}
