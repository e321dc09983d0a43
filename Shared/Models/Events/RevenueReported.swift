// `revenue.reported.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let revenueReported = EventType(
        "revenue.reported", about: .organization,
        "Revenue as an annual run rate.",
        fields: [
            .required("run_rate_usd", .money, unit: "USD/year", range: Quantity.usd, "Annual run rate"),
            .required("kind", .enumeration(["ai", "chips", "data_center", "cloud"]), "Revenue of what"),
            .optional("period", .period, "The period it was measured over"),
        ],
        example: EventExample(
            subject: "openai", occurredAt: "2025-12-31T00:00:00Z",
            json: #"{"run_rate_usd":20000000000,"kind":"ai","period":"2025"}"#))
}
