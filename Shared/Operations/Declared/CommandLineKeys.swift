// The settings of the command line and of tests. See Keys.swift for how to add one.

extension Keys {
    static let commandLine: [KeyDeclaration] = [ingestionURL.declaration, queryURL.declaration, token.declaration]

    public static let ingestionURL = ConfigurationKey<String>.text(
        "GIGAWATCH_INGESTION_URL", "Where events are sent to.", fallback: "http://127.0.0.1:8080")
    public static let queryURL = ConfigurationKey<String>.text("GIGAWATCH_QUERY_URL", "Where questions are asked.", fallback: "http://127.0.0.1:8081")
    public static let token = ConfigurationKey<String>.text(
        "GIGAWATCH_TOKEN", "The bearer token that the command line sends.", shownDefault: "none", isSecret: true)

    static let tests: [KeyDeclaration] = [failpoint.declaration]

    public static let failpoint = ConfigurationKey<String>.text(
        "GIGAWATCH_FAILPOINT", "For fault tests: `name:kill[:nth]` ends the process at a named place.", shownDefault: "none")
}
