// A second, slow and obvious evaluator: it keeps every reading, figure and tick of an alert and folds them all again at every step, level by level,
// with no bands, deadlines, snapshots or negated signs. Engine and oracle must agree on random rules and random histories with late and repeated
// readings, figures that arrive in between, gaps, ticks and restarts. The seed of a failure is in its message.
import AlertingCore
import Models
import Testing

private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

private struct Oracle {
    struct Level {
        let name: String
        let enter: Double
        let until: Double
    }

    enum Item {
        case reading(value: Double, eventAt: Double, acceptedAt: Double)
        case tick(at: Double)
    }

    let levels: [Level]
    let isBelow: Bool
    let hold: Double
    let keep: Double
    var items: [Item] = []
    var state = "inactive"
    var level = ""
    var story: [String] = []

    /// Whether one level is off, waiting to fire, on, or waiting to end after all items, as it says in docs/rules.md.
    private func phase(_ level: Level) -> String {
        var phase = "off"
        var since = 0.0
        var newest = -Double.infinity
        var accepted = 0.0
        for item in items {
            switch item {
            case .reading(let value, let eventAt, let acceptedAt):
                if eventAt < newest { continue }
                newest = eventAt
                accepted = acceptedAt
                let breaches = isBelow ? value < level.enter : value > level.enter
                let holds = isBelow ? value <= level.until : value >= level.until
                switch phase {
                case "off": if breaches { (phase, since) = (hold == 0 ? "on" : "waiting", eventAt) }
                case "waiting": if !breaches { phase = "off" } else if eventAt - since >= hold { phase = "on" }
                case "on": if !holds { (phase, since) = (keep == 0 ? "off" : "ending", eventAt) }
                default: if holds { phase = "on" } else if eventAt - since >= keep { phase = "off" }
                }
            case .tick(let at):
                let estimate = newest + max(0, at - accepted)
                if phase == "waiting", estimate - since >= hold { phase = "on" }
                if phase == "ending", estimate - since >= keep { phase = "off" }
            }
        }
        return phase
    }

    mutating func take(_ item: Item) {
        items.append(item)
        let phases = levels.map { phase($0) }
        let before = (state, level)
        if let top = phases.lastIndex(where: { $0 == "on" || $0 == "ending" }) {
            (state, level) = (phases[top] == "on" ? "firing" : "recovering", levels[top].name)
        } else if let waiting = phases.lastIndex(of: "waiting") {
            (state, level) = ("pending", levels[waiting].name)
        } else {
            state = state == "inactive" || state == "pending" ? "inactive" : "resolved"
            level = ""
        }
        if state != before.0 || (level != before.1 && state != "pending") { story.append("\(before.0)>\(state)" + (level.isEmpty ? "" : ":\(level)")) }
    }
}

@Suite struct OracleTests {
    @Test func `engine and oracle agree on random rules and histories`() throws {
        let base = UInt64.random(in: 0..<1_000_000_000)
        for round in 0..<150 {
            let seed = base + UInt64(round)
            let difference = try compare(seed)
            #expect(difference == nil, "seed \(seed): \(difference ?? "")")
            if difference != nil { return }
        }
    }

    private func compare(_ seed: UInt64) throws -> String? {
        var random = SplitMix(state: seed)
        func pick(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
        let isBelow = pick(2) == 1
        let hold = [0, 0, 3, 7][pick(4)]
        let keep = [0, 0, 2, 5][pick(4)]
        let usesOf = pick(3) == 0
        var levels: [Oracle.Level] = []
        var enter = Double(isBelow ? 70 - pick(10) : 30 + pick(10))
        for name in ["one", "two", "three"].prefix(1 + pick(3)) {
            let gap = Double(pick(6))
            levels.append(Oracle.Level(name: name, enter: enter, until: isBelow ? enter + gap : enter - gap))
            enter += Double(isBelow ? -6 - pick(8) : 6 + pick(8))
        }
        let levelText = levels.map { "{\"name\":\"\($0.name)\",\"\(isBelow ? "below" : "above")\":\($0.enter),\"until\":\($0.until)}" }
        let bench = Bench()
        try bench.publish("""
            {"id":"r","on":"site.telemetry.v1","value":"power_kw",\(usesOf ? "\"of\":\"m.limit\"," : "")"levels":[\(levelText.joined(separator: ","))],
             "for":"\(hold)s","keep_firing_for":"\(keep)s"}
            """)
        var oracle = Oracle(levels: levels, isBelow: isBelow, hold: Double(hold), keep: Double(keep))
        var now = 0.0
        var limit: Double?
        var sequence: Int64 = 0
        bench.begin(0)
        var last = (value: 0.0, event: 0.0)
        for _ in 0..<160 {
            switch pick(12) {
            case 0...5:
                let value = Double(pick(100))
                let event = now - Double([0, 0, 0, 1, 4][pick(5)])
                last = (value, event)
                try bench.power(value, event: event, accepted: now)
                if !usesOf { oracle.take(.reading(value: value, eventAt: event, acceptedAt: now)) } else if let limit, limit > 0 {
                    oracle.take(.reading(value: value / limit, eventAt: event, acceptedAt: now))
                }
            case 6:
                try bench.power(last.value, event: last.event, accepted: now)
                if !usesOf { oracle.take(.reading(value: last.value, eventAt: last.event, acceptedAt: now)) } else if let limit, limit > 0 {
                    oracle.take(.reading(value: last.value / limit, eventAt: last.event, acceptedAt: now))
                }
            case 7:
                sequence += 1
                limit = [nil, 1, 1, 2, 0][pick(5)]
                try bench.metric("m.limit", "abilene", limit, sequence: sequence, accepted: now)
            case 8: try bench.restart()
            case 9: now += Double(pick(6))
            default:
                bench.tick(now)
                oracle.take(.tick(at: now))
                now += Double(pick(3))
            }
        }
        return bench.story == oracle.story ? nil : "engine \(bench.story) oracle \(oracle.story)"
    }
}
