// A CloudEvent as views into the parsed record: nothing is copied, and handing a view on touches no reference count. Valid until the parser's
// next parse. Read next: EnvelopeReader.swift, which makes it; EventType+Violations.swift, which checks what the envelope carries.

/// One event, its envelope checked, its data not yet.
public struct EventView {
    public let id: UnsafeRawBufferPointer
    public let source: UnsafeRawBufferPointer
    public let type: UnsafeRawBufferPointer
    public let subject: UnsafeRawBufferPointer
    /// When it was true in the world.
    public let occurredAt: Instant
    /// When it became known, if the sender says so.
    public let knownAt: Instant?
    /// The id of the event that this one corrects (same source).
    public let supersedes: UnsafeRawBufferPointer?
    public let confidence: Confidence?
    public let assertion: Assertion?
    public let evidence: UnsafeRawBufferPointer?
    public let data: JSONView?
    /// The whole event.
    public let root: JSONView
    /// Attributes that Gigawatch has no use for; zero in nearly every reading.
    public let extensionCount: Int
    let typeIndex: Int

    /// CloudEvents' own name for `occurredAt`.
    public var time: Instant { occurredAt }

    /// The event's type in the catalogue; nil when it is not known.
    public var eventType: EventType? { typeIndex >= 0 ? Catalogue.all[typeIndex] : nil }

    /// The position of the event's type in `Catalogue.all`, -1 when it is not known: a switch without a retain for hot loops.
    public var catalogueIndex: Int { typeIndex }

    /// When it was known: as the sender says, else when it was accepted.
    @inlinable public func known(acceptedAt: Instant) -> Instant { knownAt ?? acceptedAt }

    /// The attributes that are neither CloudEvents' own nor read by Gigawatch, `acceptedby` and `traceparent` among them.
    public func forEachExtension(_ body: (_ name: UnsafeRawBufferPointer, _ value: JSONView) throws -> Void) rethrows {
        guard extensionCount > 0 else { return }
        for (name, value) in root.members where !EnvelopeAttribute.isOwn(name) && !value.isNull { try body(name, value) }
    }
}
