// Turns one checked fact into a row of columns. Pure: the event comes as views into a parsed record, what is kept is copied into the batch.
// Invariant: the event has passed `EventType.violations`, so a cell that cannot be read is null, never a trap. Read next: FactBatch.swift.

public import Models

extension FactBatch {
    /// Adds `event` as a row, or as a follower of the row that has its identity.
    public mutating func add(_ event: EventView, type: EventType, _ place: RecordPlace) {
        let digest = PayloadDigest(of: event).bytes.withUnsafeBytes { texts.append($0) }
        if let row = row(source: event.source, id: event.id) {
            followers.append(Follower(record: place.record, row: row, digest: digest))
            return
        }
        let firstCell = Int32(truncatingIfNeeded: cells.count)
        let firstEntity = Int32(truncatingIfNeeded: entities.count)
        let subject = texts.append(event.subject)
        entities += FactBatch.withFigures(type.entities(of: event))
        for field in type.fields { cells.append(cell(event.data?.member(named: field.name), field.kind)) }
        let source = texts.append(event.source)
        let data = texts.append(event.data.map(FactBatch.json) ?? Array("{}".utf8))
        rows.append(
            FactRow(
                record: place.record, type: Int32(truncatingIfNeeded: event.catalogueIndex), partition: place.partition,
                recordOffset: place.recordOffset, source: source, id: texts.append(event.id), subject: subject, occurredAt: event.occurredAt,
                knownAt: event.known(acceptedAt: place.acceptedAt), acceptedAt: place.acceptedAt,
                supersedes: event.supersedes.map { texts.append($0) }, confidence: event.confidence, assertion: event.assertion,
                evidence: event.evidence.map { texts.append($0) }, acceptedBy: place.acceptedBy.map { texts.append($0) },
                extensions: extensions(of: event), data: data, digest: digest, cells: firstCell..<Int32(truncatingIfNeeded: cells.count),
                entities: firstEntity..<Int32(truncatingIfNeeded: entities.count), correction: correction(in: event, type, source: source)))
        registerNewestRow(source: event.source, id: event.id)
    }

    private mutating func cell(_ value: JSONView?, _ kind: FieldKind) -> FactCell {
        guard let value, !value.isNull else { return .null }
        switch kind {
        case .text, .identifier, .enumeration, .country, .period: return value.stringBytes.map { .text(texts.append($0)) } ?? .null
        case .number, .share: return value.double.map { .double($0) } ?? .null
        case .integer: return FactBatch.integer(value).map { .integer($0) } ?? .null
        case .money: return value.double.map { .money($0) } ?? .null
        case .boolean: return value.boolean.map { .boolean($0) } ?? .null
        case .date: return value.stringBytes.flatMap { Day(iso8601: $0) }.map { .day($0) } ?? .null
        case .instant: return value.stringBytes.flatMap { Instant(rfc3339: $0) }.map { .instant($0) } ?? .null
        case .textList, .identifierList, .countryList: return list(value)
        case .object, .objectList, .numberMap, .document: return .json(texts.append(FactBatch.json(value)))
        }
    }

    private mutating func list(_ value: JSONView) -> FactCell {
        let first = Int32(truncatingIfNeeded: listElements.count)
        for element in value.elements {
            if let bytes = element.stringBytes { listElements.append(texts.append(bytes)) }
        }
        return .texts(first: first, count: Int32(truncatingIfNeeded: listElements.count) - first)
    }

    /// The touched entities that have figures: rules, alerts and events have none; a posture is of a site or of an organisation, and the name that
    /// is neither has none.
    public static func withFigures(_ touched: [TouchedEntity]) -> [TouchedEntity] {
        touched.flatMap { entity -> [TouchedEntity] in
            switch entity.kind {
            case .organization, .region, .chip, .site, .contract, .plant, .unit, .batch, .model, .policy, .incident, .country: [entity]
            case .anything: [TouchedEntity(kind: .site, id: entity.id), TouchedEntity(kind: .organization, id: entity.id)]
            case .rule, .routing, .fingerprint, .silence, .event: []
            }
        }
    }

    private mutating func correction(in event: EventView, _ type: EventType, source: ArenaSpan) -> Correction? {
        if type.name == "fact.withdrawn" {
            guard let victimSource = event.data?["source"]?.stringBytes, let victim = event.data?["event"]?.stringBytes else { return nil }
            return Correction(kind: .withdraws, victimSource: texts.append(victimSource), victimID: texts.append(victim))
        }
        guard let victim = event.supersedes else { return nil }
        return Correction(kind: .supersedes, victimSource: source, victimID: texts.append(victim))
    }

    private mutating func extensions(of event: EventView) -> ArenaSpan? {
        guard event.extensionCount > 0 else { return nil }
        var writer = JSONWriter()
        writer.object { writer in
            event.forEachExtension { name, value in
                writer.key(name.text)
                writer.value(value)
            }
        }
        return texts.append(writer.bytes)
    }

    /// An integer, also when it was written with a fraction of zero (`8.0`), which JSON does not tell apart.
    static func integer(_ value: JSONView) -> Int64? {
        value.integer ?? value.double.flatMap { Int64(exactly: $0) }
    }

    private static func json(_ value: JSONView) -> [UInt8] {
        var writer = JSONWriter()
        writer.value(value)
        return writer.bytes
    }
}
