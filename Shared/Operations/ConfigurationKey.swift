// A setting as a value: its name, what it means, its default, and how its text is read. Every setting of every service is declared once, in
// Declared/…Keys.swift, and docs/configuration.md is checked against them. Read next: Configuration.swift.

/// One `GIGAWATCH_*` variable.
public struct ConfigurationKey<Value: Sendable>: Sendable {
    public let declaration: KeyDeclaration
    let fallback: Value?
    let read: @Sendable (String) throws(ConfigurationValueError) -> Value

    public var name: String { declaration.name }

    /// - Parameters:
    ///   - fallback: nil when the setting must be given.
    ///   - shownDefault: how the documentation writes the default; derived from `fallback` unless given.
    public init(
        _ name: String, _ meaning: String, fallback: Value?, shownDefault: String? = nil, unit: String? = nil, isSecret: Bool = false,
        expected: String, read: @escaping @Sendable (String) throws(ConfigurationValueError) -> Value
    ) {
        declaration = KeyDeclaration(
            name: name, meaning: meaning, unit: unit, shownDefault: shownDefault ?? fallback.map { "\($0)" }, isSecret: isSecret, expected: expected)
        self.fallback = fallback
        self.read = read
    }
}

/// What the documentation and the check of names need to know of a key.
public struct KeyDeclaration: Sendable {
    public let name: String
    public let meaning: String
    public let unit: String?
    /// Nil: it must be given, or is off without it.
    public let shownDefault: String?
    /// A secret is never printed and may come as `<name>_FILE`.
    public let isSecret: Bool
    public let expected: String
}

/// Why a text is no value of a key.
public struct ConfigurationValueError: Error, Sendable {
    public let expected: String

    public init(expected: String) { self.expected = expected }
}

extension ConfigurationKey where Value == String {
    public static func text(_ name: String, _ meaning: String, fallback: String? = nil, shownDefault: String? = nil, isSecret: Bool = false)
        -> ConfigurationKey
    {
        ConfigurationKey(name, meaning, fallback: fallback, shownDefault: shownDefault, isSecret: isSecret, expected: "text") {
            (text) throws(ConfigurationValueError) in text
        }
    }
}

extension ConfigurationKey where Value == Int {
    public static func integer(_ name: String, _ meaning: String, fallback: Int?, in range: ClosedRange<Int>, unit: String? = nil) -> ConfigurationKey {
        let expected = "an integer from \(range.lowerBound) to \(range.upperBound)"
        return ConfigurationKey(name, meaning, fallback: fallback, unit: unit, expected: expected) { (text) throws(ConfigurationValueError) in
            guard let value = Int(text), range.contains(value) else { throw ConfigurationValueError(expected: expected) }
            return value
        }
    }
}

extension ConfigurationKey where Value == Double {
    public static func number(_ name: String, _ meaning: String, fallback: Double?, in range: ClosedRange<Double>, unit: String? = nil)
        -> ConfigurationKey
    {
        let expected = "a number from \(range.lowerBound) to \(range.upperBound)"
        return ConfigurationKey(name, meaning, fallback: fallback, unit: unit, expected: expected) { (text) throws(ConfigurationValueError) in
            guard let value = Double(text), range.contains(value) else { throw ConfigurationValueError(expected: expected) }
            return value
        }
    }
}

extension ConfigurationKey where Value == Bool {
    public static func flag(_ name: String, _ meaning: String, fallback: Bool) -> ConfigurationKey {
        ConfigurationKey(name, meaning, fallback: fallback, expected: "true or false") { (text) throws(ConfigurationValueError) in
            switch text.lowercased() {
            case "true", "1", "yes", "on": return true
            case "false", "0", "no", "off": return false
            default: throw ConfigurationValueError(expected: "true or false")
            }
        }
    }
}
