// Every event type that this release knows: one file each in Events/, one line each here. Adding a type is adding both.

public enum Catalogue {
    public static let all: [EventType] = [
        .organizationRegistered, .regionRegistered, .chipSpecified,
        .siteStatusChanged, .siteCapacityReported, .siteChipsReported, .siteTelemetry,
        .gpuBatchMoved, .modelTrained,
        .powerContractChanged, .generationChanged, .gridHourReported, .gridIncidentReported, .capacityPriceReported, .electricityYearReported,
        .capitalCommitted, .capitalSpent, .revenueReported, .marketValueReported, .chipOutputReported, .targetSet,
        .policyChanged, .securityIncidentReported, .securityPostureAssessed,
        .observationRecorded, .factWithdrawn,
        .rulePublished, .ruleRetired, .routingPublished, .alertAcknowledged, .alertUnacknowledged, .silenceCreated, .silenceEnded,
    ]

    /// The facts, in the order of `all`: those that have a typed table.
    public static let facts: [EventType] = all.filter { $0.family == .fact }

    /// The type of this qualified name (`site.status.changed.v1`), found without a String.
    public static func type(_ qualifiedName: UnsafeRawBufferPointer) -> EventType? {
        let index = index(of: qualifiedName)
        return index >= 0 ? all[index] : nil
    }

    public static func type(named qualifiedName: String) -> EventType? {
        var name = qualifiedName
        return name.withUTF8 { type(UnsafeRawBufferPointer($0)) }
    }

    /// The position in `all`, or -1.
    public static func index(of qualifiedName: UnsafeRawBufferPointer) -> Int { names.index(of: qualifiedName) }

    /// Why a type is not known: its name, or only its version.
    public static func violation(ofUnknown qualifiedName: UnsafeRawBufferPointer) -> Violation {
        let text = qualifiedName.text
        if let dot = text.lastIndex(of: "."), text[text.index(after: dot)...].first == "v",
            let known = all.first(where: { $0.name == text[..<dot] })
        {
            return Violation(.typeVersionUnknown, at: "/type", expected: known.qualifiedName, actual: shown(qualifiedName))
        }
        if let known = all.first(where: { $0.name == text }) {
            return Violation(.typeVersionUnknown, at: "/type", expected: known.qualifiedName, actual: shown(qualifiedName))
        }
        return Violation(.typeUnknown, at: "/type", expected: "a type of docs/events.md", actual: shown(qualifiedName))
    }

    private static let names = NameTable(all.map(\.qualifiedName))
}
