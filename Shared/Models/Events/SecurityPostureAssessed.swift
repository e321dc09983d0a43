// `security.posture.assessed.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let securityPostureAssessed = EventType(
        "security.posture.assessed", about: .anything,
        "How well a site or an organisation protects model weights: RAND's SL1 to SL5.",
        fields: [
            .required("level", .integer, unit: "1", range: 1...5, "1 (amateurs are kept out) to 5 (the most capable states are)"),
            .optional("assessor", .text, "Who says so"),
        ],
        example: EventExample(
            subject: "openai", occurredAt: "2024-05-30T00:00:00Z",
            json: #"{"level":2,"assessor":"public reporting"}"#))
}
