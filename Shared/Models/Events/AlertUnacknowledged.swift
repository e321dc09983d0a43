// `alert.unacknowledged.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let alertUnacknowledged = EventType(
        "alert.unacknowledged", family: .control, about: .fingerprint,
        "An acknowledgement is taken back.",
        fields: [
            .required("started_at", .instant, "When the alert began firing"),
            .optional("by", .text, maximumBytes: 256, "Who"),
            .optional("comment", .text, "Why"),
        ],
        example: EventExample(
            subject: "5f1c0e9ab3d24477", occurredAt: "2026-07-19T12:30:00Z",
            json: #"{"started_at":"2026-07-19T12:05:00Z","by":"ada","comment":"the shed load came back"}"#))
}
