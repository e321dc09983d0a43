// The path of a reading that may change something: filters, identity, the levels' machine, and the transition when the alert's state moved.

internal import Models

extension PartitionEvaluator {
    /// A rule with filters, a finer identity, or a plan before it: everything that the hot loop leaves.
    func evaluate(
        _ rule: RuleColumn, _ entity: Int, _ slots: UnsafeMutablePointer<Double>, _ event: EventView, _ data: JSONView, _ isPlan: Bool,
        _ topic: TopicName, _ recordOffset: Int64, _ occurredAt: Int64, _ acceptedAt: Int64
    ) {
        if isPlan, !rule.version.definition.includesPlans { return }
        for filter in rule.filters where !passes(filter, entity, event, data) { return }
        var value = rule.expression.value(slots)
        if let of = rule.of { value /= of.values[entity] }
        guard value.isFinite else { return }
        var cell = entity
        if rule.isFiner {
            let values = rule.version.definition.finer.map { name in data.member(named: name).flatMap(Self.text) ?? "" }
            cell = rule.fineCell(entity: entity, values: values)
        }
        read(rule, cell, value * rule.version.sign, Reading(
            eventAt: occurredAt, acceptedAt: acceptedAt, topic: topic, recordOffset: recordOffset, origin: .event(event)))
    }

    /// The current value of a metric for one entity.
    func evaluateMetric(_ rule: RuleColumn, _ column: MetricColumn, _ entity: Int, isRule entry: ControlEntry?) {
        for filter in rule.filters where !passes(filter, entity, nil, nil) { return }
        let seen = column.seen[entity]
        var value = withUnsafeMutablePointer(to: &column.values[entity]) { rule.expression.value($0) }
        if let of = rule.of { value /= of.values[entity] }
        guard value.isFinite else { return }
        // A metric's own clock is the log's: its figures are about now, and their order is their number's.
        read(rule, entity, value * rule.version.sign, Reading(
            eventAt: max(seen.acceptedAt, rule.cells[entity].newestEventAt), acceptedAt: seen.acceptedAt, topic: .metrics,
            recordOffset: seen.recordOffset, origin: .metric(name: column.name, sequence: seen.sequence), decidedBy: entry))
    }

    static func text(_ value: JSONView) -> String? {
        switch value.kind {
        case .string: value.string
        case .boolean: value.boolean == true ? "true" : "false"
        case .number: value.integer.map { String($0) } ?? value.double.map { $0.description }
        case .null, .array, .object: nil
        }
    }

    private func passes(_ filter: CompiledFilter, _ entity: Int, _ event: EventView?, _ data: JSONView?) -> Bool {
        switch filter {
        case .entity(let field, let numbers):
            return numbers.contains(entities.field(entity, field).text)
        case .data(let name, let texts, let numbers, let fallback, let fallbackTexts):
            guard let value = name.withUnsafeBytes({ data?.member($0) }), !value.isNull else {
                guard let fallback else { return false }
                return fallbackTexts.contains(entities.field(entity, fallback).text)
            }
            if let text = value.stringBytes { return texts.contains { wanted in wanted.withUnsafeBytes { text.hasSameBytes(as: $0) } } }
            if let number = value.double { return numbers.contains(number) }
            if let flag = value.boolean { return texts.contains(Array((flag ? "true" : "false").utf8)) }
            return false
        case .attribute(let attribute, let texts):
            let bytes: UnsafeRawBufferPointer?
            switch attribute {
            case .subject: bytes = entities.name(entity)
            case .source: bytes = event?.source
            case .confidence:
                guard let confidence = event?.confidence else { return false }
                return texts.contains(Array(confidence.rawValue.utf8))
            case .assertion:
                guard let assertion = event?.assertion else { return false }
                return texts.contains(Array(assertion.rawValue.utf8))
            }
            guard let bytes else { return false }
            return texts.contains { wanted in wanted.withUnsafeBytes { bytes.hasSameBytes(as: $0) } }
        }
    }

