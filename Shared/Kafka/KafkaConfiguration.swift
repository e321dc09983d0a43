// How to reach the brokers: the bootstrap servers and whatever librdkafka properties the operator passed through (TLS, SASL). Roles add
// their own properties on top; the operator's word wins except where an invariant depends on ours (those are set last).
// Log lines of librdkafka go to `log`, which is called on librdkafka's threads and must only hand the line on.
// Read next: Producer.swift, Consumer.swift, Admin.swift.
internal import CKafka
internal import Models

/// One line that librdkafka wrote.
public struct KafkaLogLine: Sendable {
    /// syslog's: 3 error, 4 warning, 6 info, 7 debug.
    public var level: Int
    /// librdkafka's tag, such as `FAIL` or `MAXPOLL`.
    public var facility: String
    public var text: String
}

/// Connection settings. Secrets may be among the properties: never print them.
public struct KafkaConfiguration: Sendable {
    /// Comma-separated host:port list.
    public var bootstrap: String
    /// librdkafka's property names, such as `security.protocol`.
    public var properties: [String: String]
    /// Where librdkafka's log lines go. Without it they are written to standard error as librdkafka does by itself.
    public var log: (@Sendable (KafkaLogLine) -> Void)?

    public init(bootstrap: String, properties: [String: String] = [:], log: (@Sendable (KafkaLogLine) -> Void)? = nil) {
        self.bootstrap = bootstrap
        self.properties = properties
        self.log = log
    }

    /// Reads `GIGAWATCH_KAFKA` and `GIGAWATCH_KAFKA_<PROPERTY>` (dots as underscores, upper case) from an environment. Nil without bootstrap servers.
    public init?(environment: [String: String], log: (@Sendable (KafkaLogLine) -> Void)? = nil) {
        guard let bootstrap = environment["GIGAWATCH_KAFKA"], !bootstrap.isEmpty else { return nil }
        let prefix = "GIGAWATCH_KAFKA_"
        var properties: [String: String] = [:]
        for (name, value) in environment where name.hasPrefix(prefix) && name.utf8.count > prefix.utf8.count {
            properties[String(name.dropFirst(prefix.count)).lowercased().replacingUnderscores] = value
        }
        self.init(bootstrap: bootstrap, properties: properties, log: log)
    }

    /// Tries the properties against librdkafka without connecting, so that a wrong one stops the program at start with its name.
    public func check() throws(KafkaError) { rd_kafka_conf_destroy(try makeConf(defaults: [:], fixed: [:])) }

    /// A configuration object that the caller passes to `rd_kafka_new` (which owns it only on success) or destroys.
    /// - Parameters:
    ///   - defaults: what the role prefers; the operator may override it. Unknown names are skipped: older and newer libraries differ.
    ///   - fixed: what an invariant depends on.
    func makeConf(defaults: [String: String], fixed: [String: String]) throws(KafkaError) -> OpaquePointer {
        guard let conf = rd_kafka_conf_new() else { throw KafkaError(RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE, "make a Kafka configuration") }
        var reason = [CChar](repeating: 0, count: 512)
        func set(_ name: String, _ value: String, skipUnknown: Bool = false) throws(KafkaError) {
            let result = rd_kafka_conf_set(conf, name, value, &reason, reason.count)
            if result == RD_KAFKA_CONF_OK || (skipUnknown && result == RD_KAFKA_CONF_UNKNOWN) { return }
            rd_kafka_conf_destroy(conf)
            let variable = "GIGAWATCH_KAFKA_" + name.uppercased().split(separator: ".").joined(separator: "_")
            throw KafkaError(
                RD_KAFKA_RESP_ERR__INVALID_ARG, "configure Kafka",
                "property \(name) is refused by librdkafka: \(text(reason)); mend or remove \(variable)")
        }
        for (name, value) in defaults where properties[name] == nil { try set(name, value, skipUnknown: true) }
        for (name, value) in properties { try set(name, value) }
        try set("bootstrap.servers", bootstrap)
        for (name, value) in fixed { try set(name, value) }
        return conf
    }
}

extension String {
    /// `ssl_ca_location` → `ssl.ca.location`.
    fileprivate var replacingUnderscores: String { split(separator: "_", omittingEmptySubsequences: false).joined(separator: ".") }
}

func text(_ buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Makes a client and gives its conf away; on failure the conf is destroyed and the reason thrown.
func makeClient(_ type: rd_kafka_type_t, _ conf: OpaquePointer, _ operation: String) throws(KafkaError) -> OpaquePointer {
    var reason = [CChar](repeating: 0, count: 512)
    if let client = rd_kafka_new(type, conf, &reason, reason.count) { return client }
    let code = rd_kafka_last_error()
    rd_kafka_conf_destroy(conf)
    var error = KafkaError(code, operation, text(reason))
    error.kind = .configuration
    throw error
}
