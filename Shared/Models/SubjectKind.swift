// What an event can be about, and what its identifier may look like. Identifiers are kept as sent: the checks are permissive (EIA's codes are
// upper case, other programs have ids of their own) and refuse only what would break a key, a log line or a URL. Read next: EntityID.swift.

/// The kind of entity that a subject or an identifier field names. Raw values are the entity kinds of `dirty_entity` and of the API.
public enum SubjectKind: String, CaseIterable, Sendable, Hashable {
    case organization, region, chip, site, contract, plant, unit, batch, model, policy, incident, country
    case rule, routing, fingerprint, silence
    /// The id of another event of the same or another source.
    case event
    /// Any entity: for `observation.recorded`, `fact.withdrawn` and `security.posture.assessed`.
    case anything

    /// In words, for "expected" in violations and for documents.
    public var meaning: String {
        switch self {
        case .organization: "organisation id"
        case .region: "region id"
        case .chip: "chip id"
        case .site: "site id"
        case .contract: "contract id"
        case .plant: "plant id"
        case .unit: "generating unit id"
        case .batch: "batch id"
        case .model: "model id"
        case .policy: "policy id"
        case .incident: "incident id"
        case .country: "country (ISO 3166-1 alpha-2)"
        case .rule: "rule id"
        case .routing: "routing id"
        case .fingerprint: "alert fingerprint"
        case .silence: "silence id"
        case .event: "event id"
        case .anything: "entity id"
        }
    }

    /// Whether `bytes` may name such an entity: 1 to 256 bytes, no control characters, no blank at either end; a country is an ISO code.
    @inlinable
    public func accepts(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if self == .country { return Country.isCode(bytes) }
        return EntityID.isWellFormed(bytes)
    }
}