    /// Gives a value (its sign turned for `below`) to one alert's machine.
    func read(_ rule: RuleColumn, _ index: Int, _ value: Double, _ reading: Reading) {
        guard value.isFinite else { return }
        let cell = rule.cells + index
        guard reading.eventAt >= cell.pointee.newestEventAt else {
            lateReadings += 1
            return
        }
        let holds = rule.phases(index)
        if cell.pointee.has(Cell.isSilent) {
            cell.pointee.clear(Cell.isSilent)
        }
        cell.pointee.clear(Cell.isCarried)
        rule.levels.step(holds, value: value, eventAt: reading.eventAt)
        cell.pointee.newestEventAt = reading.eventAt
        cell.pointee.newestAcceptedAt = reading.acceptedAt
        cell.pointee.newestValue = value
        cell.pointee.newestOffset = reading.recordOffset
        if let missing = rule.version.definition.missing {
            rule.nextSilenceAt = min(rule.nextSilenceAt, reading.acceptedAt + missing.after)
        }
        settle(rule, index, reading, kind: reading.decidedBy == nil ? .record : .rule)
    }

    /// Writes what the phases add up to, and emits a transition when it differs from what stood there.
    func settle(_ rule: RuleColumn, _ index: Int, _ reading: Reading, kind: AlertTransition.Kind) {
        let cell = rule.cells + index
        let holds = rule.phases(index)
        let (fromState, fromLevel) = (cell.pointee.state, cell.pointee.level)
        let (state, level) = rule.levels.summary(holds, before: fromState)
        rule.levels.bound(&cell.pointee, holds)
        if cell.pointee.dueEventAt != .max { rule.time(index) }
        let isSame = state == fromState && (level == fromLevel || state == .pending)
        cell.pointee.state = state
        cell.pointee.level = level
        guard !isSame else { return }
        announce(rule, index, from: fromState, fromLevel: fromLevel, reading, kind: kind)
    }

    /// Makes the transition from what stood before to what the cell holds now.
    func announce(
        _ rule: RuleColumn, _ index: Int, from: AlertState, fromLevel: UInt8, _ reading: Reading, kind: AlertTransition.Kind,
        isTelling: Bool = false
    ) {
        let cell = rule.cells + index
        let (to, level) = (cell.pointee.state, cell.pointee.level)
        let key = Int32(index)
        let witness = self.witness(reading)
        let deciding = reading.decidedBy?.witness ?? witness
        if rule.episodes[key] == nil, to == .pending || to == .firing || to == .noData {
            rule.episodes[key] = Episode(first: witness, startedAt: nil)
        }
        if to == .firing || to == .noData, rule.episodes[key]?.startedAt == nil { rule.episodes[key]?.startedAt = reading.eventAt }
        let episode = rule.episodes[key]
        let undelivered = isTelling
            ? .none : self.undelivered(rule, &cell.pointee, from: from, fromLevel: fromLevel, eventAt: reading.eventAt)
        if cell.pointee.has(Cell.isUntold) { rule.time(index) }
        let definition = rule.version.definition
        let measured = cell.pointee.newestValue * rule.version.sign
        let value = to == .noData || !measured.isFinite ? nil : measured
        let threshold = Self.threshold(definition, from: from, fromLevel: fromLevel, to: to, level: level)
        let entity = rule.entity(of: index)
        let subject = entities.nameText(entity)
        let identity = rule.version.identity(subject: subject, finer: rule.finer(of: index))
        let fingerprint = Fingerprint(labels: identity)
        var labels = identity
        labels.append(TextPair("rule", definition.id))
        labels.append(contentsOf: definition.labels)
        for field in EntityField.labels where !labels.contains(where: { $0.name == field.fieldName }) {
            if let text = entities.fieldText(entity, field) { labels.append(TextPair(field.fieldName, text)) }
        }
        labels.sort { $0.name < $1.name }
        let levelName = rule.levelName(level)
        let annotations = rule.version.templates.map { name, template in
            TextPair(name, template.render(
                text: { word in
                    switch word {
                    case "subject", "entity": subject
                    case "level": levelName ?? rule.levelName(fromLevel) ?? ""
                    case "rule": definition.id
                    case "state": to.rawValue
                    case "event_at": Instant(microseconds: reading.eventAt).description
                    default: labels.first { $0.name == word }?.value ?? EntityField.named(word).flatMap { entities.fieldText(entity, $0) } ?? "unknown"
                    }
                },
                number: { word in word == "value" ? value ?? .nan : word == "threshold" ? threshold ?? .nan : nil }))
        }
        emit(Transition(
            kind: kind, rule: definition.id, ruleVersion: rule.version.version, fingerprint: fingerprint, labels: labels, annotations: annotations,
            from: from, to: to, fromLevel: rule.levelName(fromLevel), level: levelName, value: value, threshold: threshold,
            eventAt: Instant(microseconds: reading.eventAt), acceptedAt: Instant(microseconds: reading.decidedBy?.acceptedAt.microseconds ?? reading.acceptedAt),
            startedAt: episode?.startedAt.map { Instant(microseconds: $0) }, deciding: deciding, firstBreach: episode?.first, cut: cut,
            undelivered: undelivered, route: definition.route, owner: definition.owner))
        if to == .resolved || to == .inactive {
            rule.episodes[key] = nil
            cell.pointee.clear(Cell.isUntold)
            cell.pointee.clear(Cell.isTold)
        }
    }

