// The settings of `query`. See Keys.swift for how to add one.

extension Keys {
    static let query: [KeyDeclaration] = [
        queryListen.declaration,
    ]

    public static let queryListen = listen("QUERY", port: 8081)
}
