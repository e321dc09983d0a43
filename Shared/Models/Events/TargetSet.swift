// `target.set.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let targetSet = EventType(
        "target.set", about: .organization,
        "A target that an organisation sets itself: a step of its ladder.",
        fields: [
            .required("quantity", .enumeration(["facility_power_mw", "h100e", "capital_usd", "units"]), "Which quantity"),
            .required("value", .number, range: 0...1e16, "The target, in the quantity's unit"),
            .optional("due_on", .date, "By when"),
            .optional("statement", .text, "In whose words"),
        ],
        example: EventExample(
            subject: "openai", occurredAt: "2025-10-28T00:00:00Z",
            json: #"""
                {"quantity":"facility_power_mw","value":30000,"due_on":"2033-12-31","statement":"about 30 GW, 1.4 trillion dollars"}
                """#))
}
