// The log: one line an entry on standard error, JSON for programs, text on a terminal. A message is a constant sentence; values are fields, so
// that entries can be counted. Nothing is logged per event. ERROR means loss, or that a person must act. Any thread; one write call a line.

internal import Glibc
internal import Models

/// Writes entries of one service. Cheap to copy.
public struct Log: Sendable {
    public enum Level: String, Sendable, CaseIterable, Comparable {
        case debug, info, warning, error

        public static func < (a: Level, b: Level) -> Bool { a.rank < b.rank }
        private var rank: Int {
            switch self {
            case .debug: 0
            case .info: 1
            case .warning: 2
            case .error: 3
            }
        }
    }

    public enum Format: String, Sendable { case json, text, auto }

    /// A field's value.
    public enum Value: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral,
        ExpressibleByStringInterpolation
    {
        case text(String)
        case integer(Int64)
        case number(Double)
        case flag(Bool)

        public init(stringLiteral value: String) { self = .text(value) }
        public init(integerLiteral value: Int64) { self = .integer(value) }
        public init(booleanLiteral value: Bool) { self = .flag(value) }
        public init(floatLiteral value: Double) { self = .number(value) }
        public static func int(_ value: some BinaryInteger) -> Value { .integer(Int64(clamping: value)) }
    }

    public let service: String
    public let minimum: Level
    private let writesText: Bool
    private let sink: @Sendable (String) -> Void

    public init(service: String, minimum: Level = .info, format: Format = .auto) {
        self.init(service: service, minimum: minimum, writesText: format == .text || format == .auto && isatty(2) == 1, sink: Log.writeToStandardError)
    }

    /// For tests: entries go to `sink`, one line each.
    public init(service: String, minimum: Level = .debug, writesText: Bool, sink: @escaping @Sendable (String) -> Void) {
        (self.service, self.minimum, self.writesText, self.sink) = (service, minimum, writesText, sink)
    }

    /// Writes nothing.
    public static var silent: Log { Log(service: "", minimum: .error, writesText: true) { _ in } }

    public func debug(_ message: StaticString, _ fields: KeyValuePairs<String, Value> = [:]) { write(.debug, message, fields) }
    public func info(_ message: StaticString, _ fields: KeyValuePairs<String, Value> = [:]) { write(.info, message, fields) }
    public func warning(_ message: StaticString, _ fields: KeyValuePairs<String, Value> = [:]) { write(.warning, message, fields) }
    public func error(_ message: StaticString, _ fields: KeyValuePairs<String, Value> = [:]) { write(.error, message, fields) }

    private func write(_ level: Level, _ message: StaticString, _ fields: KeyValuePairs<String, Value>) {
        guard level >= minimum else { return }
        sink(writesText ? textLine(level, message, fields) : jsonLine(level, message, fields))
    }

    private func jsonLine(_ level: Level, _ message: StaticString, _ fields: KeyValuePairs<String, Value>) -> String {
        var writer = JSONWriter()
        writer.object { line in
            line.member("at", Log.now())
            line.member("level", level.rawValue)
            line.member("service", service)
            line.member("message", message.description)
            for (name, value) in fields {
                switch value {
                case .text(let text): line.member(name, text)
                case .integer(let integer): line.member(name, integer)
                case .number(let number): line.member(name, number)
                case .flag(let flag): line.member(name, flag)
                }
            }
        }
        return writer.text
    }

    private func textLine(_ level: Level, _ message: StaticString, _ fields: KeyValuePairs<String, Value>) -> String {
        var line = "\(Log.now()) \(level.rawValue.uppercased()) \(service): \(message)"
        for (name, value) in fields {
            switch value {
            case .text(let text): line += "  \(name)=\(text)"
            case .integer(let integer): line += "  \(name)=\(integer)"
            case .number(let number): line += "  \(name)=\(number)"
            case .flag(let flag): line += "  \(name)=\(flag)"
            }
        }
        return line
    }

    private static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    @Sendable private static func writeToStandardError(_ line: String) {
        var bytes = Array(line.utf8)
        bytes.append(10)
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(2, $0.baseAddress.map { $0 + written }, $0.count - written) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            written += count
        }
    }
}
