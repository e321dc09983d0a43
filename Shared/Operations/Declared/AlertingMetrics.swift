// The metrics of `alerting`. See DeclaredMetrics.swift for how to add one.

extension DeclaredMetrics {
    static let alerting: [MetricDeclaration] = [
        alertingRecords, alertingTransitions, alertingSnapshots, alertingTicks, alertingPublished, alertingAttempts, alertingDead, alertingLag,
        alertingPartitions, alertingWatchdog,
    ]

    public static let alertingRecords = MetricDeclaration(
        "gigawatch_alerting_records_total", .counter, "Records of events, telemetry and metrics that were evaluated.")
    public static let alertingTransitions = MetricDeclaration(
        "gigawatch_alerting_transitions_total", .counter, "Transitions written to the database, repeats after a restart among them.")
    public static let alertingSnapshots = MetricDeclaration(
        "gigawatch_alerting_snapshots_total", .counter, "Snapshots of a partition's state written to the database.")
    public static let alertingTicks = MetricDeclaration("gigawatch_alerting_ticks_total", .counter, "Ticks that this process wrote to the clock topic.")
    public static let alertingPublished = MetricDeclaration(
        "gigawatch_alerting_published_total", .counter, "Transitions that Kafka has acknowledged on the alerts topic.")
    public static let alertingAttempts = MetricDeclaration(
        "gigawatch_alerting_delivery_attempts_total", .counter, "Attempts to deliver a notification, by what came of them.", labels: ["outcome"])
    public static let alertingDead = MetricDeclaration(
        "gigawatch_alerting_dead_letters_total", .counter, "Notifications given up: somebody must look at them.")
    public static let alertingLag = MetricDeclaration(
        "gigawatch_alerting_evaluation_lag_seconds", .gauge, "Age of the newest tick that every partition of this process has evaluated.")
    public static let alertingPartitions = MetricDeclaration("gigawatch_alerting_partitions", .gauge, "Partition numbers that this process evaluates.")
    public static let alertingWatchdog = MetricDeclaration(
        "gigawatch_alerting_watchdog", .gauge, "1 while ticks come and are evaluated, else 0: alert on anything but 1.")
}
