// `observation.recorded.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let observationRecorded = EventType(
        "observation.recorded", about: .anything,
        "A fact that has no type of its own yet: kept and listed, in no formula.",
        fields: [
            .required("quantity", .text, maximumBytes: 256, "What was observed"),
            .optional("value", .number, "How much"),
            .optional("unit", .text, maximumBytes: 64, "In which unit"),
            .optional("statement", .text, "In whose words"),
        ],
        example: EventExample(
            subject: "tsmc", occurredAt: "2025-01-16T00:00:00Z",
            json: #"""
                {"quantity":"cowos_wafers_per_month","value":75000,"unit":"wafers/month", \#
                "statement":"CoWoS capacity doubles again in 2025"}
                """#))
}
