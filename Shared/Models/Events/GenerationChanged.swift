// `generation.changed.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let generationChanged = EventType(
        "generation.changed", about: .unit,
        "A generating unit's state. Planned and retiring units carry the day on which it takes effect.",
        fields: [
            .required(
                "status", .enumeration(["planned", "permitted", "under_construction", "operating", "outage", "derated", "retiring", "retired"]),
                "Where the unit stands"),
            .required("plant", .identifier(.plant), "The plant it belongs to"),
            .required("region", .identifier(.region), "The region it feeds"),
            .required(
                "fuel", .text, maximumBytes: 64,
                "Fuel or technology: nuclear, gas, coal, wind, solar, hydro, battery, …; the key of capacity credits"),
            .required("power_mw", .number, unit: "MW", range: Quantity.megawatts, "Power in this state (what is left of it when derated)"),
            .optional("effective_on", .date, "The day on which the state begins, when it is not the day of `time`"),
        ],
        example: EventExample(
            subject: "crane-clean-energy-center-1", occurredAt: "2024-09-20T00:00:00Z",
            json: #"""
                {"status":"planned","plant":"crane-clean-energy-center","region":"PJM","fuel":"nuclear","power_mw":835, \#
                "effective_on":"2027-12-31"}
                """#))
}
