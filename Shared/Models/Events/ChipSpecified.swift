// `chip.specified.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let chipSpecified = EventType(
        "chip.specified", about: .chip,
        "An accelerator and what it can do. H100-equivalents are ops_8bit (16-bit where 8-bit is unknown) / 1.979e15.",
        fields: [
            .required("name", .text, "Name as it is written"),
            .optional("maker", .identifier(.organization), "Who designs it"),
            .optional("ops_8bit", .number, unit: "operations/s", range: 0...1e20, "Dense 8-bit operations a second"),
            .optional("ops_16bit", .number, unit: "operations/s", range: 0...1e20, "Dense 16-bit operations a second"),
            .optional("tdp_w", .number, unit: "W", range: 0...1e6, "Thermal design power of one chip"),
            .optional("fab_country", .country, "Where it is made: the chip's origin in sovereignty"),
            .optional("aliases", .textList, "Other names by which sources call it"),
        ],
        example: EventExample(
            subject: "h100-sxm", occurredAt: "2022-03-22T00:00:00Z",
            json: #"""
                {"name":"NVIDIA H100 SXM5 80GB","maker":"nvidia","ops_8bit":1.979e15,"ops_16bit":9.895e14,"tdp_w":700, \#
                "fab_country":"TW","aliases":["H100","NVIDIA H100"]}
                """#))
}
