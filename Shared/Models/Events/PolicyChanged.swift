// `policy.changed.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let policyChanged = EventType(
        "policy.changed", about: .policy,
        "A rule of a state that bears on the build-out.",
        fields: [
            .required("jurisdiction", .text, maximumBytes: 256, "Who made it: a country, a state, a region"),
            .required("kind", .enumeration(["export_control", "permit", "subsidy", "moratorium", "tariff", "other"]), "What it does"),
            .optional("status", .text, maximumBytes: 256, "Where it stands: proposed, in force, suspended, repealed, …"),
            .optional("power_mw", .number, unit: "MW", range: Quantity.megawatts, "Power that it allows or stops"),
            .optional("affects", .object([
                .optional("sites", .identifierList(.site), "Sites it bears on"),
                .optional("regions", .identifierList(.region), "Regions it bears on"),
                .optional("countries", .countryList, "Countries it bears on"),
            ]), "Whom it bears on"),
        ],
        example: EventExample(
            subject: "bis-advanced-computing-2022", occurredAt: "2022-10-07T00:00:00Z",
            json: #"""
                {"jurisdiction":"US","kind":"export_control","status":"in force","affects":{"countries":["CN"],"regions":[], \#
                "sites":[]}}
                """#))
}
