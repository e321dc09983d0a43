// The digest of what an event says: equal for the same event in another formatting, different for another content under the same id. It covers
// type, subject, time, knownat, supersedes, confidence, assertion, evidence and data. It leaves out what a repeat may change without meaning
// anything else: white space, the order of members, members that are null, `3.0` for `3`, an instant in another zone, other attributes
// (traceparent changes with every attempt), source and id (they are the identity that the digest is compared under).

/// Sixteen bytes, stable for ever. See StableDigest for what it promises.
public struct PayloadDigest: Hashable, Sendable, CustomStringConvertible {
    public let digest: StableDigest

    public init(_ digest: StableDigest) { self.digest = digest }

    public init(of event: EventView) {
        var builder = DigestBuilder(purpose: 1)
        builder.combine(event.type)
        builder.combine(event.subject)
        builder.combine(event.occurredAt)
        // One word says which of the optional parts follow, so that none can pass for another.
        var parts: UInt64 = 0
        if event.knownAt != nil { parts |= 1 }
        if event.supersedes != nil { parts |= 2 }
        if event.evidence != nil { parts |= 4 }
        if let confidence = event.confidence { parts |= UInt64(confidence.rank + 1) << 8 }
        if let assertion = event.assertion { parts |= UInt64(assertion.rank + 1) << 16 }
        builder.combine(parts)
        if let knownAt = event.knownAt { builder.combine(knownAt) }
        if let supersedes = event.supersedes { builder.combine(supersedes) }
        if let evidence = event.evidence { builder.combine(evidence) }
        if let data = event.data { builder.combine(data) }
        digest = builder.finished()
    }

    /// Big-endian.
    public var bytes: [UInt8] { digest.bytes }
    /// The first eight bytes, for compact rows of readings.
    public var prefix: UInt64 { digest.high }
    public var description: String { digest.description }
}

/// Eight bytes of digest of (source, id): the identity of a reading in memory and in compact rows.
public struct IdentityDigest: Hashable, Sendable {
    public let value: UInt64

    @inlinable public init(value: UInt64) { self.value = value }

    @inlinable
    public init(source: UnsafeRawBufferPointer, id: UnsafeRawBufferPointer) {
        var builder = DigestBuilder(purpose: 2)
        builder.combine(source)
        builder.combine(id)
        value = builder.finished().high
    }

    @inlinable public init(of event: EventView) { self.init(source: event.source, id: event.id) }

    public init(source: String, id: String) {
        var builder = DigestBuilder(purpose: 2)
        builder.combine(source)
        builder.combine(id)
        value = builder.finished().high
    }
}

extension DigestBuilder {
    /// A JSON value: the same for the same value, however it was written.
    public mutating func combine(_ value: JSONView) {
        switch value.kind {
        case .null: combine(UInt64(0x6E75_6C6C))
        case .boolean: combine(UInt64(value.boolean == true ? 0x7472_7565 : 0x6661_6C73))
        case .number:
            if let integer = value.integer {
                combine(UInt64(0x696E_74))
                combine(integer)
            } else if let big = value.bigInteger {
                combine(UInt64(0x6269_67))
                combine(big)
            } else {
                combine(UInt64(0x646F_7562))
                combine((value.double ?? 0).bitPattern)
            }
        case .string:
            combine(UInt64(0x7374_7269))
            if let text = value.stringBytes { combine(text) }
        case .array:
            combine(UInt64(0x6172_7261))
            var count: UInt64 = 0
            for element in value.elements {
                combine(element)
                count &+= 1
            }
            combine(count)
        case .object:
            // The sum of the members' digests: independent of their order, without sorting.
            var sum = StableDigest.zero
            var count: UInt64 = 0
            for (key, member) in value.members where !member.isNull {
                var inner = DigestBuilder(purpose: 3)
                inner.combine(key)
                inner.combine(member)
                sum = sum + inner.finished()
                count &+= 1
            }
            combine(UInt64(0x6F62_6A65))
            combine(count)
            combine(sum.high)
            combine(sum.low)
        }
    }
}
