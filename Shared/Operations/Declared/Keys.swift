// The settings that several services share, and the list of all. A setting belongs to this folder even when one service alone reads it: the
// services run with one environment, so each must know the others' names to warn about what none of them reads. To add one: declare it in the
// service's file beside this one, name it in that file's list; docs/configuration.md then fails its test until it is written again
// (`GIGAWATCH_TEST_WRITE_DOCS=1 swift test --filter 'documentation'`).

/// Every setting, one value each.
public enum Keys {
    /// In the order of docs/configuration.md.
    public static var all: [KeyDeclaration] { sections.flatMap(\.keys) }

    public static let sections: [(title: String, keys: [KeyDeclaration])] = [
        ("All services", shared), ("ingestion", ingestion), ("projection", projection), ("alerting", alerting), ("query", query),
        ("Command line", commandLine), ("Tests and faults", tests),
    ]

    static let shared: [KeyDeclaration] = [
        kafka.declaration, postgres.declaration, topicPrefix.declaration, replicationFactor.declaration, partitions.declaration, tokens.declaration,
        logLevel.declaration, logFormat.declaration, shutdownSeconds.declaration, groupPatienceSeconds.declaration,
    ]

    public static let kafka = ConfigurationKey<String>.text(
        "GIGAWATCH_KAFKA", "Kafka's bootstrap servers, `host:port` with commas between.", fallback: "127.0.0.1:9092")
    public static let postgres = ConfigurationKey<String>.text(
        "GIGAWATCH_POSTGRES", "libpq connection string of the database.", fallback: "host=127.0.0.1 dbname=gigawatch user=gigawatch", isSecret: true)
    public static let topicPrefix = ConfigurationKey<String>(
        "GIGAWATCH_TOPIC_PREFIX", "What stands before the dot in every topic's name.", fallback: "gigawatch",
        expected: "1 to 100 letters, digits, '.', '_' or '-'"
    ) { (text) throws(ConfigurationValueError) in
        guard (1...100).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF) || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D })
        else { throw ConfigurationValueError(expected: "1 to 100 letters, digits, '.', '_' or '-'") }
        return text
    }
    public static let replicationFactor = ConfigurationKey<Int>.integer(
        "GIGAWATCH_REPLICATION_FACTOR", "Copies of each partition when topics are created.", fallback: 1, in: 1...15)
    public static let partitions = ConfigurationKey<Int>.integer(
        "GIGAWATCH_PARTITIONS", "Partitions of the topics that have several, when they are created. Never change it afterwards: a subject must stay in its partition.",
        fallback: 12, in: 1...1024)
    public static let tokens = ConfigurationKey<String>.text(
        "GIGAWATCH_TOKENS", "File of bearer tokens (hashes and scopes). Without it a service listens on loopback addresses only.",
        shownDefault: "none")
    public static let logLevel = ConfigurationKey<Log.Level>(
        "GIGAWATCH_LOG_LEVEL", "The least level that is written.", fallback: .info, expected: "debug, info, warning or error"
    ) { (text) throws(ConfigurationValueError) in
        guard let level = Log.Level(rawValue: text.lowercased()) else { throw ConfigurationValueError(expected: "debug, info, warning or error") }
        return level
    }
    public static let logFormat = ConfigurationKey<Log.Format>(
        "GIGAWATCH_LOG_FORMAT", "`json` lines, `text` for people, or `auto`: text on a terminal.", fallback: .auto, expected: "json, text or auto"
    ) { (text) throws(ConfigurationValueError) in
        guard let format = Log.Format(rawValue: text.lowercased()) else { throw ConfigurationValueError(expected: "json, text or auto") }
        return format
    }
    public static let shutdownSeconds = ConfigurationKey<Double>.number(
        "GIGAWATCH_SHUTDOWN_SECONDS", "How long a service may take to finish what it has begun after SIGTERM.", fallback: 20, in: 0...600, unit: "seconds")

    public static let groupPatienceSeconds = ConfigurationKey<Double>.number(
        "GIGAWATCH_GROUP_PATIENCE_SECONDS",
        "How long a worker waits for its partitions before the living members of its group go on without the dead ones.", fallback: 15, in: 1...600,
        unit: "seconds")

    static func listen(_ service: String, port: Int) -> ConfigurationKey<String> {
        .text("GIGAWATCH_\(service)_LISTEN", "Address and port to listen on; `:\(port)` is all addresses.", fallback: "127.0.0.1:\(port)")
    }
}
