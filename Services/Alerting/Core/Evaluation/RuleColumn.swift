// Everything one partition knows about one rule: a cell per alert and beside it the levels' phases, in plain memory indexed by the entity's
// number, so that a reading finds its alert without a lookup. Rules with a finer identity keep an index of their own. One thread.

internal import Models

/// What is remembered of an alert from its first breach to its end.
struct Episode {
    var first: Witness
    /// Event time at which it began to fire; nil while pending.
    var startedAt: Int64?
}

/// A filter ready to run.
enum CompiledFilter {
    case entity(EntityField, [Int32])
    /// A data field: texts, and the same values as numbers where they are; the entity's own field when the event does not carry it.
    case data(name: [UInt8], texts: [[UInt8]], numbers: [Double], fallback: EntityField?, fallbackTexts: [Int32])
    case attribute(AttributeField, [[UInt8]])
}

final class RuleColumn {
    let id: String
    var version: RuleVersion
    /// False once retired or while disabled.
    var isActive = true
    var levels: LevelTable
    var expression: CompiledExpression
    var filters: [CompiledFilter] = []
    var of: MetricColumn?

    private(set) var cells: UnsafeMutablePointer<Cell>
    private(set) var holds: UnsafeMutablePointer<LevelHold>
    private(set) var capacity: Int
    private var levelCapacity: Int

    /// Cells that every tick looks at.
    var timed: [Int32] = []
    var episodes: [Int32: Episode] = [:]
    /// Log time at which the next silence may have to be said.
    var nextSilenceAt = Int64.max

    /// Alerts finer than the entity: key (entity, values) to cell.
    var fineCells: [[UInt8]: Int32] = [:]
    var fineEntities: [Int32] = []
    var fineValues: [[String]] = []

    var isFiner: Bool { !version.definition.finer.isEmpty }

    init(_ version: RuleVersion, capacity: Int, expression: CompiledExpression) {
        (id, self.version, levels, self.expression) = (version.definition.id, version, version.levels, expression)
        self.capacity = max(capacity, 16)
        levelCapacity = version.levels.count
        cells = .allocate(capacity: self.capacity)
        cells.initialize(repeating: Cell(), count: self.capacity)
        holds = .allocate(capacity: self.capacity * levelCapacity)
        holds.initialize(repeating: LevelHold(), count: self.capacity * levelCapacity)
    }

    deinit {
        cells.deallocate()
        holds.deallocate()
    }

    /// Makes room for cells up to `wanted`.
    func reserve(_ wanted: Int) {
        guard wanted > capacity else { return }
        let more = max(wanted, capacity * 2)
        let newCells = UnsafeMutablePointer<Cell>.allocate(capacity: more)
        newCells.update(from: cells, count: capacity)
        (newCells + capacity).initialize(repeating: Cell(), count: more - capacity)
        let newHolds = UnsafeMutablePointer<LevelHold>.allocate(capacity: more * levelCapacity)
        newHolds.update(from: holds, count: capacity * levelCapacity)
        (newHolds + capacity * levelCapacity).initialize(repeating: LevelHold(), count: (more - capacity) * levelCapacity)
        cells.deallocate()
        holds.deallocate()
        (cells, holds, capacity) = (newCells, newHolds, more)
    }

    /// Takes another version's levels; every phase starts inactive.
    func replaceLevels(_ version: RuleVersion) {
        levels = version.levels
        levelCapacity = levels.count
        holds.deallocate()
        holds = .allocate(capacity: capacity * levelCapacity)
        holds.initialize(repeating: LevelHold(), count: capacity * levelCapacity)
    }

    func reset() {
        for index in 0..<capacity { cells[index] = Cell() }
        for index in 0..<capacity * levelCapacity { holds[index] = LevelHold() }
        timed = []
        episodes = [:]
        fineCells = [:]
        fineEntities = []
        fineValues = []
        nextSilenceAt = .max
    }

    @inline(__always)
    func phases(_ cell: Int) -> UnsafeMutablePointer<LevelHold> { holds + cell * levelCapacity }

    /// Numbers of the cells that exist; those never written among them.
    func cellCount(entities: Int) -> Int { isFiner ? fineEntities.count : min(entities, capacity) }

    func entity(of cell: Int) -> Int { isFiner ? Int(fineEntities[cell]) : cell }
    func finer(of cell: Int) -> [String] { isFiner ? fineValues[cell] : [] }

    /// The cell of an identity finer than the entity.
    func fineCell(entity: Int, values: [String]) -> Int {
        var key: [UInt8] = []
        withUnsafeBytes(of: Int32(entity)) { key.append(contentsOf: $0) }
        for value in values {
            key.append(contentsOf: value.utf8)
            key.append(0)
        }
        if let cell = fineCells[key] { return Int(cell) }
        let cell = fineEntities.count
        reserve(cell + 1)
        fineCells[key] = Int32(cell)
        fineEntities.append(Int32(entity))
        fineValues.append(values)
        return cell
    }

    /// Puts a cell on the list that ticks look at.
    func time(_ cell: Int) {
        guard !cells[cell].has(Cell.isTimed) else { return }
        cells[cell].set(Cell.isTimed)
        timed.append(Int32(cell))
    }

    func levelName(_ level: UInt8) -> String? { level == 0 ? nil : version.definition.levels[Int(level) - 1].name }
}

/// The newest value of one metric for every entity of a partition.
final class MetricColumn {
    let name: String
    /// By entity number; NaN where it is unknown.
    private(set) var values: UnsafeMutablePointer<Double>
    private(set) var seen: UnsafeMutablePointer<Seen>
    private(set) var capacity: Int
    var rules: [RuleColumn] = []

    struct Seen {
        var sequence: Int64 = -1
        var acceptedAt: Int64 = 0
        var recordOffset: Int64 = 0
    }

    init(name: String, capacity: Int) {
        (self.name, self.capacity) = (name, max(capacity, 16))
        values = .allocate(capacity: self.capacity)
        values.initialize(repeating: .nan, count: self.capacity)
        seen = .allocate(capacity: self.capacity)
        seen.initialize(repeating: Seen(), count: self.capacity)
    }

    deinit {
        values.deallocate()
        seen.deallocate()
    }

    func reserve(_ wanted: Int) {
        guard wanted > capacity else { return }
        let more = max(wanted, capacity * 2)
        let newValues = UnsafeMutablePointer<Double>.allocate(capacity: more)
        newValues.update(from: values, count: capacity)
        (newValues + capacity).initialize(repeating: .nan, count: more - capacity)
        let newSeen = UnsafeMutablePointer<Seen>.allocate(capacity: more)
        newSeen.update(from: seen, count: capacity)
        (newSeen + capacity).initialize(repeating: Seen(), count: more - capacity)
        values.deallocate()
        seen.deallocate()
        (values, seen, capacity) = (newValues, newSeen, more)
    }

    func set(_ entity: Int, value: Double, _ seen: Seen) {
        values[entity] = value
        self.seen[entity] = seen
    }
}
