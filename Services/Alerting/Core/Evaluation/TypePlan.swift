// What one event type means to the rules of a partition: the fields to pick from the data, once per record, and the rules to run over them. The
// hot part of each rule is a plain struct in one array, so that a record runs down it without touching an object. One thread.

internal import Models

/// The part of a rule that every reading touches.
struct HotRule {
    var cells: UnsafeMutablePointer<Cell>
    /// Values of the `of` metric by entity number.
    var of: UnsafeMutablePointer<Double>?
    var constant: Double
    var sign: Double
    var slot: Int32
    var shape: CompiledExpression.Shape
    /// True when cells are found by the entity's number and no filter has to be asked.
    var isPlain: Bool
}

final class TypePlan {
    let rules: [RuleColumn]
    private(set) var hot: UnsafeMutablePointer<HotRule>
    let slots: UnsafeMutablePointer<Double>
    private let names: [[UInt8]]
    /// Length and first byte of each name, to pass over most members without comparing.
    private let nameArena: UnsafeMutablePointer<UInt8>
    private let nameStarts: [Int]

    /// - Parameter rules: active rules on one event type, in order of publication.
    init(_ rules: [RuleColumn]) {
        self.rules = rules
        var fields: [String] = []
        for rule in rules { for name in rule.version.fieldNames where !fields.contains(name) { fields.append(name) } }
        names = fields.map { Array($0.utf8) }
        slots = .allocate(capacity: fields.count + 1)
        slots.initialize(repeating: .nan, count: fields.count + 1)
        var starts = [0]
        for name in names { starts.append((starts.last ?? 0) + name.count) }
        nameStarts = starts
        nameArena = .allocate(capacity: (starts.last ?? 0) + 8)
        for (index, name) in names.enumerated() { for (place, byte) in name.enumerated() { nameArena[starts[index] + place] = byte } }
        hot = .allocate(capacity: rules.count + 1)
        for rule in rules {
            rule.expression = CompiledExpression(rule.version.definition.value) { name in fields.firstIndex(of: name) ?? fields.count }
        }
        refresh()
    }

    deinit {
        hot.deallocate()
        slots.deallocate()
        nameArena.deallocate()
    }

    /// Reads the columns' memory again after they grew.
    func refresh() {
        for (index, rule) in rules.enumerated() {
            (hot + index).initialize(to: HotRule(
                cells: rule.cells, of: rule.of?.values, constant: rule.expression.constant, sign: rule.version.sign,
                slot: Int32(rule.expression.slot), shape: rule.expression.shape, isPlain: !rule.isFiner && rule.filters.isEmpty))
        }
    }

    /// Picks the numbers that the rules need; the others are NaN.
    @inline(__always)
    func pick(_ data: JSONView) {
        let count = nameStarts.count - 1
        for index in 0..<count { slots[index] = .nan }
        nameStarts.withUnsafeBufferPointer { starts in
            for (key, value) in data.members {
                for index in 0..<count where starts[index + 1] - starts[index] == key.count {
                    if key.hasSameBytes(as: UnsafeRawBufferPointer(start: nameArena + starts[index], count: key.count)) {
                        slots[index] = value.double ?? .nan
                    }
                }
            }
        }
    }
}
