// `routing.published.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let routingPublished = EventType(
        "routing.published", family: .control, about: .routing,
        "Routes, receivers and inhibitions come into force, as a whole.",
        fields: [
            .required(
                "routing", .document, maximumBytes: Limits.documentTextBytes,
                "routes, receivers and inhibit, as docs/rules.md describes them; secrets by reference only"),
            .optional("text", .text, maximumBytes: Limits.documentTextBytes, "The routing as it was written (YAML), for people"),
            .optional("comment", .text, "Why it changed"),
        ],
        example: EventExample(
            subject: "default", occurredAt: "2026-07-19T12:00:00Z",
            json: #"""
                {"routing":{"routes":[{"name":"operations","receivers":["ops-webhook"],"group_by":["rule"]}], \#
                "receivers":[{"name":"ops-webhook","webhook":{"url":"https://example.org/hook"}}]}}
                """#))
}
