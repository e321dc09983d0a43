// The broker of a test run, shared by everybody on the machine: each test writes to topics under a prefix of its own, which are deleted when
// the process ends, as far as that is possible. Safe from any thread.

internal import Glibc
public import Kafka
public import Models
internal import Synchronization

public enum TestKafka {
    /// Bootstrap servers, from GIGAWATCH_TEST_KAFKA.
    public static var bootstrap: String {
        get throws { try TestEnvironment.required("GIGAWATCH_TEST_KAFKA", "127.0.0.1:19092") }
    }

    /// Configuration for clients of this module's users.
    public static var configuration: KafkaConfiguration {
        get throws { KafkaConfiguration(bootstrap: try bootstrap) }
    }

    private struct State {
        var counter: UInt64 = 0
        var topics: [String] = []
        var isRegistered = false
    }

    private static let state = Mutex(State())

    /// A topic prefix that nobody has used before, without topics.
    public static func newPrefix() -> String {
        let number = state.withLock { state in
            state.counter += 1
            return state.counter
        }
        return "gwtest-" + TestEnvironment.uniqueName(number).split(separator: "_").joined(separator: "-")
    }

    /// A new prefix and its topics, all with the same number of partitions (as planned when nil; `control` and `clock` always have one).
    public static func prefix(topics: [TopicName] = TopicName.allCases, partitions: Int32? = nil) throws -> String {
        let prefix = newPrefix()
        let plans = TopicPlan.all.filter { plan in topics.contains { $0.fullName(prefix: prefix) == plan.fullName(prefix: prefix) } }
        let wanted = plans.map { plan in
            (
                name: plan.fullName(prefix: prefix), partitions: plan.partitions > 1 ? partitions ?? plan.partitions : plan.partitions,
                configuration: plan.configuration
            )
        }
        let admin = try Admin(configuration)
        defer { admin.close() }
        let created = try admin.createTopics(wanted)
        state.withLock { state in
            state.topics += created
            if !state.isRegistered {
                state.isRegistered = true
                atexit { TestKafka.deleteAll() }
            }
        }
        return prefix
    }

    /// At the end of the process. Topics that could not be deleted stay: they cost a development broker little.
    private static func deleteAll() {
        let topics = state.withLock { $0.topics }
        do {
            let admin = try Admin(configuration, timeLimitMilliseconds: 3000)
            defer { admin.close() }
            for topic in topics { try admin.deleteTopic(topic) }
        } catch {
            // See above.
        }
    }
}
