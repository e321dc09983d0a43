// `silence.ended.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let silenceEnded = EventType(
        "silence.ended", family: .control, about: .silence,
        "A silence ends before its time.",
        fields: [
            .optional("by", .text, maximumBytes: 256, "Who"),
            .optional("comment", .text, "Why"),
        ],
        example: EventExample(
            subject: "maintenance-2026-07-20", occurredAt: "2026-07-20T08:00:00Z",
            json: #"{"by":"ada","comment":"done early"}"#))
}
