// What the parts of the service share: names, connections, where to report. A value, made once by the composition.

import Kafka
import Models
import Operations

struct AlertingSettings: Sendable {
    let kafka: KafkaConfiguration
    let conninfo: String
    let prefix: String
    let workers: Int
    let snapshotSeconds: Double
    /// How long a worker waits for partitions before it leaves a dead member behind.
    let groupPatienceSeconds: Double
    let externalURL: String
    let log: Log
    let shutdown: Shutdown

    func topic(_ name: TopicName) -> String { name.fullName(prefix: prefix) }

    /// The topics that a worker shares with others, in the order in which a cut is evaluated.
    static let shared: [TopicName] = [.metrics, .events, .telemetry]
}
