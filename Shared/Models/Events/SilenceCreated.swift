// `silence.created.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let silenceCreated = EventType(
        "silence.created", family: .control, about: .silence,
        "Alerts whose labels match are recorded, but not delivered, between two instants. The same silence again changes it.",
        fields: [
            .required("matchers", .objectList([
                .required("name", .text, maximumBytes: 256, "A label"),
                .required("value", .text, "The value, or a regular expression"),
                .optional("is_regex", .boolean, "Whether value is a regular expression; false when absent"),
                .optional("is_equal", .boolean, "False for labels that must not match; true when absent"),
            ]), "All of these must hold"),
            .required("starts_at", .instant, "From when"),
            .required("ends_at", .instant, "Until when"),
            .optional("comment", .text, "Why"),
            .optional("created_by", .text, maximumBytes: 256, "Who"),
        ],
        rules: [.notEmpty("matchers"), .orderedInstants(first: "starts_at", last: "ends_at")],
        example: EventExample(
            subject: "maintenance-2026-07-20", occurredAt: "2026-07-19T12:00:00Z",
            json: #"""
                {"matchers":[{"name":"subject","value":"xai-colossus-1"},{"name":"rule","value":"site-.*","is_regex":true, \#
                "is_equal":true}],"starts_at":"2026-07-20T06:00:00Z","ends_at":"2026-07-20T10:00:00Z", \#
                "comment":"transformer maintenance","created_by":"ada"}
                """#))
}
