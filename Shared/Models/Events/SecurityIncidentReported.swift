// `security.incident.reported.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let securityIncidentReported = EventType(
        "security.incident.reported", about: .incident,
        "An attack on, or a loss of, what is worth protecting.",
        fields: [
            .required("severity", .integer, unit: "1", range: 1...4, "1 (least) to 4 (worst)"),
            .optional("asset", .enumeration(["weights", "algorithms", "hardware", "facility", "grid"]), "What was hit"),
            .optional("site", .identifier(.site), "Where"),
            .optional("organization", .identifier(.organization), "Whose it was"),
            .optional("attributed_to", .text, "Who is held to have done it"),
            .optional("status", .enumeration(["open", "contained", "closed"]), "Where it stands; open when absent"),
        ],
        example: EventExample(
            subject: "llama-weights-2023", occurredAt: "2023-03-03T00:00:00Z",
            json: #"{"severity":3,"asset":"weights","organization":"meta","status":"closed"}"#))
}
