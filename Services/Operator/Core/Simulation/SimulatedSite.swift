// A believable meter of one site, from a seed: a steady load with noise and a slow swing, which once per span rises above the site's limit and
// comes back. Some readings come late, some twice, some never, as meters do. Pure: the same seed and times give the same readings for ever.

public import Models

/// A small generator with a seed: SplitMix64 (Steele, Lea, Flood 2014).
public struct SeededRandom: Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Evenly from 0 to 1.
    public mutating func unit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }
}

public struct SimulatedSite: Sendable {
    public let site: String
    public let seed: UInt64
    public let limitMegawatts: Double
    /// After so long the shape begins again.
    public let span: Double
    public let intervalSeconds: Double
    public let start: Instant

    public static let source = "/gigawatch/simulated"

    public init(site: String, seed: UInt64, limitMegawatts: Double, spanSeconds: Double, intervalSeconds: Double, start: Instant) {
        self.site = site
        self.seed = seed
        self.limitMegawatts = limitMegawatts
        span = max(60, spanSeconds)
        self.intervalSeconds = max(0.1, intervalSeconds)
        self.start = start
    }

    /// The load as a share of the limit at a point of the span (0…1): a plateau below, a ramp above, a plateau there, and back.
    static func shape(_ position: Double) -> Double {
        let points: [(Double, Double)] = [(0, 0.82), (0.30, 0.83), (0.40, 1.06), (0.66, 1.07), (0.76, 0.86), (1, 0.82)]
        for (a, b) in zip(points, points.dropFirst()) where position <= b.0 {
            return a.1 + (b.1 - a.1) * (position - a.0) / (b.0 - a.0)
        }
        return 0.82
    }

    /// What the meter reads at step `index`. Each step has its own random numbers, so that any step can be made alone.
    public func reading(_ index: Int) -> (at: Instant, powerKilowatts: Double, energyKilowattHours: Double, utilization: Double) {
        let seconds = Double(index) * intervalSeconds
        var random = SeededRandom(seed: seed &* 0x1000_0000_01B3 &+ UInt64(truncatingIfNeeded: index))
        let position = (seconds / span).truncatingRemainder(dividingBy: 1)
        let noise = (random.unit() + random.unit() - 1) * 0.006
        let share = max(0, Self.shape(position) + noise)
        let power = (share * limitMegawatts * 1_000 * 10).rounded() / 10
        let energy = (limitMegawatts * 1_000 * 0.9 * seconds / 3600 * 100).rounded() / 100
        return (start.adding(seconds), power, energy, (min(0.99, 0.62 + share * 0.32 + noise) * 1_000).rounded() / 1_000)
    }

    /// The event of step `index`, as JSON.
    public func event(_ index: Int) -> [UInt8] {
        let reading = reading(index)
        var event = EventWriter(.siteTelemetry, id: "\(site)/\(seed)/\(reading.at)", source: Self.source, subject: site, occurredAt: reading.at)
        event.data { writer in
            writer.member("power_kw", reading.powerKilowatts)
            writer.member("energy_kwh_total", reading.energyKilowattHours)
            writer.member("gpu_utilization", reading.utilization)
            writer.member("gpus", Int64(limitMegawatts * 700))
            writer.member("pue", 1.2)
        }
        return event.bytes
    }

    /// The steps from 0 in the order in which they arrive: about 1 in 200 is lost, 1 in 100 comes twice, 1 in 100 a few steps late.
    public func arrivals(count: Int) -> [Int] {
        var random = SeededRandom(seed: seed ^ 0xA11_1A75)
        var keyed: [(order: Double, index: Int)] = []
        for index in 0..<max(0, count) {
            let chance = random.unit()
            let isEdge = index == 0 || index >= count - 3
            if chance < 0.005, !isEdge { continue }
            if chance < 0.015, !isEdge {
                keyed.append((Double(index) + 1 + (random.unit() * 3).rounded() + 0.5, index))
                continue
            }
            keyed.append((Double(index), index))
            if chance > 0.99 { keyed.append((Double(index) + 0.25, index)) }
        }
        return keyed.sorted { ($0.order, $0.index) < ($1.order, $1.index) }.map(\.index)
    }
}
