// `electricity.year.reported.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let electricityYearReported = EventType(
        "electricity.year.reported", about: .country,
        "A country's electricity in one year, observed or in a scenario.",
        fields: [
            .required("year", .integer, unit: "year", range: Quantity.year, "Calendar year"),
            .optional("generation_twh", .number, unit: "TWh", range: Quantity.terawattHours, "Net generation"),
            .optional("consumption_twh", .number, unit: "TWh", range: Quantity.terawattHours, "Consumption"),
            .optional("data_center_twh", .number, unit: "TWh", range: Quantity.terawattHours, "Consumption of data centers"),
            .optional("ai_twh", .number, unit: "TWh", range: Quantity.terawattHours, "Consumption of AI"),
            .optional("case", .enumeration(["observed", "low", "reference", "high"]), "Observed, or which scenario; observed when absent"),
        ],
        rules: [.atLeastOne(["generation_twh", "consumption_twh", "data_center_twh", "ai_twh"])],
        example: EventExample(
            subject: "US", occurredAt: "2024-12-31T00:00:00Z",
            json: #"{"year":2024,"generation_twh":4304,"consumption_twh":4086,"data_center_twh":183,"case":"observed"}"#))
}
