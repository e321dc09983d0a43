// Documents against the code: what ARCHITECTURE, the README and the scripts name must exist.
import Foundation
import Testing

@Suite struct `Documents` {
    @Test func `every file that ARCHITECTURE names exists`() throws {
        let text = try Checkout.text("ARCHITECTURE.md")
        let pattern = try NSRegularExpression(pattern: #"`((?:Services|Shared|Tests|infra|docs|Benchmarks)/[A-Za-z0-9_./+-]+)`"#)
        let names = pattern.matches(in: text, range: NSRange(text.startIndex..., in: text)).compactMap { Range($0.range(at: 1), in: text).map { String(text[$0]) } }
        #expect(names.count >= 20, "ARCHITECTURE.md walks one event through real files")
        for name in names { #expect(Checkout.exists(name), "ARCHITECTURE.md names \(name), which does not exist") }
    }

    @Test func `every relative link of the documents leads somewhere`() throws {
        let pattern = try NSRegularExpression(pattern: #"\]\(([^)#:]+)(#[^)]*)?\)"#)
        for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"] {
            let text = try Checkout.text(document)
            for match in pattern.matches(in: text, range: NSRange(text.startIndex..., in: text)) {
                guard let range = Range(match.range(at: 1), in: text) else { continue }
                #expect(Checkout.exists(String(text[range])), "\(document) links to \(text[range])")
            }
        }
    }

    @Test func `every test target belongs to a tier of infra/local/test`() throws {
        let manifest = try Checkout.text("Package.swift")
        let script = try Checkout.text("infra/local/test")
        let pattern = try NSRegularExpression(pattern: #"^\s+tests\("(\w+)""#, options: .anchorsMatchLines)
        let names = pattern.matches(in: manifest, range: NSRange(manifest.startIndex..., in: manifest)).compactMap { Range($0.range(at: 1), in: manifest).map { String(manifest[$0]) } }
        #expect(names.count > 10)
        let tiers = script.components(separatedBy: "\n").filter { $0.hasPrefix("tier_") }.joined()
        for name in names {
            #expect(tiers.range(of: "[(|^]\(name)[|)T]", options: .regularExpression) != nil, "no tier of infra/local/test runs \(name)Tests")
        }
    }

    @Test func `the make targets of the contract exist`() throws {
        let text = try Checkout.text("Makefile")
        for target in ["demo", "test", "up", "down", "check", "bench", "faults", "format", "clean"] {
            #expect(text.contains("\n\(target):"), "Makefile has no target \(target)")
        }
    }

    @Test func `the container set-up is well formed`() throws {
        let (status, output) = try Checkout.run("docker-compose", ["config", "--quiet"], environment: ["POSTGRES_PASSWORD": "test"])
        #expect(status == 0, "docker-compose config: \(output)")
    }
}
