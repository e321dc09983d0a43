// `model.trained.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let modelTrained = EventType(
        "model.trained", about: .model,
        "A training run that is complete.",
        fields: [
            .required("organization", .identifier(.organization), "Who trained it"),
            .required("training_flop", .number, unit: "FLOP", range: 1...1e40, "Floating-point operations of the run"),
            .optional("site", .identifier(.site), "Where"),
            .optional("training_power_mw", .number, unit: "MW", range: Quantity.megawatts, "Power that the run drew"),
        ],
        example: EventExample(
            subject: "gpt-4", occurredAt: "2023-03-14T00:00:00Z",
            json: #"{"organization":"openai","training_flop":2.1e25,"training_power_mw":10}"#))
}
