// The evaluator of one partition number: a pure function of its state and the next record. It reads no clock: time is what records and ticks say.
// The caller feeds it cut by cut (control, metrics, events, telemetry, each in offset order, then the tick's time), and takes the transitions.
// Invariant: the same records in the same cuts give the same transitions, whatever process runs them and however often it was restarted.
// One thread. Read next: PartitionEvaluator+Readings.swift, +Control.swift, +Time.swift, Snapshot.swift.

public import Models

/// What the evaluator does not take from rules; the same for every partition and every replay.
public struct EvaluationLimits: Sendable {
    /// A transition whose event is older than this at its cut is recorded and not delivered. Microseconds.
    public var backfillAge: Int64 = 3_600_000_000
    /// An alert that fires untold is told once no reading of it has come for this long. Microseconds of log time.
    public var quiet: Int64 = 5_000_000
    /// A fact further ahead of its acceptance than this is a plan. Microseconds.
    public var ahead: Int64 = Int64(Limits.aheadSeconds * 1e6)

    public init() {}
}

public final class PartitionEvaluator {
    public let partition: Int32
    let limits: EvaluationLimits
    let entities = EntityTable()
    /// In order of first publication; retired ones stay, inactive.
    var columns: [RuleColumn] = []
    var columnNumbers: [String: Int] = [:]
    var metrics: [MetricColumn] = []
    var metricNumbers: [String: Int] = [:]
    /// By the type's position in the catalogue.
    var plans: [TypePlan?]
    private let isReading: [Bool]
    private var room = 64

    /// The cut that is being evaluated.
    public internal(set) var cut: Int64 = 0
    var cutAt: Int64 = .min
    var clockOffset: Int64 = -1

    public private(set) var transitions: [Transition] = []
    public internal(set) var digest = RunningDigest()
    /// Readings older than the newest of their alert: they moved nothing.
    public internal(set) var lateReadings: Int64 = 0

    public init(partition: Int32, limits: EvaluationLimits = EvaluationLimits()) {
        (self.partition, self.limits) = (partition, limits)
        plans = Array(repeating: nil, count: Catalogue.all.count)
        isReading = Catalogue.all.map(\.isReading)
    }

    /// The transitions made since the last call, in order.
    public func takeTransitions() -> [Transition] {
        guard !transitions.isEmpty else { return [] }
        let taken = transitions
        transitions.removeAll(keepingCapacity: true)
        return taken
    }

    /// Begins the cut of a tick: everything until `endCut` belongs to it.
    /// - Parameter clockOffset: the offset of the tick's record.
    public func beginCut(_ number: Int64, at: Instant, clockOffset: Int64) {
        (cut, cutAt, self.clockOffset) = (number, at.microseconds, clockOffset)
    }

    // MARK: Records

    /// A record of `events` or `telemetry`.
    public func event(_ event: EventView, topic: TopicName, recordOffset: Int64, acceptedAt: Instant) {
        let index = event.catalogueIndex
        guard index >= 0 else { return }
        let occurredAt = event.occurredAt.microseconds
        let isMeter = isReading[index]
        var isPlan = false
        if !isMeter {
            isPlan = event.assertion == .projected || occurredAt - acceptedAt.microseconds > limits.ahead
            if !isPlan, let data = event.data { learnFields(event, data, occurredAt) }
        }
        guard let plan = plans[index], let data = event.data else { return }
        let entity = number(of: event.subject)
        plan.pick(data)
        let slots = plan.slots
        let accepted = acceptedAt.microseconds
        for index in 0..<plan.rules.count {
            let hot = plan.hot[index]
            guard hot.isPlain, !isPlan else {
                evaluate(plan.rules[index], entity, slots, event, data, isPlan, topic, recordOffset, occurredAt, accepted)
                continue
            }
            var value: Double
            switch hot.shape {
            case .field: value = slots[Int(hot.slot)]
            case .fieldOverConstant: value = slots[Int(hot.slot)] / hot.constant
            case .fieldTimesConstant: value = slots[Int(hot.slot)] * hot.constant
            case .steps: value = plan.rules[index].expression.value(slots)
            }
            if let of = hot.of { value /= of[entity] }
            value *= hot.sign
            let cell = hot.cells + entity
            if value >= cell.pointee.bandLow, value <= cell.pointee.bandHigh, occurredAt >= cell.pointee.newestEventAt,
                occurredAt < cell.pointee.dueEventAt
            {
                cell.pointee.newestEventAt = occurredAt
                cell.pointee.newestAcceptedAt = accepted
                cell.pointee.newestValue = value
                cell.pointee.newestOffset = recordOffset
            } else {
                read(plan.rules[index], entity, value, Reading(
                    eventAt: occurredAt, acceptedAt: accepted, topic: topic, recordOffset: recordOffset, origin: .event(event)))
            }
        }
    }

