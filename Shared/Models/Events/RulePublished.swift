// `rule.published.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let rulePublished = EventType(
        "rule.published", family: .control, about: .rule,
        "A rule comes into force: a new version of it, from this place in the log on.",
        fields: [
            .required("rule", .document, maximumBytes: Limits.documentTextBytes, "The rule, as docs/rules.md describes it"),
            .optional("text", .text, maximumBytes: Limits.documentTextBytes, "The rule as it was written (YAML), for people"),
            .optional("comment", .text, "Why it changed"),
        ],
        example: EventExample(
            subject: "site-load-above-contract", occurredAt: "2026-07-19T12:00:00Z",
            json: #"""
                {"rule":{"id":"site-load-above-contract","on":"site.telemetry.v1","value":"power_kw / 1000", \#
                "of":"contracts.site_limit_mw","by":["subject"],"levels":[{"name":"warning","above":0.95,"until":0.92}]}, \#
                "comment":"first version"}
                """#))
}
