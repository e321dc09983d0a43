// `chip.output.reported.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let chipOutputReported = EventType(
        "chip.output.reported", about: .organization,
        "How many chips a maker makes in a period.",
        fields: [
            .required("period", .period, "The period it belongs to"),
            .optional("units", .integer, unit: "chips", range: Quantity.count, "Chips"),
            .optional("h100e", .number, unit: "H100e", range: Quantity.h100e, "Compute, in H100-equivalents"),
            .optional("leading_edge_share", .share, unit: "1", "Share of the leading-edge wafer capacity that it takes"),
        ],
        rules: [.atLeastOne(["units", "h100e", "leading_edge_share"])],
        example: EventExample(
            subject: "nvidia", occurredAt: "2025-12-31T00:00:00Z",
            json: #"{"period":"2025","units":6000000,"h100e":13000000,"leading_edge_share":0.12}"#))
}
