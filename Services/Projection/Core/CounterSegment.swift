// An energy counter over a span of event time, as a value that joins with its neighbours: first and last reading, and the gain between.
// A counter that falls was reset and counts from zero again, so the fall adds the new reading (the rule of Prometheus' `increase`).
// Invariant: segments whose spans do not overlap merge associatively, in integers, so that any split of the same readings into batches ends
// in the same figures. A reading that falls inside a known span needs its neighbours: then the bucket is computed anew from its readings
// (App/RollupTables.swift). Read next: RollupReducer.swift.

public import Models

/// A run of counter readings in time order. Energies are in milliwatt-hours (1e-6 kWh), gains too.
public struct CounterSegment: Sendable, Equatable {
    public var count: Int64
    public var firstAt: Instant
    public var first: Int64
    public var lastAt: Instant
    public var last: Int64
    public var gain: Int64

    public init(at instant: Instant, reading: Int64) {
        (count, firstAt, first, lastAt, last, gain) = (1, instant, reading, instant, reading, 0)
    }

    /// What a counter gained from one reading to the next.
    public static func gain(from earlier: Int64, to later: Int64) -> Int64 {
        later >= earlier ? later &- earlier : later
    }

    /// Whether `next` begins where this one has ended, or later. Readings of the same instant are ordered by their value.
    public func precedes(_ next: CounterSegment) -> Bool {
        (lastAt.microseconds, last) <= (next.firstAt.microseconds, next.first)
    }

    /// This segment followed by `next`; nil when they overlap.
    public func followed(by next: CounterSegment) -> CounterSegment? {
        guard precedes(next) else { return nil }
        var joined = self
        joined.count &+= next.count
        joined.gain = gain.addingSaturated(CounterSegment.gain(from: last, to: next.first)).addingSaturated(next.gain)
        joined.lastAt = next.lastAt
        joined.last = next.last
        return joined
    }

    /// Both, in whatever order they come; nil when they overlap.
    public func merged(with other: CounterSegment) -> CounterSegment? {
        followed(by: other) ?? other.followed(by: self)
    }

    /// The segment of readings in any order; nil when there are none.
    public init?(readings: [(at: Instant, reading: Int64)]) {
        let ordered = readings.sorted { ($0.at.microseconds, $0.reading) < ($1.at.microseconds, $1.reading) }
        guard let first = ordered.first else { return nil }
        var segment = CounterSegment(at: first.at, reading: first.reading)
        for next in ordered.dropFirst() {
            segment = segment.followed(by: CounterSegment(at: next.at, reading: next.reading)) ?? segment
        }
        self = segment
    }
}

extension Int64 {
    /// The sum, held at the ends of the range: absurd counters give an absurd figure, never a trap.
    func addingSaturated(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other > 0 ? .max : .min) : sum
    }
}

/// Measured values as integers, because sums of doubles depend on their order and figures must not.
public enum FixedPoint {
    /// kW to milliwatts, or kWh to milliwatt-hours: six decimals are exact. Held within ±9.2e12.
    public static func millionths(_ value: Double) -> Int64 { scaled(value, by: 1e6, limit: 9.2e18) }
    /// As `millionths`, for values that are summed: held within ±1e10 kW, the range of the catalogue; sums saturate beyond 9.2e12 kW.
    public static func summableMillionths(_ value: Double) -> Int64 { scaled(value, by: 1e6, limit: 1e16) }
    /// A share as billionths.
    public static func billionths(_ value: Double) -> Int64 { scaled(value, by: 1e9, limit: 5e14) }

    private static func scaled(_ value: Double, by factor: Double, limit: Double) -> Int64 {
        let product = (value * factor).rounded(.toNearestOrEven)
        guard product.isFinite else { return 0 }
        return Int64(min(max(product, -limit), limit))
    }
}