    /// A record of `metrics`. A number that was seen already is passed over.
    public func metric(_ view: JSONView, recordOffset: Int64, acceptedAt: Instant) {
        guard let name = view["metric"]?.string, let entityName = view["entity"]?.stringBytes, let sequence = view["sequence"]?.integer else { return }
        let entity = number(of: entityName)
        let column = metricColumn(name)
        guard sequence > column.seen[entity].sequence else { return }
        let value = view["value"]?.double ?? .nan
        column.set(entity, value: value, MetricColumn.Seen(sequence: sequence, acceptedAt: acceptedAt.microseconds, recordOffset: recordOffset))
        if let labels = view["labels"] {
            for (key, label) in labels.members {
                // What a metric says of its entity gives way to what the entity's own events say.
                guard let field = EntityField.named(key.text), let text = label.string else { continue }
                entities.set(entity, field, text, at: .min + 1)
            }
        }
        for rule in column.rules { evaluateMetric(rule, column, entity, isRule: nil) }
    }

    // MARK: Room

    /// The entity's number, with room for it in every column.
    @inline(__always)
    func number(of name: UnsafeRawBufferPointer) -> Int {
        let (number, isNew) = entities.number(of: name)
        if isNew, entities.count > room { makeRoom() }
        return number
    }

    func makeRoom() {
        while room < entities.count { room *= 2 }
        for column in columns where !column.isFiner { column.reserve(room) }
        for metric in metrics { metric.reserve(room) }
        for plan in plans { plan?.refresh() }
    }

    var currentRoom: Int { room }

    func metricColumn(_ name: String) -> MetricColumn {
        if let number = metricNumbers[name] { return metrics[number] }
        let column = MetricColumn(name: name, capacity: room)
        metricNumbers[name] = metrics.count
        metrics.append(column)
        return column
    }

    /// Builds the plans again after rules changed.
    func rebuildPlans() {
        var byType: [Int: [RuleColumn]] = [:]
        for metric in metrics { metric.rules = [] }
        for column in columns where column.isActive {
            let definition = column.version.definition
            column.of = definition.of.map { metricColumn($0) }
            column.filters = compile(definition)
            switch definition.source {
            case .event(let name):
                guard let index = Catalogue.all.firstIndex(where: { $0.qualifiedName == name }) else { continue }
                byType[index, default: []].append(column)
            case .metric(let name):
                column.expression = CompiledExpression(definition.value) { _ in 0 }
                metricColumn(name).rules.append(column)
            }
        }
        for index in plans.indices { plans[index] = byType[index].map { TypePlan($0) } }
    }

    private func compile(_ definition: RuleDefinition) -> [CompiledFilter] {
        let type: EventType? = if case .event(let name) = definition.source { Catalogue.type(named: name) } else { nil }
        return definition.filters.map { filter in
            let fallback = EntityField.named(filter.field)
            let numbers = filter.values.map { entities.textNumber($0) }
            if type?.field(named: filter.field) != nil {
                return .data(
                    name: Array(filter.field.utf8), texts: filter.values.map { Array($0.utf8) }, numbers: filter.values.compactMap { Double($0) },
                    fallback: fallback, fallbackTexts: numbers)
            }
            if let fallback { return .entity(fallback, numbers) }
            return .attribute(AttributeField.named(filter.field) ?? .subject, filter.values.map { Array($0.utf8) })
        }
    }

    // MARK: Fields

    /// Takes the entity's own fields from a fact about it.
    private func learnFields(_ event: EventView, _ data: JSONView, _ occurredAt: Int64) {
        var entity = -1
        for (key, value) in data.members {
            guard key.count >= 4, key.count <= 8, let field = EntityField.named(key.text), let text = value.string else { continue }
            if entity < 0 { entity = number(of: event.subject) }
            entities.set(entity, field, text, at: occurredAt)
        }
    }

    func emit(_ transition: Transition) {
        digest.add(transition)
        transitions.append(transition)
    }
}

/// One value for one alert, with what its transition would name.
struct Reading {
    enum Origin {
        case event(EventView)
        case metric(name: String, sequence: Int64)
        case witness(Witness)
    }

    let eventAt: Int64
    let acceptedAt: Int64
    let topic: TopicName
    let recordOffset: Int64
    let origin: Origin
    /// Set when a publication, not the record, made the value count.
    var decidedBy: ControlEntry?
}
