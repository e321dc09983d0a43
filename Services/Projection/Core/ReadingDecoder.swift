// Turns one checked reading into columns, and asks the digests in memory whether it is new. Nothing is allocated for a reading with the usual
// attributes; what has no column goes into `rest` as JSON. Invariant: identity and content are digested as everywhere (Models/PayloadDigest.swift).
// Read next: Reading.swift, DigestWindow.swift.

import Models

extension RecordDecoder {
    mutating func takeReading(_ event: EventView, _ place: RecordPlace) {
        let subject = subjects.number(of: event.subject)
        if let violation = misplaced(expected: subjects.partition(of: subject), place) {
            refuse(Refusal(record: place.record, violation))
            return
        }
        var values = ReadingValues()
        if let data = event.data { values.read(data) }
        let rest = values.hasRest || event.isUnusual ? ReadingValues.rest(of: event, hasUnknownData: values.hasRest) : nil

        let partition = Int(place.partition)
        guard windows.indices.contains(partition) else {
            refuse(Refusal(record: place.record, Violation(.partitionWrong, at: "", expected: "0 to \(partitions - 1)", actual: "\(partition)")))
            return
        }
        let digest = max(IdentityDigest(of: event).value, 1)      // 0 marks an empty slot
        let content = PayloadDigest(of: event).prefix
        var isBeyond = false
        switch windows[partition]?.admit(digest: digest, content: content, at: event.occurredAt) ?? .beyond {
        case .duplicate:
            fates.append(.duplicate)
            return
        case .conflict:
            refuse(Refusal(record: place.record, .identityConflict))
            return
        case .beyond:
            isBeyond = true
            fates.append(.undecided)
        case .fresh:
            fates.append(.applied)
        }
        readings.readings.append(
            Reading(
                source: readings.texts.append(event.source), id: readings.texts.append(event.id), rest: rest.map { readings.texts.append($0) } ?? .empty,
                record: place.record, subject: subject, partition: place.partition, recordOffset: place.recordOffset, occurredAt: event.occurredAt,
                knownAt: event.known(acceptedAt: place.acceptedAt), acceptedAt: place.acceptedAt, powerKW: values.power, energyKWh: values.energy,
                utilization: values.utilization, pue: values.pue, gpus: values.gpus, digest: digest, content: content, isBeyond: isBeyond))
    }
}

extension EventView {
    /// Says more than a reading has columns for.
    fileprivate var isUnusual: Bool {
        extensionCount > 0 || confidence != nil || assertion != nil || evidence != nil || supersedes != nil
    }
}

/// The measured values of `site.telemetry.v1`.
private struct ReadingValues {
    var power = Double.nan
    var energy = Double.nan
    var utilization = Double.nan
    var pue = Double.nan
    var gpus = Reading.absentCount
    var hasRest = false

    mutating func read(_ data: JSONView) {
        for (name, value) in data.members {
            switch name.count {
            case 8 where name.hasSameBytes(as: "power_kw" as StaticString): power = value.double ?? .nan
            case 16 where name.hasSameBytes(as: "energy_kwh_total" as StaticString): energy = value.double ?? .nan
            case 15 where name.hasSameBytes(as: "gpu_utilization" as StaticString): utilization = value.double ?? .nan
            case 4 where name.hasSameBytes(as: "gpus" as StaticString): gpus = FactBatch.integer(value) ?? Reading.absentCount
            case 3 where name.hasSameBytes(as: "pue" as StaticString): pue = value.double ?? .nan
            default: hasRest = true
            }
        }
    }

    /// `{"confidence":…,"anything":…,"data":{unknown fields}}`, names in byte order so that equal content gives equal text.
    static func rest(of event: EventView, hasUnknownData: Bool) -> [UInt8] {
        var members: [(name: [UInt8], value: JSONView)] = []
        event.forEachExtension { members.append((Array($0), $1)) }
        var writer = JSONWriter()
        writer.object { writer in
            if let assertion = event.assertion { writer.member("assertion", assertion.rawValue) }
            if let confidence = event.confidence { writer.member("confidence", confidence.rawValue) }
            if let evidence = event.evidence { writer.member("evidence", evidence.text) }
            if let supersedes = event.supersedes { writer.member("supersedes", supersedes.text) }
            write(members, to: &writer)
            guard hasUnknownData, let data = event.data else { return }
            var unknown: [(name: [UInt8], value: JSONView)] = []
            for (name, value) in data.members where !isColumn(name) { unknown.append((Array(name), value)) }
            writer.key("data")
            writer.object { write(unknown, to: &$0) }
        }
        return writer.bytes
    }

    private static func write(_ members: [(name: [UInt8], value: JSONView)], to writer: inout JSONWriter) {
        for (name, value) in members.sorted(by: { $0.name.lexicographicallyPrecedes($1.name) }) {
            writer.key(String(decoding: name, as: UTF8.self))
            writer.value(value)
        }
    }

    private static func isColumn(_ name: UnsafeRawBufferPointer) -> Bool {
        ["power_kw", "energy_kwh_total", "gpu_utilization", "gpus", "pue"].contains { name.hasSameBytes(as: $0) }
    }
}
