// The documents that are written from the catalogue, compared with the catalogue. GIGAWATCH_WRITE_DOCS=1 writes them instead.

import Foundation
import JSON
import Models
import Testing

@Suite(.serialized) struct DocumentTests {
    static let docs = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("docs")
    static let writes = ProcessInfo.processInfo.environment["GIGAWATCH_WRITE_DOCS"] == "1"

    private func compare(_ path: String, _ expected: String) throws {
        let file = Self.docs.appendingPathComponent(path)
        if Self.writes {
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try expected.write(to: file, atomically: true, encoding: .utf8)
        }
        let actual = try String(contentsOf: file, encoding: .utf8)
        #expect(actual == expected, "docs/\(path) is not what the code says: run GIGAWATCH_WRITE_DOCS=1 swift test --filter DocumentTests")
    }

    @Test func `docs/events.md is the catalogue`() throws { try compare("events.md", Catalogue.markdown) }

    @Test func `docs/errors.md is the list of codes`() throws { try compare("errors.md", ErrorCode.markdown) }

    @Test(arguments: Catalogue.all) func `docs/schemas holds the schema of every type`(type: EventType) throws {
        try compare("schemas/\(type.qualifiedName).json", String(decoding: type.jsonSchema, as: UTF8.self))
    }

    @Test func `docs/schemas holds nothing else`() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.docs.appendingPathComponent("schemas").path)
        #expect(Set(names) == Set(Catalogue.all.map { "\($0.qualifiedName).json" }))
    }

    @Test(arguments: Catalogue.all) func `a schema is JSON and names every field`(type: EventType) throws {
        try JSONParser().withParsed(type.jsonSchema) { schema in
            let properties = schema["properties"]?["data"]?["properties"]
            for field in type.fields { #expect(properties?.member(named: field.name) != nil) }
            #expect(schema["properties"]?["type"]?["const"]?.string == type.qualifiedName)
        }
    }
}
