// The settings of `query`. See Keys.swift for how to add one.

extension Keys {
    static let query: [KeyDeclaration] = [
        queryListen.declaration, queryThreads.declaration, queryConnections.declaration, queryConnectionLimit.declaration,
        queryStatementSeconds.declaration, queryAtLeastSeconds.declaration, queryChartFolder.declaration,
    ]

    public static let queryListen = listen("QUERY", port: 8081)
    public static let queryThreads = ConfigurationKey<Int>.integer(
        "GIGAWATCH_QUERY_THREADS", "Threads that read requests and write answers.", fallback: 2, in: 1...64)
    public static let queryConnections = ConfigurationKey<Int>.integer(
        "GIGAWATCH_QUERY_CONNECTIONS", "Database connections that answer questions; two more follow positions and changes.", fallback: 4, in: 1...200)
    public static let queryConnectionLimit = ConfigurationKey<Int>.integer(
        "GIGAWATCH_QUERY_CONNECTION_LIMIT", "HTTP connections open at once, listeners of the stream among them.", fallback: 4096, in: 1...100_000)
    public static let queryStatementSeconds = ConfigurationKey<Double>.number(
        "GIGAWATCH_QUERY_STATEMENT_SECONDS", "A question that takes longer is given up and answered 503.", fallback: 10, in: 0.05...600, unit: "seconds")
    public static let queryAtLeastSeconds = ConfigurationKey<Double>.number(
        "GIGAWATCH_QUERY_AT_LEAST_SECONDS", "How long a request with `at_least` waits for its position before it is answered 503.", fallback: 10,
        in: 0...300, unit: "seconds")
    public static let queryChartFolder = ConfigurationKey<String>.text(
        "GIGAWATCH_QUERY_CHART_FOLDER", "Where Chart.js lies (Debian's libjs-chart.js); without it the dashboard shows tables only.",
        fallback: "/usr/share/javascript/chart.js")
}
