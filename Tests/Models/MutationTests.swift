// Damaged events: whatever comes from outside is answered, never trapped on. The seed is printed, and GIGAWATCH_TEST_SEED replays it.

import Foundation
import JSON
import Models
import Testing

/// SplitMix64: the same numbers from the same seed everywhere.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    static func printed() -> SeededRandom {
        let seed = ProcessInfo.processInfo.environment["GIGAWATCH_TEST_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        return SeededRandom(state: seed)
    }
}

@Suite struct MutationTests {
    static let scraps = [
        "null", "[]", "{}", "-1", "1e308", "1e400", "0.1", "18446744073709551615", "\"\"", "\"\\u0000\"", "\"\\ud800\"", "true",
        "[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]",
        ",", ":", "}", "\"", "\\", "\u{0}", "{\"a\":1,\"a\":1}", "\"2026-02-30\"", "9999999999999999999999",
    ]

    @Test func `a damaged event is answered, never trapped on`() throws {
        var random = SeededRandom.printed()
        let parser = JSONParser()
        let originals = Catalogue.all.map { $0.exampleEvent().bytes }
        var answered = 0
        for round in 0..<40_000 {
            var bytes = originals[round % originals.count]
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let position = Int.random(in: 0..<max(1, bytes.count), using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0 where !bytes.isEmpty: bytes[position] = UInt8.random(in: 0 ... .max, using: &random)
                case 1 where !bytes.isEmpty: bytes.remove(at: position)
                case 2: bytes.removeSubrange(min(position, bytes.count)..<min(position + 9, bytes.count))
                case 3: bytes.insert(contentsOf: Array((Self.scraps.randomElement(using: &random) ?? "").utf8), at: min(position, bytes.count))
                default:
                    // A whole value is replaced, so that the text often stays JSON.
                    guard let colon = bytes.indices.filter({ bytes[$0] == UInt8(ascii: ":") }).randomElement(using: &random) else { continue }
                    let end = bytes[colon...].firstIndex { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "}") } ?? bytes.endIndex
                    bytes.replaceSubrange(colon + 1..<end, with: Array((Self.scraps.randomElement(using: &random) ?? "").utf8))
                }
            }
            bytes.withUnsafeBytes { raw in
                guard let root = try? parser.parse(raw) else { return }
                switch EnvelopeReader.structured(root) {
                case .failure(let violation): _ = violation.description
                case .success(let event):
                    _ = (PayloadDigest(of: event), IdentityDigest(of: event))
                    guard let type = event.eventType else { _ = Catalogue.violation(ofUnknown: event.type); return }
                    #expect(type.violations(in: event, acceptedAt: anyDay).count <= Limits.violations)
                    _ = type.entities(of: event)
                    var writer = JSONWriter()
                    writer.value(root)
                    answered += 1
                }
                _ = (MetricMessage(root), ClockTick(root), AlertTransition(root))
            }
        }
        #expect(answered > 1000)
    }

    @Test func `a check finds the same faults as a plain model of duplicate keys`() throws {
        var random = SeededRandom.printed()
        for _ in 0..<300 {
            let keys = (0..<Int.random(in: 0...60, using: &random)).map { _ in "k\(Int.random(in: 0...400, using: &random))" }
            let json = "{" + keys.map { "\"\($0)\":0" }.joined(separator: ",") + "}"
            var event = EventWriter(.siteTelemetry, id: "1", source: "s", subject: "x", occurredAt: Instant(microseconds: 0))
            event.json = Array("{\"power_kw\":1,\"o\":\(json)}".utf8)
            let found = try violations(String(decoding: event.bytes, as: UTF8.self))
            #expect(found.isEmpty == (Set(keys).count == keys.count))
        }
    }
}
