// The catalogue as a whole: every type is found by its name, every example is valid, every table is well made.

import JSON
import Models
import Testing

let anyDay = Instant("2026-11-24T12:00:00Z") ?? Instant(microseconds: 0)

/// What is wrong with an event given as JSON, envelope included.
func violations(_ json: String, acceptedAt: Instant = anyDay, place: CheckPlace = .door) throws -> [Violation] {
    try JSONParser().withParsed(json) { root in
        switch EnvelopeReader.structured(root) {
        case .failure(let violation): return [violation]
        case .success(let event):
            guard let type = event.eventType else { return [Catalogue.violation(ofUnknown: event.type)] }
            return type.violations(in: event, acceptedAt: acceptedAt, place: place)
        }
    }
}

@Suite struct CatalogueTests {
    @Test(arguments: Catalogue.all) func `the example of every type is valid`(type: EventType) throws {
        let event = type.exampleEvent()
        #expect(try violations(String(decoding: event.bytes, as: UTF8.self)) == [])
    }

    @Test func `a type is found by its qualified name and by nothing else`() {
        for type in Catalogue.all {
            #expect(Catalogue.type(named: type.qualifiedName)?.name == type.name)
            #expect(Catalogue.type(named: type.name) == nil)
            #expect(Catalogue.type(named: type.qualifiedName + "0") == nil)
        }
        #expect(Catalogue.type(named: "") == nil)
    }
}
