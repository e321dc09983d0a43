// The instruments: counter, gauge, histogram. Each update is one or two relaxed atomic additions, so they may stand on a hot path; keep the
// instrument, do not look it up each time. Read next: Metrics.swift, which holds and writes them.

internal import Synchronization

/// A metric's name and meaning, declared once in Declared/…Metrics.swift; docs/metrics.md is checked against these.
public struct MetricDeclaration: Sendable {
    public enum Kind: Sendable {
        case counter
        case gauge
        /// Upper bounds of the buckets, ascending; the last, infinite one is added.
        case histogram([Double])

        public var name: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    public let name: String
    public let kind: Kind
    /// One sentence.
    public let meaning: String
    public let labels: [String]

    public init(_ name: String, _ kind: Kind, _ meaning: String, labels: [String] = []) {
        (self.name, self.kind, self.meaning, self.labels) = (name, kind, meaning, labels)
    }

    /// Buckets from half a millisecond to ten seconds, for latencies in seconds.
    public static let latencyBuckets: [Double] = [
        0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10,
    ]
}

/// Only ever rises.
public final class Counter: Sendable {
    private let total = Atomic<Int64>(0)

    public func add(_ amount: Int = 1) { total.add(Int64(amount), ordering: .relaxed) }
    public var value: Int64 { total.load(ordering: .relaxed) }
}

/// Goes up and down.
public final class Gauge: Sendable {
    private let bits = Atomic<UInt64>(0)

    public func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
    public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
}

/// Counts observations by size.
public final class Histogram: Sendable {
    let bounds: [Double]
    private let cells: [Cell]
    private let sumMicros = Atomic<Int64>(0)

    /// An array cannot hold atomics themselves.
    private final class Cell: Sendable { let count = Atomic<Int64>(0) }

    init(bounds: [Double]) {
        self.bounds = bounds
        cells = (0...bounds.count).map { _ in Cell() }
    }

    public func observe(_ value: Double) {
        var index = 0
        while index < bounds.count, value > bounds[index] { index += 1 }
        cells[index].count.add(1, ordering: .relaxed)
        if value.isFinite, abs(value) < 1e12 { sumMicros.add(Int64(value * 1e6), ordering: .relaxed) }
    }

    var counts: [Int64] { cells.map { $0.count.load(ordering: .relaxed) } }
    var sum: Double { Double(sumMicros.load(ordering: .relaxed)) / 1e6 }
    public var count: Int64 { counts.reduce(0, +) }
}
