// `capital.spent.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let capitalSpent = EventType(
        "capital.spent", about: .organization,
        "Capital that an organisation has spent.",
        fields: [
            .optional("usd", .money, unit: "USD", "The sum; or both ends of its range"),
            .optional("usd_low", .money, unit: "USD", "Lower end"),
            .optional("usd_high", .money, unit: "USD", "Upper end"),
            .required("period", .period, "The period it belongs to; spread evenly over its days"),
            .optional("nature", .enumeration(["guidance", "commitment", "contract"]), "How binding it is"),
            .optional("purpose", .enumeration(["compute", "power", "all"]), "What it is for"),
            .optional("country", .country, "Where it is spent"),
            .optional(
                "counterparty", .identifier(.organization),
                "Who receives it; a contract between two known organisations counts once in totals"),
        ],
        rules: [.valueOrRange(value: "usd", low: "usd_low", high: "usd_high"), .ordered(low: "usd_low", high: "usd_high")],
        example: EventExample(
            subject: "microsoft", occurredAt: "2025-10-29T00:00:00Z",
            json: #"{"usd":34900000000,"period":"FY2026Q1","purpose":"all"}"#))
}
