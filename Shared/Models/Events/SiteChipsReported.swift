// `site.chips.reported.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let siteChipsReported = EventType(
        "site.chips.reported", about: .site,
        "How many of one chip stand at a site: an absolute level for that chip.",
        fields: [
            .required("chip", .identifier(.chip), "Which chip"),
            .required("units", .integer, unit: "chips", range: Quantity.count, "How many there are at `time`"),
        ],
        example: EventExample(
            subject: "xai-colossus-1", occurredAt: "2025-06-01T00:00:00Z",
            json: #"{"chip":"h100-sxm","units":150000}"#))
}
