// `site.status.changed.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let siteStatusChanged = EventType(
        "site.status.changed", about: .site,
        "A site's state and description. An absent field keeps what was said before.",
        fields: [
            .required(
                "status",
                .enumeration(["announced", "contracted", "permitted", "under_construction", "energized", "derated", "cancelled", "retired"]),
                "Where the site stands"),
            .optional("name", .text, "Name as it is written"),
            .optional("owner", .identifier(.organization), "Who owns it"),
            .optional("operator", .identifier(.organization), "Who runs it"),
            .optional("users", .identifierList(.organization), "Who computes there"),
            .optional("investors", .identifierList(.organization), "Who pays for it"),
            .optional("country", .country, "Where it stands"),
            .optional("region", .identifier(.region), "The region whose grid it draws on"),
            .optional("latitude", .number, unit: "degrees", range: -90...90, "WGS 84"),
            .optional("longitude", .number, unit: "degrees", range: -180...180, "WGS 84"),
            .optional("planned_facility_power_mw", .number, unit: "MW", range: Quantity.megawatts, "Facility power when it is complete"),
            .optional("planned_h100e", .number, unit: "H100e", range: Quantity.h100e, "Compute when it is complete"),
            .optional("expected_energized_on", .date, "When its first power is expected; the first such day is what slippage counts from"),
            .optional("parent_site", .identifier(.site), "The site that this one is a part of"),
        ],
        rules: [.differsFromSubject("parent_site")],
        example: EventExample(
            subject: "stargate-abilene", occurredAt: "2025-01-21T00:00:00Z",
            json: #"""
                {"status":"under_construction","name":"Stargate Abilene","owner":"crusoe","operator":"oracle","users":["openai"], \#
                "investors":["blue-owl"],"country":"US","region":"ERCO","latitude":32.5,"longitude":-99.78, \#
                "planned_facility_power_mw":1200,"planned_h100e":1400000,"expected_energized_on":"2026-06-30"}
                """#))
}
