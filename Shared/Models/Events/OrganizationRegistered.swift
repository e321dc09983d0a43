// `organization.registered.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let organizationRegistered = EventType(
        "organization.registered", about: .organization,
        "An organisation of the build-out and its home.",
        fields: [
            .required("name", .text, "Name as it is written"),
            .required("country", .country, "Where its home is: the owner's side of sovereignty"),
            .optional("kind", .enumeration(["lab", "cloud", "chipmaker", "utility", "developer", "investor", "government", "other"]), "What it does"),
        ],
        example: EventExample(
            subject: "openai", occurredAt: "2015-12-11T00:00:00Z",
            json: #"{"name":"OpenAI","country":"US","kind":"lab"}"#))
}
