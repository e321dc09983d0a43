// `site.capacity.reported.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let siteCapacityReported = EventType(
        "site.capacity.reported", about: .site,
        "Levels at `time`, absolute, not changes. An absent field carries the last level forward.",
        fields: [
            .optional("facility_power_mw", .number, unit: "MW", range: Quantity.megawatts, "Power of the whole facility, cooling included"),
            .optional("it_power_mw", .number, unit: "MW", range: Quantity.megawatts, "Power of servers and network"),
            .optional("h100e", .number, unit: "H100e", range: Quantity.h100e, "Compute, in H100-equivalents"),
            .optional("capital_cost_usd", .money, unit: "USD", "What has been spent on it, cumulative"),
            .optional("buildings", .integer, unit: "buildings", range: Quantity.count, "Buildings in use"),
        ],
        rules: [.atLeastOne(["facility_power_mw", "it_power_mw", "h100e", "capital_cost_usd", "buildings"])],
        example: EventExample(
            subject: "xai-colossus-1", occurredAt: "2025-06-01T00:00:00Z",
            json: #"{"facility_power_mw":300,"it_power_mw":240.5,"h100e":275796,"capital_cost_usd":7000000000,"buildings":1}"#))
}
