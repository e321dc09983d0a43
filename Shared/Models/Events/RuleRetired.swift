// `rule.retired.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let ruleRetired = EventType(
        "rule.retired", family: .control, about: .rule,
        "A rule is taken out of force; its alerts end.",
        fields: [
            .optional("reason", .text, "Why"),
        ],
        example: EventExample(
            subject: "site-load-above-contract", occurredAt: "2026-07-19T12:00:00Z",
            json: #"{"reason":"replaced by site-load-ratio"}"#))
}
