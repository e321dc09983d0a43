// What the sender is told: each event by its index, stored with its coordinates or not stored with a code, and one status for the whole.
// Invariant: 2xx only if the broker has acknowledged at least one event, and then everything that was not stored is listed.

public import Models

/// The outcome of one event of a request.
public enum Outcome: Sendable, Equatable {
    case stored(topic: TopicName, partition: Int32, recordOffset: Int64)
    case rejected([Violation])
    /// Taken, but not stored; `code` says whether a repeat may succeed.
    case failed(ErrorCode, reason: String)
}

/// Builds the body of an answer, item by item.
public struct Answer {
    private var accepted: [UInt8] = []
    private var rejected: [UInt8] = []
    public private(set) var acceptedCount = 0
    public private(set) var rejectedCount = 0
    private var retryableCount = 0
    private var firstViolation: Violation?
    private var firstFailure: (code: ErrorCode, reason: String)?
    private let topicNames: [TopicName: [UInt8]]

    /// - Parameter topicNames: full names by role, as JSON strings.
    public init(topicNames: [TopicName: [UInt8]], reserving items: Int) {
        self.topicNames = topicNames
        accepted.reserveCapacity(items * 96 + 64)
    }

    /// The full names of the topics in the form that `init` takes.
    public static func topicNames(prefix: String) -> [TopicName: [UInt8]] {
        Dictionary(uniqueKeysWithValues: TopicName.allCases.map { ($0, Array("\"\($0.fullName(prefix: prefix))\"".utf8)) })
    }

    /// Adds the next item. `id` is the event's id as text; nil when the envelope could not be read.
    public mutating func add(index: Int, id: UnsafeRawBufferPointer?, _ outcome: Outcome) {
        switch outcome {
        case .stored(let topic, let partition, let recordOffset):
            if acceptedCount > 0 { accepted.append(UInt8(ascii: ",")) }
            acceptedCount += 1
            accepted.append(literal: "{\"index\":")
            accepted.append(decimal: Int64(index))
            accepted.append(literal: ",\"id\":")
            accepted.append(quoted: id)
            accepted.append(literal: ",\"topic\":")
            accepted.append(contentsOf: topicNames[topic] ?? [])
            accepted.append(literal: ",\"partition\":")
            accepted.append(decimal: Int64(partition))
            accepted.append(literal: ",\"offset\":")
            accepted.append(decimal: recordOffset)
            accepted.append(UInt8(ascii: "}"))
        case .rejected(let violations):
            let first = violations.first ?? Violation(.internalFailure, at: "", expected: "a reason", actual: "none")
            if firstViolation == nil { firstViolation = first }
            addRejected(index, id, first.code, first.pointer, first.expected, first.actual, more: violations.dropFirst())
        case .failed(let code, let reason):
            if firstFailure == nil { firstFailure = (code, reason) }
            addRejected(index, id, code, "", "an acknowledgement by Kafka", reason, more: [])
        }
    }

    private mutating func addRejected(
        _ index: Int, _ id: UnsafeRawBufferPointer?, _ code: ErrorCode, _ pointer: String, _ expected: String, _ actual: String,
        more: ArraySlice<Violation>
    ) {
        if rejectedCount > 0 { rejected.append(UInt8(ascii: ",")) }
        rejectedCount += 1
        if code.retryable { retryableCount += 1 }
        var writer = JSONWriter()
        writer.object { item in
            item.member("index", index)
            item.key("id")
            if let id { item.string(id) } else { item.null() }
            item.member("code", code.rawValue)
            item.member("pointer", pointer)
            item.member("expected", expected)
            item.member("actual", actual)
            item.member("retryable", code.retryable)
            if !more.isEmpty {
                item.key("more")
                item.array { list in
                    for violation in more {
                        list.object { other in
                            other.member("code", violation.code.rawValue)
                            other.member("pointer", violation.pointer)
                            other.member("expected", violation.expected)
                            other.member("actual", violation.actual)
                        }
                    }
                }
            }
        }
        rejected.append(contentsOf: writer.bytes)
    }

    /// 202 all stored, 207 some, 422 none and nothing would change by a repeat, 413 one event that is too large, 503 none but a repeat may succeed.
    public var status: Int {
        if rejectedCount == 0 { return 202 }
        if acceptedCount > 0 { return 207 }
        if firstFailure != nil || retryableCount == rejectedCount && firstViolation?.code != .timeTooFarAhead { return 503 }
        if rejectedCount == 1, firstViolation?.code == .recordTooLarge { return 413 }
        if rejectedCount == 1, firstViolation?.code == .tokenScope || firstViolation?.code == .supersedesForbidden { return 403 }
        return 422
    }

    /// Seconds for a Retry-After header.
    public var retryAfter: Int? { status == 503 ? 1 : nil }

    public var isProblem: Bool { status >= 400 }

    /// The body for `status`: the two lists, inside a problem (RFC 9457) when nothing was stored.
    public func body() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(accepted.count + rejected.count + 256)
        if isProblem {
            let code = (firstFailure?.code ?? firstViolation?.code ?? .internalFailure)
            var writer = JSONWriter()
            writer.string("No event of the request was stored; the first reason: \(detail)")
            bytes.append(contentsOf: "{\"type\":\"urn:gigawatch:problem:\(code.rawValue)\",\"title\":\"Nothing stored\",\"status\":\(status)".utf8)
            bytes.append(contentsOf: ",\"code\":\"\(code.rawValue)\",\"detail\":".utf8)
            bytes.append(contentsOf: writer.bytes)
            bytes.append(UInt8(ascii: ","))
        } else {
            bytes.append(UInt8(ascii: "{"))
        }
        bytes.append(literal: "\"accepted\":[")
        bytes.append(contentsOf: accepted)
        bytes.append(literal: "],\"rejected\":[")
        bytes.append(contentsOf: rejected)
        bytes.append(literal: "]}")
        return bytes
    }

    private var detail: String { firstFailure.map { $0.reason } ?? firstViolation.map { $0.description } ?? "unknown" }
}

extension [UInt8] {
    fileprivate mutating func append(literal: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    fileprivate mutating func append(decimal value: Int64) {
        guard value >= 10 else {
            if value >= 0 { append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value)) } else { append(contentsOf: String(value).utf8) }
            return
        }
        var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)   // 24 bytes on the stack: 19 digits at most
        Swift.withUnsafeMutableBytes(of: &digits) { buffer in
            var rest = UInt64(value)
            var at = buffer.count
            while rest > 0 {
                at -= 1
                buffer[at] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            append(contentsOf: buffer[at...])
        }
    }

    /// A JSON string; the usual id needs no escape and is copied whole.
    fileprivate mutating func append(quoted text: UnsafeRawBufferPointer?) {
        guard let text else { append(literal: "null"); return }
        if text.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            append(UInt8(ascii: "\""))
            append(contentsOf: text)
            append(UInt8(ascii: "\""))
        } else {
            var writer = JSONWriter()
            writer.string(text)
            append(contentsOf: writer.bytes)
        }
    }
}
