// `fact.withdrawn.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let factWithdrawn = EventType(
        "fact.withdrawn", about: .anything,
        """
        Says that an earlier fact is not one. The subject is that of the fact it withdraws; withdrawing a correction revives \
        what it corrected.
        """,
        fields: [
            .required("source", .text, maximumBytes: Limits.sourceBytes, "Source of the withdrawn event"),
            .required("event", .identifier(.event), "Id of the withdrawn event"),
            .optional("reason", .text, "Why"),
        ],
        example: EventExample(
            subject: "xai-colossus-1", occurredAt: "2026-07-20T00:00:00Z",
            json: #"""
                {"source":"https://epoch.ai/data/data-centers","event":"xai-colossus-1/2026-03-01", \#
                "reason":"the row is gone from the vintage of 2026-07"}
                """#))
}
