// `grid.incident.reported.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let gridIncidentReported = EventType(
        "grid.incident.reported", about: .incident,
        "Something that went wrong in the grid.",
        fields: [
            .required("region", .identifier(.region), "Where"),
            .optional("power_mw", .number, unit: "MW", range: Quantity.megawatts, "Power lost or shed"),
            .optional("cause", .text, "What is known of the cause"),
        ],
        example: EventExample(
            subject: "pjm-2024-07-10-load-trip", occurredAt: "2024-07-10T23:00:00Z",
            json: #"{"region":"PJM","power_mw":1500,"cause":"60 data centers left the grid at once after a line fault"}"#))
}
