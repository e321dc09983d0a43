// The one JSON parser of the hot path: simdjson behind a class that owns the parser's memory. A view that it returns points into that memory
// and is valid until the next `parse` on the same parser, so a parser belongs to one thread and a view never outlives the record it came from.
// Read next: Models/JSONView.swift, which reads the tape.

internal import CSimdjson
public import Models

/// Why a text is not JSON. `message` is simdjson's own sentence.
public struct JSONError: Error, Sendable, CustomStringConvertible {
    public let code: Int32
    public let message: String

    public var description: String { message }

    /// The code under which an answer or a quarantine row names it. The numbers are simdjson's `error_code` (3.x).
    public var errorCode: ErrorCode {
        switch code {
        case 10: .jsonEncoding   // UTF8_ERROR
        case 9, 17: .jsonNumber   // NUMBER_ERROR, NUMBER_OUT_OF_RANGE
        case 4: .jsonDepth   // DEPTH_ERROR
        case 1: .bodyTooLarge   // CAPACITY
        case -1: .bodyEmpty
        default: .jsonMalformed
        }
    }

    /// The same as a violation of the whole text.
    public var violation: Violation { Violation(errorCode, at: "", expected: "JSON in UTF-8", actual: message) }
}

/// Parses one document after the other, reusing its memory. Not thread-safe: one parser a thread.
public final class JSONParser {
    private let handle: OpaquePointer

    /// - Parameter depthLimit: objects and arrays nested deeper than this are refused.
    public init(depthLimit: Int = 32) {
        guard let handle = gw_json_parser_new(depthLimit) else { fatalError("JSONParser: no memory for a parser") }
        self.handle = handle
    }

    deinit { gw_json_parser_free(handle) }

    /// Parses `bytes` as one document. The view is valid until the next call.
    public func parse(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> JSONView {
        var tape: UnsafePointer<UInt64>?
        var strings: UnsafePointer<UInt8>?
        guard let start = bytes.baseAddress, bytes.count > 0 else { throw JSONError(code: -1, message: "the text is empty") }
        let code = gw_json_parse(handle, start.assumingMemoryBound(to: UInt8.self), bytes.count, &tape, &strings)
        guard code == 0, let tape, let strings else {
            throw JSONError(code: code, message: String(cString: gw_json_error_message(code)))
        }
        return JSONView(tape: tape, strings: strings)
    }

    /// Parses `bytes` and hands the view to `body`; for code that is not hot.
    public func withParsed<Result>(_ bytes: [UInt8], _ body: (JSONView) throws -> Result) throws -> Result {
        try bytes.withUnsafeBytes { try body(parse($0)) }
    }

    /// Parses `text` and hands the view to `body`; for tests and small inputs.
    public func withParsed<Result>(_ text: String, _ body: (JSONView) throws -> Result) throws -> Result {
        try withParsed(Array(text.utf8), body)
    }
}
