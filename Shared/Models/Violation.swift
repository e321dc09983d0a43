// What is wrong with an event, in the four words that every answer, quarantine row and document uses.

/// One thing that is wrong. `pointer` is an RFC 6901 JSON pointer into the event ("" is the event itself).
public struct Violation: Error, Sendable, Equatable, CustomStringConvertible {
    public var code: ErrorCode
    public var pointer: String
    public var expected: String
    public var actual: String

    public init(_ code: ErrorCode, at pointer: String, expected: String, actual: String) {
        (self.code, self.pointer, self.expected, self.actual) = (code, pointer, expected, actual)
    }

    public var description: String { "\(code.rawValue) at \(pointer.isEmpty ? "the event" : pointer): expected \(expected), actual \(actual)" }
}
