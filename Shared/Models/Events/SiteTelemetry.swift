// `site.telemetry.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let siteTelemetry = EventType(
        "site.telemetry", family: .reading, about: .site,
        "A meter reading. High volume, kept raw for a day, then as minutes and hours.",
        fields: [
            .required("power_kw", .number, unit: "kW", range: Quantity.kilowatts, "Power drawn at `time`"),
            .optional("energy_kwh_total", .number, unit: "kWh", range: Quantity.kilowattHours, "The meter's counter; may reset to a smaller number"),
            .optional("gpu_utilization", .share, unit: "1", "Mean utilization of the accelerators"),
            .optional("gpus", .integer, unit: "chips", range: Quantity.count, "Accelerators that report"),
            .optional("pue", .number, unit: "1", range: 0...100, "Facility power / IT power"),
        ],
        example: EventExample(
            subject: "xai-colossus-1", occurredAt: "2026-07-19T12:00:00.5Z",
            json: #"{"power_kw":281500.5,"energy_kwh_total":1234567890.25,"gpu_utilization":0.874,"gpus":200000,"pue":1.18}"#))
}
