// The settings of `projection`. See Keys.swift for how to add one.

extension Keys {
    static let projection: [KeyDeclaration] = [
        projectionListen.declaration,
    ]

    public static let projectionListen = listen("PROJECTION", port: 8082)
}
