// `region.registered.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let regionRegistered = EventType(
        "region.registered", about: .region,
        "A region of the grid or of the map. Balancing authorities use EIA's codes.",
        fields: [
            .required("name", .text, "Name as it is written"),
            .required("country", .country, "The country it lies in"),
            .optional("kind", .enumeration(["balancing_authority", "zone", "state", "country"]), "What kind of region it is"),
            .optional("parent", .identifier(.region), "The region that this one is a part of; its figures are summed into it"),
        ],
        rules: [.differsFromSubject("parent")],
        example: EventExample(
            subject: "ERCO", occurredAt: "2020-01-01T00:00:00Z",
            json: #"{"name":"Electric Reliability Council of Texas","country":"US","kind":"balancing_authority","parent":"US"}"#))
}
