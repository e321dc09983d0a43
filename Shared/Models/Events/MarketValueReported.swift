// `market.value.reported.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let marketValueReported = EventType(
        "market.value.reported", about: .organization,
        "What an organisation is worth.",
        fields: [
            .required("usd", .money, unit: "USD", "Market capitalisation, or the valuation of a round"),
        ],
        example: EventExample(
            subject: "nvidia", occurredAt: "2025-10-29T20:00:00Z",
            json: #"{"usd":5030000000000}"#))
}
