// The demo's facts against the catalogue: what the repository ships must pass its own door.
import Foundation
import JSON
import Models
import Testing

@Suite struct `Demo facts` {
    @Test(arguments: ["infra/demo/facts.jsonl", "infra/demo/simulated-site.jsonl"])
    func `each line is a valid event with its evidence`(file: String) throws {
        let parser = JSONParser()
        let lines = try Checkout.text(file).split(separator: "\n")
        var ids: Set<String> = []
        for (number, line) in lines.enumerated() {
            try parser.withParsed(String(line)) { root in
                switch EnvelopeReader.structured(root) {
                case .failure(let violation): Issue.record("\(file):\(number + 1): \(violation)")
                case .success(let event):
                    #expect(event.evidence != nil, "\(file):\(number + 1) names no evidence")
                    let type = try #require(event.eventType, "\(file):\(number + 1) has a type that the catalogue does not know")
                    let violations = type.violations(in: event, acceptedAt: Instant(microseconds: 1_795_500_000_000_000))
                    #expect(violations.isEmpty, "\(file):\(number + 1): \(violations)")
                    ids.insert(String(decoding: event.id, as: UTF8.self))
                }
            }
        }
        #expect(ids.count == lines.count, "ids repeat in \(file)")
    }

    @Test func `there are at least 120 facts from public reporting`() throws {
        #expect(try Checkout.text("infra/demo/facts.jsonl").split(separator: "\n").count >= 120)
    }
}
