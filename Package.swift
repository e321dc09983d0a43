// swift-tools-version: 6.2
// The house: who may import whom. Core targets are pure (values in, values out), App targets are thin (read, call Core, write),
// Shared modules are one Swift face each over a C library. Arrows point one way: App -> Core -> Models, App -> Shared.
// The build runs with `--explicit-target-dependency-import-check error`, so an import that is not listed here does not compile.
// There are no package dependencies on purpose: see ARCHITECTURE.md, "What it stands on".
import PackageDescription

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A C library of the system, reached through pkg-config; `folder` holds module.modulemap and shim.h.
func system(_ name: String, _ folder: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Shared/\(folder)/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// A Swift module under Shared/; `c` names the C module beside it.
func shared(_ name: String, c: String? = nil, uses: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: (c.map { [.target(name: $0)] } ?? []) + uses, path: "Shared/\(name)",
            exclude: c.map { [$0] } ?? [], swiftSettings: strict)
}

/// A service: a pure Core and a thin App (the executable).
func service(_ name: String, core: [Target.Dependency] = ["Models"], app: [Target.Dependency]) -> [Target] {
    [
        .target(name: "\(name)Core", dependencies: core, path: "Services/\(name)/Core", swiftSettings: strict),
        .executableTarget(name: name, dependencies: [.target(name: "\(name)Core"), "Models", "Operations"] + app,
                          path: "Services/\(name)/App", swiftSettings: strict),
    ]
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: dependencies, path: "Tests/\(name)", exclude: exclude, swiftSettings: strict)
}

let package = Package(
    name: "Gigawatch",
    products: [
        .library(name: "Models", targets: ["Models"]),
        .executable(name: "ingestion", targets: ["Ingestion"]),
        .executable(name: "projection", targets: ["Projection"]),
        .executable(name: "alerting", targets: ["Alerting"]),
        .executable(name: "query", targets: ["Query"]),
        .executable(name: "gigawatch", targets: ["Operator"]),
    ],
    targets: [
        system("CKafka", "Kafka", pkgConfig: "rdkafka", apt: "librdkafka-dev"),
        system("CPostgres", "Postgres", pkgConfig: "libpq", apt: "libpq-dev"),
        system("CMicrohttpd", "HTTP", pkgConfig: "libmicrohttpd", apt: "libmicrohttpd-dev"),
        system("CCurl", "HTTPClient", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        system("CCrypto", "Crypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
        system("CYAML", "YAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),
        .target(name: "CSimdjson", path: "Shared/JSON/CSimdjson", linkerSettings: [.linkedLibrary("simdjson")]),

        .target(name: "Models", path: "Shared/Models", swiftSettings: strict, linkerSettings: [.linkedLibrary("m")]),
        shared("JSON", c: "CSimdjson", uses: ["Models"]),
        shared("Kafka", c: "CKafka", uses: ["Models"]),
        shared("Postgres", c: "CPostgres", uses: ["Models"]),
        shared("HTTP", c: "CMicrohttpd"),
        shared("HTTPClient", c: "CCurl"),
        shared("Crypto", c: "CCrypto"),
        shared("YAML", c: "CYAML"),
        shared("Operations", uses: ["Models", "HTTP"]),
        shared("Schema", uses: ["Models", "Postgres"]),
        shared("Streaming", uses: ["Models", "Kafka", "Postgres", "Operations"]),
    ]
    + service("Ingestion", app: ["AlertingCore", "JSON", "Kafka", "HTTP", "Crypto"])
    + service("Projection", app: ["JSON", "Kafka", "Postgres", "Streaming", "Schema", "HTTP"])
    + service("Alerting", app: ["JSON", "YAML", "Kafka", "Postgres", "Streaming", "Schema", "HTTP", "HTTPClient", "Crypto"])
    + service("Query", app: ["AlertingCore", "JSON", "Postgres", "Schema", "HTTP", "HTTPClient"])
    + service("Operator", app: ["AlertingCore", "QueryCore", "IngestionCore", "JSON", "YAML", "Kafka", "Postgres", "Schema", "Streaming", "HTTPClient", "Crypto"])
    + [
        .target(name: "TestServers", dependencies: ["Models", "Kafka", "Postgres", "Schema", "HTTPClient"], path: "Tests/Servers", swiftSettings: strict),
        tests("Models", ["Models", "JSON"]),
        tests("JSON", ["Models", "JSON"]),
        tests("Kafka", ["Models", "Kafka", "TestServers"]),
        tests("Postgres", ["Models", "Postgres", "TestServers"]),
        tests("HTTP", ["HTTP", "HTTPClient"]),
        tests("Shared", ["Models", "Crypto", "YAML", "Operations", "HTTP", "HTTPClient"]),
        tests("Schema", ["Models", "Postgres", "Schema", "TestServers"]),
        tests("Streaming", ["Models", "Kafka", "Postgres", "Streaming", "Schema", "Operations", "TestServers"]),
        tests("IngestionCore", ["Models", "JSON", "IngestionCore"]),
        tests("Ingestion", ["Models", "JSON", "Kafka", "HTTP", "HTTPClient", "Crypto", "Operations", "IngestionCore", "Ingestion", "TestServers"]),
        tests("ProjectionCore", ["Models", "JSON", "ProjectionCore"]),
        tests("Projection", ["Models", "JSON", "Kafka", "Postgres", "Schema", "Streaming", "Operations", "ProjectionCore", "Projection", "TestServers"]),
        tests("AlertingCore", ["Models", "JSON", "YAML", "AlertingCore"]),
        tests("Alerting", ["Models", "JSON", "YAML", "Kafka", "Postgres", "Schema", "Streaming", "HTTP", "HTTPClient", "Crypto", "Operations", "AlertingCore", "Alerting", "TestServers"]),
        tests("QueryCore", ["Models", "QueryCore"]),
        tests("Query", ["Models", "JSON", "Postgres", "Schema", "HTTP", "HTTPClient", "Operations", "QueryCore", "Query", "TestServers"]),
        tests("Operator", ["Models", "JSON", "OperatorCore", "Operator"]),
        tests("House", ["Models", "JSON", "TestServers"]),
        tests("Integration", ["Models", "JSON", "Kafka", "Postgres", "HTTPClient", "Schema", "Crypto", "TestServers"], exclude: ["Peers"]),
        tests("Faults", ["Models", "Kafka", "Postgres", "HTTPClient", "Schema", "TestServers"]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
