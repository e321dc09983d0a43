// The decision on one event: let in, with the topic and the key it gets, or refused with reasons that a program can act on. Pure: the clock
// comes as a value, the bytes are looked at where the parser left them. The same checks stand behind the door in projection, because other
// programs may write to the topics themselves. Read next: Models/EventType+Violations.swift.

public import Models

/// What became of one event at the door.
public enum Decision {
    /// `id` and `key` are views into the parsed text, valid until the parser's next parse.
    case accept(topic: TopicName, id: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer)
    /// The first violation names the rejection; `id` is there when the envelope could be read.
    case reject(id: UnsafeRawBufferPointer?, [Violation])
}

/// Checks events for one request.
public struct EventGate: Sendable {
    /// A further check of control events (a rule's text belongs to alerting's language); nothing when all is well.
    public typealias ControlCheck = @Sendable (_ event: EventView) -> [Violation]

    public let limits: IngestionLimits
    private let controlCheck: ControlCheck?

    public init(limits: IngestionLimits = IngestionLimits(), controlCheck: ControlCheck? = nil) {
        (self.limits, self.controlCheck) = (limits, controlCheck)
    }

    /// Decides on one event.
    /// - Parameters:
    ///   - root: the parsed event.
    ///   - byteCount: its size as it will be written to the log.
    ///   - acceptedAt: the wall clock when the request was complete.
    public func decide(_ root: JSONView, byteCount: Int, grant: Grant, acceptedAt: Instant) -> Decision {
        guard byteCount <= limits.eventBytes else {
            return .reject(
                id: root["id"]?.stringBytes,
                [Violation(.recordTooLarge, at: "", expected: "at most \(limits.eventBytes) bytes", actual: "\(byteCount) bytes")])
        }
        let event: EventView
        switch EnvelopeReader.structured(root) {
        case .failure(let violation): return .reject(id: root["id"]?.stringBytes, [violation])
        case .success(let read): event = read
        }
        guard let type = event.eventType else { return .reject(id: event.id, [Catalogue.violation(ofUnknown: event.type)]) }
        if let violation = grant.violation(of: event, type) { return .reject(id: event.id, [violation]) }
        var violations = type.violations(in: event, acceptedAt: acceptedAt)
        if violations.isEmpty, type.family == .control, let controlCheck { violations = controlCheck(event) }
        guard violations.isEmpty else { return .reject(id: event.id, violations) }
        return .accept(topic: type.topic, id: event.id, key: event.subject)
    }
}
