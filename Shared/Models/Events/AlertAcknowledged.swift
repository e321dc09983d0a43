// `alert.acknowledged.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let alertAcknowledged = EventType(
        "alert.acknowledged", family: .control, about: .fingerprint,
        "Somebody has taken an alert in hand. Holds for the alert that began at `started_at`, not for a later one of the same fingerprint.",
        fields: [
            .required("started_at", .instant, "When the alert began firing"),
            .optional("by", .text, maximumBytes: 256, "Who"),
            .optional("comment", .text, "What is being done"),
            .optional("expires_at", .instant, "When it counts as not acknowledged again"),
        ],
        rules: [.orderedInstants(first: "started_at", last: "expires_at")],
        example: EventExample(
            subject: "5f1c0e9ab3d24477", occurredAt: "2026-07-19T12:07:00Z",
            json: #"""
                {"started_at":"2026-07-19T12:05:00Z","by":"ada","comment":"load is being shed","expires_at":"2026-07-19T16:00:00Z"}
                """#))
}
