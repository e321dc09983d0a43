// `capacity.price.reported.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let capacityPriceReported = EventType(
        "capacity.price.reported", about: .region,
        "What a region's capacity auction paid.",
        fields: [
            .required("delivery_year", .text, maximumBytes: 32, "Delivery year as the market writes it: 2026/2027"),
            .required("usd_per_mw_day", .money, unit: "USD/(MW·day)", range: 0...1e7, "Clearing price"),
        ],
        example: EventExample(
            subject: "PJM", occurredAt: "2025-07-22T00:00:00Z",
            json: #"{"delivery_year":"2026/2027","usd_per_mw_day":329.17}"#))
}
