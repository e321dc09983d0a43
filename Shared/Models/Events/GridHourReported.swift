// `grid.hour.reported.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let gridHourReported = EventType(
        "grid.hour.reported", about: .region,
        """
        One hour of a region's grid; `time` is the hour's end. Net generation and interchange may be negative (pumping; power \
        that enters).
        """,
        fields: [
            .optional("demand_mw", .number, unit: "MW", range: Quantity.megawatts, "Mean demand of the hour"),
            .optional("net_generation_mw", .number, unit: "MW", range: Quantity.signedMegawatts, "Mean net generation of the hour"),
            .optional("interchange_mw", .number, unit: "MW", range: Quantity.signedMegawatts, "Mean interchange of the hour; + leaves the region"),
            .optional("by_fuel_mw", .numberMap, unit: "MW", range: Quantity.signedMegawatts, "Net generation by fuel"),
        ],
        rules: [.atLeastOne(["demand_mw", "net_generation_mw", "interchange_mw", "by_fuel_mw"])],
        example: EventExample(
            subject: "ERCO", occurredAt: "2026-07-19T22:00:00Z",
            json: #"""
                {"demand_mw":81230,"net_generation_mw":80890,"interchange_mw":-340,"by_fuel_mw":{"gas":38200,"wind":17100, \#
                "solar":14900,"coal":6100,"nuclear":4590}}
                """#))
}
