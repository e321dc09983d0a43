// Readings reduced by (subject, minute) and (subject, hour) inside the batch, before anything is sent: a row appears once in an upsert, in
// primary-key order. Invariant: the rows depend on the set of readings alone, not on their order or on how they were cut into batches; so all
// sums are integers, "last" is decided by (time, value), and counters are segments (CounterSegment.swift).
// Read next: Schema's migration 21 for the columns, App/RollupTables.swift for how rows join those that are stored.

public import Models

/// One row of `telemetry_minute` or `telemetry_hour`, for one batch.
public struct RollupRow: Sendable, Equatable {
    public var subject: Int32
    /// The bucket's beginning.
    public var bucket: Instant
    public var count: Int64
    public var powerMinKW: Double
    public var powerMaxKW: Double
    public var powerSumMilliwatts: Int64
    public var lastAt: Instant
    public var lastPowerKW: Double
    public var utilizationCount: Int64
    public var utilizationSumBillionths: Int64
    /// Nil when no reading of the bucket had a counter.
    public var counter: CounterSegment?

    init(subject: Int32, bucket: Instant, reading: Reading) {
        self.subject = subject
        self.bucket = bucket
        count = 1
        powerMinKW = reading.powerKW
        powerMaxKW = reading.powerKW
        powerSumMilliwatts = FixedPoint.summableMillionths(reading.powerKW)
        lastAt = reading.occurredAt
        lastPowerKW = reading.powerKW
        utilizationCount = reading.utilization.isNaN ? 0 : 1
        utilizationSumBillionths = reading.utilization.isNaN ? 0 : FixedPoint.billionths(reading.utilization)
        counter = reading.energyKWh.isNaN ? nil : CounterSegment(at: reading.occurredAt, reading: FixedPoint.millionths(reading.energyKWh))
    }

    /// Everything but the counter.
    mutating func joinLevels(of other: RollupRow) {
        count &+= other.count
        powerMinKW = min(powerMinKW, other.powerMinKW)
        powerMaxKW = max(powerMaxKW, other.powerMaxKW)
        powerSumMilliwatts = powerSumMilliwatts.addingSaturated(other.powerSumMilliwatts)
        if (other.lastAt.microseconds, other.lastPowerKW) > (lastAt.microseconds, lastPowerKW) {
            lastAt = other.lastAt
            lastPowerKW = other.lastPowerKW
        }
        utilizationCount &+= other.utilizationCount
        utilizationSumBillionths = utilizationSumBillionths.addingSaturated(other.utilizationSumBillionths)
    }
}

/// Reduces one batch after the other.
public struct RollupReducer: Sendable {
    public private(set) var minutes: [RollupRow] = []
    public private(set) var hours: [RollupRow] = []
    private var rowOfBucket: [BucketKey: Int32] = [:]
    private var unordered: [Bool] = []

    private struct BucketKey: Hashable {
        var subject: Int32
        var minute: Int64
    }

    static let minute: Int64 = 60_000_000
    static let hour: Int64 = 3_600_000_000

    public init() {}

    /// Reduces readings (their `row` is written) into `minutes` and `hours`, each in the order of (subject, bucket).
    public mutating func reduce(_ readings: inout [Reading], subjects: inout SubjectTable) {
        minutes.removeAll(keepingCapacity: true)
        unordered.removeAll(keepingCapacity: true)
        rowOfBucket.removeAll(keepingCapacity: true)
        subjects.forgetRows()
        for index in readings.indices { add(&readings[index], &subjects) }
        recountUnordered(readings)
        minutes.sort { a, b in
            a.subject == b.subject ? a.bucket < b.bucket : subjects.precedes(a.subject, b.subject)
        }
        sumHours()
    }

    private mutating func add(_ reading: inout Reading, _ subjects: inout SubjectTable) {
        let minute = floorDivide(reading.occurredAt.microseconds, RollupReducer.minute)
        let bucket = Instant(microseconds: minute &* RollupReducer.minute)
        let fresh = RollupRow(subject: reading.subject, bucket: bucket, reading: reading)
        let newest = Int(subjects.newestRow(of: reading.subject))
        if newest >= 0, minutes[newest].bucket == bucket {
            join(fresh, into: newest)
            reading.row = Int32(truncatingIfNeeded: newest)
            return
        }
        let key = BucketKey(subject: reading.subject, minute: minute)
        let row: Int
        if let known = rowOfBucket[key] {
            row = Int(known)
            join(fresh, into: row)
        } else {
            row = minutes.count
            minutes.append(fresh)
            unordered.append(false)
            rowOfBucket[key] = Int32(truncatingIfNeeded: row)
        }
        reading.row = Int32(truncatingIfNeeded: row)
        subjects.setNewestRow(reading.row, of: reading.subject)
    }

    private mutating func join(_ fresh: RollupRow, into row: Int) {
        minutes[row].joinLevels(of: fresh)
        guard let next = fresh.counter else { return }
        guard let known = minutes[row].counter else {
            minutes[row].counter = next
            return
        }
        if let joined = known.followed(by: next) { minutes[row].counter = joined } else { unordered[row] = true }
    }

    /// A counter reading that came after a later one: those buckets are computed from their sorted readings instead.
    private mutating func recountUnordered(_ readings: [Reading]) {
        guard unordered.contains(true) else { return }
        var found: [Int32: [(at: Instant, reading: Int64)]] = [:]
        for reading in readings where unordered[Int(reading.row)] && !reading.energyKWh.isNaN {
            found[reading.row, default: []].append((reading.occurredAt, FixedPoint.millionths(reading.energyKWh)))
        }
        for (row, readings) in found { minutes[Int(row)].counter = CounterSegment(readings: readings) }
    }

    private mutating func sumHours() {
        hours.removeAll(keepingCapacity: true)
        for row in minutes {
            let bucket = Instant(microseconds: floorDivide(row.bucket.microseconds, RollupReducer.hour) &* RollupReducer.hour)
            if let last = hours.indices.last, hours[last].subject == row.subject, hours[last].bucket == bucket {
                hours[last].joinLevels(of: row)
                if let next = row.counter { hours[last].counter = hours[last].counter.map { $0.followed(by: next) ?? $0 } ?? next }
            } else {
                var hour = row
                hour.bucket = bucket
                hours.append(hour)
            }
        }
    }
}

private func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    value >= 0 ? value / divisor : -((divisor &- 1 &- value) / divisor)
}
