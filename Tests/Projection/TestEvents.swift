// Records of a small world: sites with levels, corrections, withdrawals, meter readings with counters that reset, and everything that is wrong with
// records. Random, from a seed that is printed.

import Glibc
import Models

struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
    static func announced(_ test: String) -> SeededGenerator {
        let seed = getenv("GIGAWATCH_TEST_SEED").flatMap { UInt64(String(cString: $0)) } ?? UInt64.random(in: 0...UInt64(UInt32.max))
        print("\(test): GIGAWATCH_TEST_SEED=\(seed)")
        return SeededGenerator(seed: seed)
    }
}

enum TestEvents {
    static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000)
    }

    static func event(_ id: String, _ type: String, _ subject: String, at: Instant, more: String = "", data: String) -> String {
        #"{"specversion":"1.0","id":"\#(id)","source":"//test/desk","type":"\#(type)","subject":"\#(subject)","time":"\#(at)"\#(more),"data":\#(data)}"#
    }

    static func reading(_ id: String, _ subject: String, at: Instant, power: Double, energy: Double? = nil, utilization: Double? = nil) -> TestRecord {
        var data = #"{"power_kw":\#(power)"#
        if let energy { data += #","energy_kwh_total":\#(energy)"# }
        if let utilization { data += #","gpu_utilization":\#(utilization)"# }
        return TestRecord(topic: .telemetry, key: subject, value: event(id, "site.telemetry.v1", subject, at: at, data: data + "}"))
    }

    static func fact(_ id: String, _ type: String, _ subject: String, at: Instant, more: String = "", data: String) -> TestRecord {
        TestRecord(
            topic: .events, key: subject, value: event(id, type, subject, at: at, more: more, data: data),
            headers: [("content-type", "application/cloudevents+json"), ("acceptedby", "desk")])
    }

    /// Facts and readings of a few sites, with repeats, conflicts, corrections, late readings and bad records among them.
    static func mixture(facts: Int, readings: Int, _ random: inout SeededGenerator) -> [TestRecord] {
        var records: [TestRecord] = []
        let begin = now().adding(-7200)
        for index in 0..<facts {
            let site = "site-\(Int.random(in: 0..<20, using: &random))"
            let at = Instant(microseconds: begin.microseconds - Int64.random(in: 0...300, using: &random) * 86_400_000_000)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4: records.append(fact("f-\(index)", "site.capacity.reported.v1", site, at: at, data: #"{"facility_power_mw":\#(index % 400)}"#))
            case 4..<7:
                records.append(
                    fact("f-\(index)", "site.status.changed.v1", site, at: at, data: #"{"status":"energized","owner":"lab-\#(index % 3)","region":"ERCO","country":"US"}"#))
            case 7:
                records.append(
                    fact("f-\(index)", "site.capacity.reported.v1", site, at: at, more: #","supersedes":"f-\#(index / 2)""#, data: #"{"facility_power_mw":7}"#))
            case 8: records.append(fact("f-\(index)", "fact.withdrawn.v1", site, at: at, data: #"{"source":"//test/desk","event":"f-\#(index / 3)"}"#))
            default: if let last = records.last { records.append(last) }      // a repeat
            }
        }
        var counters: [String: Double] = [:]
        for index in 0..<readings {
            let site = "site-\(Int.random(in: 0..<20, using: &random))"
            let counter = Int.random(in: 0..<30, using: &random) == 0 ? 0 : counters[site, default: 500] + Double.random(in: 0...9, using: &random)
            counters[site] = counter
            let at = begin.adding(Double(index) * 7000 / Double(max(readings, 1)))
            records.append(
                reading("r-\(index)", site, at: at, power: Double.random(in: 0...90_000, using: &random), energy: counter, utilization: 0.5))
            if Int.random(in: 0..<20, using: &random) == 0, let last = records.last { records.append(last) }
        }
        // Locally out of order, as senders that retry are.
        for index in records.indices where Int.random(in: 0..<5, using: &random) == 0 {
            records.swapAt(index, min(records.count - 1, index + Int.random(in: 0...30, using: &random)))
        }
        for bad in badRecords() { records.insert(bad, at: Int.random(in: 0...records.count, using: &random)) }
        return records
    }

    /// One of each kind of wrong.
    static func badRecords() -> [TestRecord] {
        let at = now().adding(-3600)
        return [
            TestRecord(topic: .events, key: "site-1", value: "{\"specversion\":"),
            TestRecord(topic: .telemetry, key: "site-1", value: "not JSON"),
            TestRecord(topic: .events, key: "site-2", value: nil),
            TestRecord(topic: .events, key: "site-3", value: event("b-1", "moon.base.opened.v1", "site-3", at: at, data: "{}")),
            fact("b-2", "site.capacity.reported.v1", "site-4", at: at, data: #"{"facility_power_mw":"much"}"#),
            fact("b-3", "site.status.changed.v1", "site-5", at: at, data: #"{"status":"energized","name":"a\u0000b"}"#),
        ]
    }
}