    func witness(_ reading: Reading) -> Witness {
        let place = LogPlace(topic: reading.topic, partition: reading.topic == .clock ? 0 : partition, recordOffset: reading.recordOffset)
        switch reading.origin {
        case .event(let event): return Witness(place: place, source: event.source.text, id: event.id.text)
        case .metric(let name, let sequence): return Witness(place: place, source: name, id: String(sequence))
        case .witness(let witness): return witness
        }
    }

    /// Whether somebody hears of the change, and what the cell remembers of that.
    private func undelivered(_ rule: RuleColumn, _ cell: inout Cell, from: AlertState, fromLevel: UInt8, eventAt: Int64) -> Undelivered {
        switch cell.state {
        case .pending, .recovering, .inactive:
            // From silence to health is news to those who were told of the silence.
            if cell.state == .inactive, from == .noData, cell.has(Cell.isTold) { return .none }
            return .unspoken
        case .resolved:
            if cell.has(Cell.isTold) { return .none }
            return rule.version.definition.mode == .shadow ? .shadow : .backfill
        case .firing, .noData, .error:
            if cell.state == from, cell.level == fromLevel { return .unspoken }
            if cell.state == .firing, from == .recovering, cell.level == fromLevel { return .unspoken }
            if rule.version.definition.mode == .shadow { return .shadow }
            if cutAt - eventAt > limits.backfillAge {
                cell.set(Cell.isUntold)
                return .backfill
            }
            cell.clear(Cell.isUntold)
            cell.set(Cell.isTold)
            return .none
        }
    }

    /// The bound that decided: the one that was passed on the way up, the one that was left on the way down.
    private static func threshold(_ rule: RuleDefinition, from: AlertState, fromLevel: UInt8, to: AlertState, level: UInt8) -> Double? {
        func bound(_ level: UInt8, _ path: KeyPath<RuleLevel, Double>) -> Double? {
            level == 0 || Int(level) > rule.levels.count ? nil : rule.levels[Int(level) - 1][keyPath: path]
        }
        switch to {
        case .pending: return bound(level, \.enter)
        case .firing: return fromLevel > level && from != .pending ? bound(fromLevel, \.until) : bound(level, \.enter)
        case .recovering: return bound(level, \.until)
        case .resolved: return bound(fromLevel, \.until)
        case .inactive: return bound(fromLevel, \.enter)
        case .noData, .error: return nil
        }
    }
}
