// Roll-ups: the figures of a bucket depend on its readings alone. The reference here is the plain definition, reading by reading in time order.

import Models
import Testing

@testable import ProjectionCore

@Suite struct RollupTests {
    struct Sample { var subject: Int; var second: Int64; var power: Double; var energy: Double; var utilization: Double }

    private func batch(_ samples: [Sample], _ subjects: inout SubjectTable) -> ReadingBatch {
        var batch = ReadingBatch()
        for sample in samples {
            let number = Array("site-\(sample.subject)".utf8).withUnsafeBytes { subjects.number(of: $0) }
            let at = Instant(microseconds: sample.second * 1_000_000)
            batch.readings.append(
                Reading(
                    source: .empty, id: .empty, rest: .empty, record: 0, subject: number, partition: 0, recordOffset: 0, occurredAt: at, knownAt: at,
                    acceptedAt: at, powerKW: sample.power, energyKWh: sample.energy, utilization: sample.utilization, pue: .nan,
                    gpus: Reading.absentCount, digest: 1, content: 1, isBeyond: false))
        }
        return batch
    }

    private func samples(_ count: Int, _ random: inout SeededGenerator) -> [Sample] {
        var counters: [Int: Double] = [:]
        return (0..<count).map { index in
            let subject = Int.random(in: 0..<4, using: &random)
            let reset = Int.random(in: 0..<20, using: &random) == 0
            let counter = (reset ? 0 : counters[subject, default: 1000]) + Double(Int.random(in: 0...999, using: &random)) / 7
            counters[subject] = counter
            return Sample(
                subject: subject, second: 1_800_000_000 + Int64(index) * 7 - Int64.random(in: 0...6, using: &random),
                power: Double.random(in: 0...2_000_000, using: &random),
                energy: Int.random(in: 0..<6, using: &random) == 0 ? .nan : counter,
                utilization: Bool.random(using: &random) ? .nan : Double.random(in: 0...1, using: &random))
        }
    }

    @Test func `any order of the same readings gives the same rows`() {
        var random = SeededGenerator.announced("roll-up order")
        for _ in 0..<50 {
            let ordered = samples(Int.random(in: 1...300, using: &random), &random)
            var rows: [[RollupRow]] = []
            var hours: [[RollupRow]] = []
            for _ in 0..<4 {
                var subjects = SubjectTable(partitions: 12)
                for subject in 0..<4 { _ = Array("site-\(subject)".utf8).withUnsafeBytes { subjects.number(of: $0) } }
                var batch = batch(rows.isEmpty ? ordered : ordered.shuffled(using: &random), &subjects)
                var reducer = RollupReducer()
                reducer.reduce(&batch.readings, subjects: &subjects)
                rows.append(reducer.minutes)
                hours.append(reducer.hours)
            }
            #expect(rows.allSatisfy { $0 == rows[0] })
            #expect(hours.allSatisfy { $0 == hours[0] })
        }
    }

    @Test func `rows say what the readings say, one by one`() throws {
        var random = SeededGenerator.announced("roll-up reference")
        let all = samples(2000, &random).shuffled(using: &random)
        var subjects = SubjectTable(partitions: 12)
        var batch = batch(all, &subjects)
        var reducer = RollupReducer()
        reducer.reduce(&batch.readings, subjects: &subjects)
        for (rows, span) in [(reducer.minutes, Int64(60)), (reducer.hours, Int64(3600))] {
            #expect(rows.reduce(0) { $0 + $1.count } == Int64(all.count))
            for row in rows {
                let begin = row.bucket.microseconds / 1_000_000
                let name = subjects.name(of: row.subject)
                let mine = all.filter { "site-\($0.subject)" == name && $0.second >= begin && $0.second < begin + span }
                    .sorted { ($0.second, $0.power) < ($1.second, $1.power) }
                #expect(row.count == Int64(mine.count))
                #expect(row.powerMinKW == mine.map(\.power).min())
                #expect(row.powerMaxKW == mine.map(\.power).max())
                #expect(row.lastPowerKW == mine.last?.power)
                let mean = Double(row.powerSumMilliwatts) / 1e6 / Double(row.count)
                #expect(abs(mean - mine.map(\.power).reduce(0, +) / Double(mine.count)) < 1e-5)
                let counters = mine.filter { !$0.energy.isNaN }.map { ($0.second, FixedPoint.millionths($0.energy)) }.sorted { $0 < $1 }
                var gain: Int64 = 0
                for (earlier, later) in zip(counters, counters.dropFirst()) { gain += later.1 >= earlier.1 ? later.1 - earlier.1 : later.1 }
                #expect(row.counter?.gain ?? 0 == gain)
                #expect(row.counter?.count ?? 0 == Int64(counters.count))
            }
            #expect(zip(rows, rows.dropFirst()).allSatisfy { a, b in
                a.subject == b.subject ? a.bucket < b.bucket : subjects.precedes(a.subject, b.subject)
            })
        }
    }

    @Test func `segments merge the same however they are cut`() {
        var random = SeededGenerator.announced("counter segments")
        for _ in 0..<200 {
            let readings = (0..<Int64.random(in: 2...40, using: &random)).map { index in
                (at: Instant(microseconds: index), reading: Int64.random(in: 0...100, using: &random))
            }
            let whole = CounterSegment(readings: readings)
            let cuts = readings.indices.dropFirst().filter { _ in Int.random(in: 0..<4, using: &random) == 0 }
            var pieces: [CounterSegment] = []
            var begin = 0
            for end in cuts + [readings.count] {
                if let piece = CounterSegment(readings: Array(readings[begin..<end])) { pieces.append(piece) }
                begin = end
            }
            // Neighbours merge in any order, each pair whichever way round.
            while pieces.count > 1 {
                let index = Int.random(in: 0..<(pieces.count - 1), using: &random)
                let merged = Bool.random(using: &random) ? pieces[index].merged(with: pieces[index + 1]) : pieces[index + 1].merged(with: pieces[index])
                pieces.replaceSubrange(index...(index + 1), with: merged.map { [$0] } ?? [])
            }
            #expect(pieces.first == whole)
        }
    }

    @Test func `a counter that was reset gains what it shows since`() {
        let segment = CounterSegment(readings: [100, 150, 20, 50, 50].enumerated().map { (Instant(microseconds: Int64($0.offset)), Int64($0.element)) })
        #expect(segment?.gain == Int64(50 + 20 + 30))
        #expect(segment?.followed(by: CounterSegment(at: Instant(microseconds: 2), reading: 30)) == nil)
    }

    @Test func `no number from outside traps`() {
        for value in [Double.infinity, -.infinity, .nan, 1e300, -1e300, 0, 1e-300] {
            _ = FixedPoint.millionths(value)
            _ = FixedPoint.summableMillionths(value)
            _ = FixedPoint.billionths(value)
        }
        var subjects = SubjectTable(partitions: 12)
        var batch = batch(
            (0..<100).map { Sample(subject: 0, second: -5_000_000_000 + $0 % 3, power: 1e300, energy: $0 % 2 == 0 ? 0 : 1e300, utilization: 1e300) }, &subjects)
        var reducer = RollupReducer()
        reducer.reduce(&batch.readings, subjects: &subjects)
        #expect(reducer.minutes.count == 1)
    }
}
