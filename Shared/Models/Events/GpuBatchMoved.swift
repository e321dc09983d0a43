// `gpu.batch.moved.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let gpuBatchMoved = EventType(
        "gpu.batch.moved", about: .batch,
        "Chips on their way from order to rack. `units` are those that this event moves: a partial delivery is a smaller number.",
        fields: [
            .required("stage", .enumeration(["ordered", "shipped", "delivered", "installed", "cancelled", "retired"]), "What happened to them"),
            .required("owner", .identifier(.organization), "Whose they are"),
            .required("chip", .identifier(.chip), "Which chip"),
            .required("units", .integer, unit: "chips", range: 1...1e12, "How many this event moves"),
            .optional("site", .identifier(.site), "Where they go"),
            .optional("supplier", .identifier(.organization), "Who sells them"),
            .optional("due_on", .date, "When they are due"),
            .optional("price_usd", .money, unit: "USD", "Price of these units together"),
        ],
        example: EventExample(
            subject: "msft-gb200-2025-03", occurredAt: "2025-03-10T00:00:00Z",
            json: #"""
                {"stage":"ordered","owner":"microsoft","chip":"gb200","units":100000,"site":"fairwater-atlanta","supplier":"nvidia", \#
                "due_on":"2025-12-31","price_usd":4000000000}
                """#))
}
