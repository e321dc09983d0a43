// Every step and every repeatable object of the schema, in the order in which they are applied. Each area keeps its own list in its own
// folder, so that two people who add a step do not meet in one line. A test checks that numbers are unique and within their area.
// Read next: Migrations.swift.

extension Migrations {
    /// All numbered steps in order. An area's steps may be applied after a later number of another area: areas do not depend on each other's numbers
    /// within one release.
    public static let all: [Migration] = (ledgerSteps + readModelSteps + alertingSteps + querySteps).sorted { $0.version < $1.version }

    /// All repeatable objects, in order of application: what a later one uses stands earlier.
    public static let objects: [SQLObject] = functionObjects + ReadModels.all + Views.all + [ReaderRole.object]

    /// M001-M019.
    static let ledgerSteps: [Migration] = [
        M001Ledger.step, M002Telemetry.step, M003Quarantine.step, M004Derivation.step, M005Parameters.step, M006ConsumerGroups.step,
    ]

    /// Functions that every other object may use.
    static let functionObjects: [SQLObject] = [
        VoidFacts.object, ReadingPartitions.object, ContentDigest.object,
    ]
}
