// `power.contract.changed.v1`: fields, rules between them, an example. Checks, schema, documents and columns all come from here.
// Read next: ../Field.swift for the kinds of fields, ../Catalogue.swift where the type is registered.

extension EventType {
    public static let powerContractChanged = EventType(
        "power.contract.changed", about: .contract,
        """
        A contract for electric power. Delivery roles (interconnection, grid_service) limit what a site may draw; resource \
        roles (ppa, behind_the_meter, campus_purchase) say where it comes from.
        """,
        fields: [
            .required(
                "status", .enumeration(["proposed", "approved", "contracted", "permitted", "energized", "terminated", "expired"]),
                "Where the contract stands"),
            .required("buyer", .identifier(.organization), "Who takes the power"),
            .optional("seller", .identifier(.organization), "Who sells it"),
            .optional("site", .identifier(.site), "The site it is for"),
            .optional("region", .identifier(.region), "The region it is in"),
            .optional("plant", .identifier(.plant), "The plant it comes from"),
            .required("power_mw", .number, unit: "MW", range: Quantity.megawatts, "Contracted power"),
            .optional("firm", .boolean, "Whether the power is guaranteed"),
            .required(
                "role", .enumeration(["ppa", "behind_the_meter", "campus_purchase", "interconnection", "grid_service"]),
                "What the contract is for"),
            .optional("framework", .boolean, "True when other contracts are part of this one; its own megawatts then count within them"),
            .optional("part_of", .identifier(.contract), "The framework that this contract is part of"),
            .optional("starts_on", .date, "First day of supply"),
            .optional("ends_on", .date, "Last day of supply"),
        ],
        rules: [.differsFromSubject("part_of"), .orderedDays(first: "starts_on", last: "ends_on")],
        example: EventExample(
            subject: "talen-amazon-susquehanna", occurredAt: "2024-03-04T00:00:00Z",
            json: #"""
                {"status":"contracted","buyer":"amazon","seller":"talen","site":"cumulus-susquehanna","region":"PJM", \#
                "plant":"susquehanna","power_mw":960,"firm":true,"role":"behind_the_meter","starts_on":"2025-01-01", \#
                "ends_on":"2042-12-31"}
                """#))
}
