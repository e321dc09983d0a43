// The settings of `alerting`. See Keys.swift for how to add one.

extension Keys {
    static let alerting: [KeyDeclaration] = [
        alertingListen.declaration,
    ]

    public static let alertingListen = listen("ALERTING", port: 8083)
}
