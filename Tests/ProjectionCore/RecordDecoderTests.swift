// What becomes of each kind of record, in a table; and what is kept of the good ones.

import JSON
import Models
import ProjectionCore
import Testing

@Suite struct RecordDecoderTests {
    static let accepted = Instant("2026-07-19T12:00:05Z") ?? Instant(microseconds: 0)

    static func partition(_ subject: String) -> Int32 {
        Array(subject.utf8).withUnsafeBytes { Partitioner.partition(of: $0, partitions: 12) }
    }

    static func event(
        id: String = "e-1", type: String = "site.telemetry.v1", subject: String = "colossus-1", at time: String = "2026-07-19T12:00:00Z",
        more: String = "", data: String = #"{"power_kw":281500.5,"energy_kwh_total":1234.5,"gpu_utilization":0.5,"gpus":200000,"pue":1.18}"#
    ) -> String {
        #"{"specversion":"1.0","id":"\#(id)","source":"//meters/a","type":"\#(type)","subject":"\#(subject)","time":"\#(time)"\#(more),"data":\#(data)}"#
    }

    /// Decodes texts as records of one topic, each in the partition of `subject`.
    static func decode(
        _ texts: [String], topic: TopicName = .telemetry, subject: String = "colossus-1", windowed: Bool = true,
        into decoder: RecordDecoder = RecordDecoder(partitions: 12)
    ) throws -> RecordDecoder {
        var decoder = decoder
        let parser = JSONParser()
        if windowed, decoder.windows[Int(partition(subject))] == nil {
            decoder.windows[Int(partition(subject))] = DigestWindow(capacity: 1000)
        }
        decoder.begin()
        for (index, text) in texts.enumerated() {
            let place = RecordPlace(
                record: Int32(index), topic: topic, partition: partition(subject), recordOffset: Int64(index), acceptedAt: accepted)
            try parser.withParsed(text) { root in
                switch EnvelopeReader.structured(root) {
                case .success(let event): decoder.take(event, place)
                case .failure(let violation): decoder.take(violation, place)
                }
            }
        }
        return decoder
    }

    @Test func `a reading becomes columns`() throws {
        let decoder = try Self.decode([Self.event()])
        #expect(decoder.fates == [.applied])
        let reading = try #require(decoder.readings.readings.first)
        #expect(reading.powerKW == 281500.5)
        #expect(reading.energyKWh == 1234.5)
        #expect(reading.utilization == 0.5)
        #expect(reading.gpus == 200_000)
        #expect(reading.pue == 1.18)
        #expect(decoder.readings.texts.string(reading.source) == "//meters/a")
        #expect(decoder.readings.texts.string(reading.id) == "e-1")
        #expect(reading.rest.count == 0)
        #expect(decoder.subjects.name(of: reading.subject) == "colossus-1")
        #expect(reading.knownAt == Self.accepted)
    }

