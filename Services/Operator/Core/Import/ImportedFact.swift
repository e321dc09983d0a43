// A fact that an importer made from a row, and the rule by which one vintage of a data set replaces another. A row has a key that never
// changes (what it is about and when); its event's id is the key, the vintage and a digest of the content. So the same file twice gives the
// same ids, and comparing keys and digests with what the ledger holds tells new, changed, unchanged and gone rows apart. Pure.

public import Models

/// One fact, before it is known whether the ledger holds it already.
public struct ImportedFact: Sendable, Equatable {
    /// What the row is about, for ever: `levels/colossus-2/2025-09-08`.
    public let key: String
    public let type: String
    public let subject: String
    public let occurredOn: Day
    public let confidence: String?
    public let assertion: String
    public let evidence: String?
    /// The `data` object as JSON.
    public let payload: [UInt8]

    public init(
        key: String, type: String, subject: String, occurredOn: Day, confidence: String?, assertion: String, evidence: String?, payload: [UInt8]
    ) {
        self.key = key
        self.type = type
        self.subject = subject
        self.occurredOn = occurredOn
        self.confidence = confidence
        self.assertion = assertion
        self.evidence = evidence
        self.payload = payload
    }

    /// 16 hexadecimal digits of everything that makes the fact what it is.
    public var digest: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325  // FNV-1a, 64 bits: stable for ever, and a forger gains nothing here
        func add(_ bytes: some Sequence<UInt8>) {
            for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
            hash = (hash ^ 0x1F) &* 0x0000_0100_0000_01B3
        }
        for text in [type, subject, occurredOn.description, confidence ?? "", assertion, evidence ?? ""] { add(text.utf8) }
        add(payload)
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    public func eventID(vintage: Day) -> String { "\(key)@\(vintage).\(digest)" }
}

/// A living event of the importer's source in the ledger.
public struct LedgerFact: Sendable, Equatable {
    public let id: String
    public let type: String
    public let subject: String
    public let occurredAt: Instant

    public init(id: String, type: String, subject: String, occurredAt: Instant) {
        self.id = id
        self.type = type
        self.subject = subject
        self.occurredAt = occurredAt
    }

    /// Key and digest, when this importer made the id.
    var parts: (key: Substring, digest: Substring)? {
        guard let at = id.lastIndex(of: "@"), let dot = id[at...].lastIndex(of: ".") else { return nil }
        return (id[..<at], id[id.index(after: dot)...])
    }
}

/// What importing a vintage would change.
public struct VintagePlan: Sendable {
    public var added = 0
    public var changed = 0
    public var unchanged = 0
    public var withdrawn = 0
    /// CloudEvents as JSON, in the order of sending.
    public var events: [[UInt8]] = []

    /// Compares a vintage with the living facts of the same source.
    /// - Parameters:
    ///   - knownOn: the vintage's date; its facts are known from the first moment of that day.
    public init(source: String, facts: [ImportedFact], ledger: [LedgerFact], knownOn: Day) {
        var living: [Substring: LedgerFact] = [:]
        for fact in ledger {
            guard let key = fact.parts?.key else { continue }
            living[key] = fact
        }
        var kept: Set<Substring> = []
        for fact in facts {
            let key = fact.key[...]
            kept.insert(key)
            if let old = living[key] {
                if old.parts?.digest == fact.digest[...] {
                    unchanged += 1
                    continue
                }
                changed += 1
                events.append(Self.event(source, fact, knownOn, supersedes: old.id))
            } else {
                added += 1
                events.append(Self.event(source, fact, knownOn, supersedes: nil))
            }
        }
        for (key, old) in living.sorted(by: { $0.key < $1.key }) where !kept.contains(key) {
            withdrawn += 1
            events.append(Self.withdrawal(source, old, key, knownOn))
        }
    }

    private static func event(_ source: String, _ fact: ImportedFact, _ knownOn: Day, supersedes: String?) -> [UInt8] {
        var writer = JSONWriter(reserving: 512)
        writer.object { writer in
            writer.member("specversion", "1.0")
            writer.member("id", fact.eventID(vintage: knownOn))
            writer.member("source", source)
            writer.member("type", fact.type)
            writer.member("subject", fact.subject)
            writer.member("time", fact.occurredOn.start)
            writer.member("knownat", knownOn.start)
            if let supersedes { writer.member("supersedes", supersedes) }
            if let confidence = fact.confidence { writer.member("confidence", confidence) }
            writer.member("assertion", fact.assertion)
            if let evidence = fact.evidence { writer.member("evidence", evidence) }
            writer.member("datacontenttype", "application/json")
            writer.key("data")
            writer.raw(fact.payload)
        }
        return writer.bytes
    }

    private static func withdrawal(_ source: String, _ old: LedgerFact, _ key: Substring, _ knownOn: Day) -> [UInt8] {
        var writer = JSONWriter(reserving: 512)
        writer.object { writer in
            writer.member("specversion", "1.0")
            writer.member("id", "withdrawn/\(key)@\(knownOn)")
            writer.member("source", source)
            writer.member("type", "fact.withdrawn.v1")
            writer.member("subject", old.subject)
            writer.member("time", old.occurredAt)
            writer.member("knownat", knownOn.start)
            writer.member("datacontenttype", "application/json")
            writer.key("data")
            writer.object { writer in
                writer.member("source", source)
                writer.member("event", old.id)
                writer.member("reason", "the row is no longer in the vintage of \(knownOn)")
            }
        }
        return writer.bytes
    }
}
