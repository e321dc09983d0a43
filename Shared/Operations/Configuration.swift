// Settings from the environment. A wrong value stops the program at start with the name of the variable and what was expected; an unknown
// GIGAWATCH_* name is a warning with the nearest known one, because container platforms inject names of their own. Secrets may come as
// `<name>_FILE` and are never part of a message. Immutable after `init`; read it once, at composition.

internal import Glibc

/// A variable that stops the program.
public struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    public let name: String
    public let description: String
}

/// The settings of this process.
public struct Configuration: Sendable {
    private let environment: [String: String]

    /// - Parameter environment: the process's own unless a test gives another.
    public init(_ environment: [String: String] = Configuration.processEnvironment()) {
        self.environment = environment.filter { $0.key.hasPrefix("GIGAWATCH_") }
    }

    /// The value of a key, or its default. An empty variable counts as not set.
    public func callAsFunction<Value>(_ key: ConfigurationKey<Value>) throws(ConfigurationError) -> Value {
        if let value = try optional(key) { return value }
        throw ConfigurationError(name: key.name, description: "\(key.name) is not set: \(key.declaration.meaning)")
    }

    /// The value of a key, its default, or nil when it has neither.
    public func optional<Value>(_ key: ConfigurationKey<Value>) throws(ConfigurationError) -> Value? {
        guard let text = try text(key.name, isSecret: key.declaration.isSecret) else { return key.fallback }
        do {
            return try key.read(text)
        } catch {
            let shown = key.declaration.isSecret ? "" : ", got \"\(text.prefix(100))\""
            throw ConfigurationError(name: key.name, description: "\(key.name): expected \(error.expected)\(shown)")
        }
    }

    private func text(_ name: String, isSecret: Bool) throws(ConfigurationError) -> String? {
        let direct = environment[name].flatMap { $0.isEmpty ? nil : $0 }
        guard isSecret, let path = environment[name + "_FILE"], !path.isEmpty else { return direct }
        guard direct == nil else { throw ConfigurationError(name: name, description: "\(name) and \(name)_FILE are both set; keep one") }
        return try secret(in: path, for: name + "_FILE")
    }

    private func secret(in path: String, for name: String) throws(ConfigurationError) -> String {
        guard let bytes = readFile(path, limitBytes: 1024 * 1024) else {
            throw ConfigurationError(name: name, description: "\(name): cannot read \(path): \(String(cString: strerror(errno)))")
        }
        var text = String(decoding: bytes, as: UTF8.self)
        while text.hasSuffix("\n") || text.hasSuffix("\r\n") { text.removeLast() }
        return text
    }

    /// librdkafka's properties from `GIGAWATCH_KAFKA_<PROPERTY>`: lower case, underscores as dots; `…_FILE` reads the value from a file.
    public func kafkaProperties() throws(ConfigurationError) -> [String: String] {
        var properties: [String: String] = [:]
        for (name, value) in environment where name.hasPrefix(Self.kafkaPrefix) && !value.isEmpty {
            var property = String(name.dropFirst(Self.kafkaPrefix.count))
            var text = value
            if property.hasSuffix("_FILE") {
                property.removeLast(5)
                text = try secret(in: value, for: name)
            }
            properties[property.lowercased().replacing("_", with: ".")] = text
        }
        return properties
    }

    static let kafkaPrefix = "GIGAWATCH_KAFKA_"

    /// One sentence for each variable that nothing reads.
    public func warnings(known: [KeyDeclaration] = Keys.all) -> [String] {
        let names = Set(known.map(\.name) + known.filter(\.isSecret).map { $0.name + "_FILE" })
        return environment.keys.sorted().compactMap { name in
            guard !names.contains(name), !name.hasPrefix(Self.kafkaPrefix), !name.hasPrefix("GIGAWATCH_TEST_") else { return nil }
            let nearest = names.min { (distance(name, $0), $0) < (distance(name, $1), $1) }
            return "\(name) is not a setting of Gigawatch" + (nearest.map { "; did you mean \($0)?" } ?? "")
        }
    }

    public static func processEnvironment() -> [String: String] {
        var found: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text)
            if let equals = pair.firstIndex(of: "=") { found[String(pair[..<equals])] = String(pair[pair.index(after: equals)...]) }
            entry += 1
        }
        return found
    }

    /// Levenshtein's distance.
    private func distance(_ a: String, _ b: String) -> Int {
        let (a, b) = (Array(a.utf8), Array(b.utf8))
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let above = row[j + 1]
                row[j + 1] = min(above + 1, row[j] + 1, diagonal + (x == y ? 0 : 1))
                diagonal = above
            }
        }
        return row[b.count]
    }
}

/// The bytes of a file; nil, with `errno`, when it cannot be read or is larger than the limit.
public func readFile(_ path: String, limitBytes: Int) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
        let count = read(descriptor, &piece, piece.count)
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else { return nil }
        if count == 0 { return bytes }
        guard bytes.count + count <= limitBytes else { errno = EFBIG; return nil }
        bytes.append(contentsOf: piece[0..<count])
    }
}