    @Test func `what has no column is kept as JSON`() throws {
        let decoder = try Self.decode([
            Self.event(more: #","traceparent":"00-ab","confidence":"low""#, data: #"{"power_kw":1,"z":[1,{"y":2}],"humidity":0.4}"#)
        ])
        let reading = try #require(decoder.readings.readings.first)
        #expect(
            decoder.readings.texts.string(reading.rest)
                == #"{"confidence":"low","traceparent":"00-ab","data":{"humidity":0.4,"z":[1,{"y":2}]}}"#)
        #expect(reading.energyKWh.isNaN)
        #expect(reading.gpus == Reading.absentCount)
    }

    @Test(arguments: [
        (#"[1]"#, TopicName.telemetry, RecordFate.quarantined, ErrorCode.envelopeNotObject),
        (#"{"specversion":"1.0"}"#, .telemetry, .quarantined, .envelopeAttributeMissing),
        (event(type: "site.telemetry.v9"), .telemetry, .unapplied, .typeVersionUnknown),
        (event(type: "moon.base.opened.v1"), .events, .unapplied, .typeUnknown),
        (event(), .events, .quarantined, .topicWrong),
        (event(subject: "elsewhere-9"), .telemetry, .quarantined, .partitionWrong),
        (event(data: #"{"power_kw":"high"}"#), .telemetry, .quarantined, .dataFieldType),
        (event(data: #"{"energy_kwh_total":5}"#), .telemetry, .quarantined, .dataFieldMissing),
        (event(at: "2027-07-19T12:00:00Z"), .telemetry, .quarantined, .timeTooFarAhead),
    ])
    func `a record that cannot be applied says why`(text: String, topic: TopicName, fate: RecordFate, code: ErrorCode) throws {
        #expect(Self.partition("elsewhere-9") != Self.partition("colossus-1"))
        let decoder = try Self.decode([text], topic: topic)
        #expect(decoder.fates == [fate])
        #expect(decoder.refusals.map(\.violation.code) == [code])
        #expect(decoder.readings.isEmpty && decoder.facts.isEmpty)
    }

    @Test func `repeats and conflicts of readings are told apart, in any formatting`() throws {
        let decoder = try Self.decode([
            Self.event(data: #"{"power_kw":5,"gpus":7}"#), Self.event(data: #"{ "gpus": 7, "power_kw": 5.0 }"#),
            Self.event(data: #"{"power_kw":6,"gpus":7}"#), Self.event(id: "e-2", data: #"{"power_kw":5,"gpus":7}"#),
        ])
        #expect(decoder.fates == [.applied, .duplicate, .quarantined, .applied])
        #expect(decoder.refusals.map(\.violation.code) == [.identityConflict])
    }

    @Test func `a reading of a partition without digests in memory is left to the database`() throws {
        let decoder = try Self.decode([Self.event()], windowed: false)
        #expect(decoder.fates == [.undecided])
        #expect(decoder.readings.readings.first?.isBeyond == true)
    }

    @Test func `a batch that comes again after a rollback is the same batch`() throws {
        var decoder = try Self.decode([Self.event(), Self.event(id: "e-2")])
        decoder.rollback()
        decoder = try Self.decode([Self.event(), Self.event(id: "e-2")], into: decoder)
        #expect(decoder.fates == [.applied, .applied])
        decoder.commit()
        decoder = try Self.decode([Self.event(), Self.event(id: "e-3")], into: decoder)
        #expect(decoder.fates == [.duplicate, .applied])
    }

    @Test func `a fact becomes a row with a cell for each field of its type`() throws {
        let data = #"{"status":"energized","name":"Colossus 1","owner":"xai","users":["xai","x"],"country":"US","region":"tva","latitude":35.06,"#
            + #""planned_h100e":1e5,"expected_energized_on":"2024-09-01"}"#
        let decoder = try Self.decode(
            [Self.event(type: "site.status.changed.v1", more: #","supersedes":"e-0","confidence":"high","evidence":"https://x.example/1""#, data: data)],
            topic: .events)
        let facts = decoder.facts
        let row = try #require(facts.rows.first)
        let type = Catalogue.all[Int(row.type)]
        #expect(type.qualifiedName == "site.status.changed.v1")
        #expect(row.cells.count == type.fields.count)
        var shown: [String: String] = [:]
        for (field, cell) in zip(type.fields, row.cells.map { facts.cells[Int($0)] }) {
            switch cell {
            case .null: break
            case .text(let span): shown[field.name] = facts.texts.string(span)
            case .double(let value): shown[field.name] = "\(value)"
            case .day(let day): shown[field.name] = "\(day)"
            case .texts(let first, let count): shown[field.name] = facts.listElements[Int(first)..<Int(first + count)].map { facts.texts.string($0) }.joined(separator: "+")
            default: shown[field.name] = "\(cell)"
            }
        }
        #expect(shown == [
            "status": "energized", "name": "Colossus 1", "owner": "xai", "users": "xai+x", "country": "US", "region": "tva", "latitude": "35.06",
            "planned_h100e": "100000.0", "expected_energized_on": "2024-09-01",
        ])
        #expect(row.correction?.kind == .supersedes)
        #expect(row.confidence == .high)
        let dirty = facts.dirtyEntities(of: [0]).map { "\($0.entity.kind.rawValue) \($0.entity.id)" }
        #expect(dirty == ["country US", "organization x", "organization xai", "region tva", "site colossus-1"])
        #expect(facts.dirtyEntities(of: []).isEmpty)
    }

    @Test func `a withdrawal names its victim, of whatever source`() throws {
        let decoder = try Self.decode(
            [Self.event(type: "fact.withdrawn.v1", data: #"{"source":"//desk","event":"e-9","reason":"wrong site"}"#)], topic: .events)
        let correction = try #require(decoder.facts.rows.first?.correction)
        #expect(correction.kind == .withdraws)
        #expect(decoder.facts.texts.string(correction.victimSource) == "//desk")
        #expect(decoder.facts.texts.string(correction.victimID) == "e-9")
    }

    @Test func `a repeat in the same batch follows its first row`() throws {
        let level = #"{"facility_power_mw":150}"#
        let decoder = try Self.decode(
            [
                Self.event(type: "site.capacity.reported.v1", data: level), Self.event(type: "site.capacity.reported.v1", data: level),
                Self.event(type: "site.capacity.reported.v1", data: #"{"facility_power_mw":151}"#),
            ], topic: .events)
        #expect(decoder.facts.rows.count == 1)
        #expect(decoder.facts.followers.map(\.row) == [0, 0])
        let same = decoder.facts.followers.map { decoder.facts.sameBytes($0.digest, decoder.facts.rows[0].digest) }
        #expect(same == [true, false])
    }

    @Test func `counters balance only when every record has a fate`() {
        var tally = FateTally()
        for fate in RecordFate.allCases where fate != .undecided { tally.count(fate) }
        #expect(tally.balances && tally.read == 5)
        tally.count(.undecided)
        #expect(!tally.balances)
    }
}
