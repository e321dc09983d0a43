// Checks an event against its type. The valid path allocates nothing and touches no reference count: it walks the parsed members once, finds
// each field by hash, and builds text only for what is wrong. The same check runs at the door and behind it, so other programs may write to the
// topics themselves. Read next: Field.swift, CrossFieldRule.swift, FieldTable.swift.

/// Where an event is checked. Behind the door the record's own timestamp is the acceptance time, and the broker's clock may lag the door's: what
/// the door accepted must not be refused there.
public enum CheckPlace: Sendable {
    case door, log
}

extension EventType {
    /// What is wrong with the event: nothing when it is empty. At most `Limits.violations`.
    /// - Parameter acceptedAt: the wall clock at the door, the record's timestamp behind it.
    public func violations(in event: EventView, acceptedAt: Instant, place: CheckPlace = .door) -> [Violation] {
        storage.violations(in: event, acceptedAt: acceptedAt, place: place)
    }
}

extension EventType.Storage {
    @inline(__always)
    func violations(in event: EventView, acceptedAt: Instant, place: CheckPlace) -> [Violation] {
        var checker = EventChecker()
        if !subject.accepts(event.subject) {
            checker.add(.subjectFormat, "/subject", expected: subject.meaning, actual: shown(event.subject))
        }
        checkTimes(event, acceptedAt, place, &checker)
        guard let data = event.data, !data.isNull else {
            checker.add(.dataMissing, "/data", expected: "object", actual: "missing")
            return checker.violations
        }
        guard data.kind == .object else {
            checker.add(.dataType, "/data", expected: "object", actual: data.kind.rawValue)
            return checker.violations
        }
        var pointer = JSONPointer.data
        checker.check(data, table, fields, &pointer, depth: 1)
        if !rules.isEmpty { checker.check(rules, data, subject: event.subject) }
        return checker.violations
    }

    @inline(__always)
    private func checkTimes(_ event: EventView, _ acceptedAt: Instant, _ place: CheckPlace, _ checker: inout EventChecker) {
        let tolerance: Int64 = place == .log ? Int64(Limits.clockToleranceSeconds * 1e6) : 0
        let latest = acceptedAt.microseconds &+ Int64(Limits.aheadSeconds * 1e6) &+ tolerance
        if event.occurredAt.microseconds > latest {
            if family != .fact {
                checker.add(
                    .timeTooFarAhead, "/time", expected: "at most \(Int(Limits.aheadSeconds)) s after \(acceptedAt)",
                    actual: event.occurredAt.description)
            } else if event.assertion != .projected {
                checker.add(
                    .timeProjected, "/assertion", expected: "projected, as the time lies in the future",
                    actual: event.assertion?.rawValue ?? "missing")
            }
        }
        if let knownAt = event.knownAt, knownAt.microseconds > acceptedAt.microseconds &+ tolerance {
            checker.add(.knownAtAfterAcceptance, "/knownat", expected: "at most \(acceptedAt)", actual: knownAt.description)
        }
    }
}

/// Collects violations; holds no memory until there is one.
struct EventChecker {
    private(set) var violations: [Violation] = []
    var isFull: Bool { violations.count >= Limits.violations }

    @inline(never)
    mutating func add(_ code: ErrorCode, _ pointer: String, expected: String, actual: String) {
        guard !isFull else { return }
        violations.append(Violation(code, at: pointer, expected: expected, actual: actual))
    }

    /// Checks an object that has a table of fields. `fields` are the table's own, for words in violations.
    mutating func check(_ object: JSONView, _ table: FieldTable, _ fields: [Field], _ pointer: inout JSONPointer, depth: Int) {
        if object.childCount > Limits.children { tooMany(object, pointer); return }
        var seen: UInt64 = 0
        var unknown = 0
        for (key, value) in object.members {
            let index = table.names.index(of: key)
            guard index >= 0 else {
                unknown += 1
                withUnsafePointer(to: &pointer) { parent in
                    var step = JSONPointer(parent, key: key)
                    checkUnknown(key: key, value, &step, depth: depth)
                }
                continue
            }
            let bit: UInt64 = 1 << UInt64(truncatingIfNeeded: index)
            if seen & bit != 0 {
                add(.jsonDuplicateKey, pointer.appending(key), expected: "each key once", actual: "the key again")
                continue
            }
            if value.isNull { continue }   // null is a missing field
            seen |= bit
            withUnsafePointer(to: &pointer) { parent in
                var step = JSONPointer(parent, key: key)
                check(value, table.fields + index, fields, index, &step, depth: depth)
            }
        }
        if unknown > 1, let key = duplicateKey(in: object) {
            add(.jsonDuplicateKey, pointer.appending(key), expected: "each key once", actual: "the key again")
        }
        let missing = table.requiredMask & ~seen
        if missing != 0 {
            for index in fields.indices where missing >> UInt64(index) & 1 == 1 {
                let name = table.names.name(index)
                add(.dataFieldMissing, pointer.appending(name), expected: fields[index].kind.name, actual: "missing")
            }
        }
    }

    /// Checks one value against its field.
    @inline(__always)
    private mutating func check(
        _ value: JSONView, _ field: UnsafePointer<CompiledField>, _ fields: [Field], _ index: Int, _ pointer: inout JSONPointer, depth: Int
    ) {
        switch field.pointee.shape {
        case .number, .integer:
            guard let number = value.double else { wrongType(value, fields[index], pointer); return }
            if field.pointee.shape == .integer, value.integer == nil, number.magnitude <= 9_007_199_254_740_992 {
                add(.dataFieldType, pointer.text, expected: "integer", actual: "number with a fraction")
            } else if !(number >= field.pointee.low && number <= field.pointee.high) {
                add(.dataFieldRange, pointer.text, expected: bounds(field.pointee), actual: "\(number.shownAsJSON)")
            } else if !value.isExactDouble {
                add(.dataFieldPrecision, pointer.text, expected: "at most 2^53 as an integer", actual: "\(number.shownAsJSON)")
            }
        case .boolean:
            if value.boolean == nil { wrongType(value, fields[index], pointer) }
        case .text, .identifier, .enumeration, .date, .instant, .country, .period:
            guard let text = value.stringBytes else { wrongType(value, fields[index], pointer); return }
            check(text, field, fields[index], pointer)
        case .textList, .identifierList, .countryList:
            checkList(value, field, fields[index], &pointer)
        case .numberMap:
            checkNumberMap(value, field, fields[index], &pointer)
        case .object:
            guard value.kind == .object else { wrongType(value, fields[index], pointer); return }
            if let nested = field.pointee.nested, case .object(let inner) = fields[index].kind {
                check(value, nested.pointee, inner, &pointer, depth: depth + 1)
            }
        case .objectList:
            guard value.kind == .array else { wrongType(value, fields[index], pointer); return }
            if value.childCount > Limits.children { tooMany(value, pointer); return }
            guard let nested = field.pointee.nested, case .objectList(let inner) = fields[index].kind else { return }
            var position = 0
            for element in value.elements {
                withUnsafePointer(to: &pointer) { parent in
                    var step = JSONPointer(parent, index: position)
                    if element.kind == .object {
                        check(element, nested.pointee, inner, &step, depth: depth + 2)
                    } else {
                        add(.dataFieldType, step.text, expected: "object", actual: element.kind.rawValue)
                    }
                }
                position += 1
            }
        case .document:
            guard value.kind == .object else { wrongType(value, fields[index], pointer); return }
            checkTree(value, &pointer, depth: depth + 1, maximumBytes: field.pointee.maximumBytes)
        }
    }

    /// Checks a text, alone or in a list.
    private mutating func check(_ text: UnsafeRawBufferPointer, _ field: UnsafePointer<CompiledField>, _ words: Field, _ pointer: JSONPointer) {
        let fault: ErrorCode?
        switch field.pointee.shape {
        case .enumeration: fault = (field.pointee.choices?.index(of: text) ?? -1) >= 0 ? nil : .dataFieldEnumeration
        case .identifier, .identifierList: fault = field.pointee.subject.accepts(text) ? nil : .dataFieldFormat
        case .country, .countryList: fault = Country.isCode(text) ? nil : .dataFieldFormat
        case .date: fault = Day(iso8601: text) != nil ? nil : .dataFieldFormat
        case .instant: fault = Instant(rfc3339: text) != nil ? nil : .dataFieldFormat
        case .period: fault = Period(text) != nil ? nil : .dataFieldFormat
        default: fault = nil
        }
        if fault == nil, text.count <= field.pointee.maximumBytes, !text.containsNUL { return }
        if text.containsNUL {
            add(.dataFieldNUL, pointer.text, expected: "no NUL", actual: shown(text))
        } else if text.count > field.pointee.maximumBytes {
            add(.dataFieldLength, pointer.text, expected: "at most \(field.pointee.maximumBytes) bytes", actual: "\(text.count) bytes")
        } else if let fault {
            add(fault, pointer.text, expected: words.kind.elementName, actual: shown(text))
        }
    }

    private mutating func checkList(_ value: JSONView, _ field: UnsafePointer<CompiledField>, _ words: Field, _ pointer: inout JSONPointer) {
        guard value.kind == .array else { wrongType(value, words, pointer); return }
        if value.childCount > Limits.children { tooMany(value, pointer); return }
        var position = 0
        for element in value.elements {
            withUnsafePointer(to: &pointer) { parent in
                let step = JSONPointer(parent, index: position)
                if let text = element.stringBytes {
                    check(text, field, words, step)
                } else {
                    add(.dataFieldType, step.text, expected: words.kind.elementName, actual: element.kind.rawValue)
                }
            }
            position += 1
        }
    }

    private mutating func checkNumberMap(_ value: JSONView, _ field: UnsafePointer<CompiledField>, _ words: Field, _ pointer: inout JSONPointer) {
        guard value.kind == .object else { wrongType(value, words, pointer); return }
        if value.childCount > Limits.children { tooMany(value, pointer); return }
        for (key, member) in value.members {
            withUnsafePointer(to: &pointer) { parent in
                let step = JSONPointer(parent, key: key)
                checkKey(key, step)
                if member.isNull { return }   // an unknown value, as anywhere
                guard let number = member.double else {
                    add(.dataFieldType, step.text, expected: "number", actual: member.kind.rawValue)
                    return
                }
                if !(number >= field.pointee.low && number <= field.pointee.high) {
                    add(.dataFieldRange, step.text, expected: bounds(field.pointee), actual: number.shownAsJSON)
                } else if !member.isExactDouble {
                    add(.dataFieldPrecision, step.text, expected: "at most 2^53 as an integer", actual: number.shownAsJSON)
                }
            }
        }
        if let key = duplicateKey(in: value) {
            add(.jsonDuplicateKey, pointer.appending(key), expected: "each key once", actual: "the key again")
        }
    }

    /// A field that the type does not know is kept, so it must be storable.
    private mutating func checkUnknown(key: UnsafeRawBufferPointer, _ value: JSONView, _ pointer: inout JSONPointer, depth: Int) {
        checkKey(key, pointer)
        checkTree(value, &pointer, depth: depth + 1, maximumBytes: Limits.textBytes)
    }

    private mutating func checkKey(_ key: UnsafeRawBufferPointer, _ pointer: JSONPointer) {
        if key.count > Limits.keyBytes {
            add(.dataFieldLength, pointer.text, expected: "a key of at most \(Limits.keyBytes) bytes", actual: "\(key.count) bytes")
        } else if key.containsNUL {
            add(.dataFieldNUL, pointer.text, expected: "no NUL", actual: shown(key))
        }
    }

    /// Any JSON: texts, keys, depth, sizes, duplicate keys.
    private mutating func checkTree(_ value: JSONView, _ pointer: inout JSONPointer, depth: Int, maximumBytes: Int) {
        guard !isFull else { return }
        switch value.kind {
        case .null, .boolean, .number: return
        case .string:
            guard let text = value.stringBytes else { return }
            if text.containsNUL {
                add(.dataFieldNUL, pointer.text, expected: "no NUL", actual: shown(text))
            } else if text.count > maximumBytes {
                add(.dataFieldLength, pointer.text, expected: "at most \(maximumBytes) bytes", actual: "\(text.count) bytes")
            }
        case .array:
            if tooDeepOrMany(value, pointer, depth) { return }
            var position = 0
            for element in value.elements {
                withUnsafePointer(to: &pointer) { parent in
                    var step = JSONPointer(parent, index: position)
                    checkTree(element, &step, depth: depth + 1, maximumBytes: maximumBytes)
                }
                position += 1
            }
        case .object:
            if tooDeepOrMany(value, pointer, depth) { return }
            for (key, member) in value.members {
                withUnsafePointer(to: &pointer) { parent in
                    var step = JSONPointer(parent, key: key)
                    checkKey(key, step)
                    checkTree(member, &step, depth: depth + 1, maximumBytes: maximumBytes)
                }
            }
            if let key = duplicateKey(in: value) {
                add(.jsonDuplicateKey, pointer.appending(key), expected: "each key once", actual: "the key again")
            }
        }
    }

    private mutating func tooDeepOrMany(_ value: JSONView, _ pointer: JSONPointer, _ depth: Int) -> Bool {
        if depth > Limits.depth {
            add(.dataDepth, pointer.text, expected: "at most \(Limits.depth) levels", actual: "more")
            return true
        }
        if value.childCount > Limits.children { tooMany(value, pointer); return true }
        return false
    }

    @inline(never)
    private mutating func tooMany(_ value: JSONView, _ pointer: JSONPointer) {
        add(.dataTooManyChildren, pointer.text, expected: "at most \(Limits.children)", actual: "\(value.childCount)")
    }

    @inline(never)
    private mutating func wrongType(_ value: JSONView, _ field: Field, _ pointer: JSONPointer) {
        add(.dataFieldType, pointer.text, expected: field.kind.jsonKind.rawValue, actual: value.kind.rawValue)
    }

    private func bounds(_ field: CompiledField) -> String { "\(field.low.shownAsJSON) to \(field.high.shownAsJSON)" }
}

extension EventChecker {
    /// Checks what must hold between fields.
    mutating func check(_ rules: [CrossFieldRule], _ data: JSONView, subject: UnsafeRawBufferPointer) {
        for rule in rules {
            switch rule {
            case .valueOrRange(let value, let low, let high):
                let (hasValue, hasLow, hasHigh) = (has(value, data), has(low, data), has(high, data))
                if hasValue != (hasLow && hasHigh), hasLow == hasHigh { continue }
                let given = [(value, hasValue), (low, hasLow), (high, hasHigh)].filter(\.1).map(\.0)
                broken(rule, "/data", actual: given.isEmpty ? "none" : given.joined(separator: ", "))
            case .ordered(let low, let high):
                guard let a = data.member(named: low)?.double, let b = data.member(named: high)?.double, a > b else { continue }
                broken(rule, "/data/\(low)", actual: "\(a.shownAsJSON) > \(b.shownAsJSON)")
            case .orderedDays(let first, let last):
                guard let a = data.member(named: first)?.stringBytes, let b = data.member(named: last)?.stringBytes, let start = Day(iso8601: a),
                    let end = Day(iso8601: b), start > end
                else { continue }
                broken(rule, "/data/\(first)", actual: "\(start) after \(end)")
            case .orderedInstants(let first, let last):
                guard let a = data.member(named: first)?.stringBytes, let b = data.member(named: last)?.stringBytes,
                    let start = Instant(rfc3339: a), let end = Instant(rfc3339: b), start >= end
                else { continue }
                broken(rule, "/data/\(first)", actual: "\(start) not before \(end)")
            case .notEmpty(let name):
                guard let list = data.member(named: name), list.kind == .array, list.childCount == 0 else { continue }
                broken(rule, "/data/\(name)", actual: "none")
            case .atLeastOne(let names):
                if names.contains(where: { has($0, data) }) { continue }
                broken(rule, "/data", actual: "none")
            case .differsFromSubject(let name):
                guard let id = data.member(named: name)?.stringBytes, id.hasSameBytes(as: subject) else { continue }
                broken(rule, "/data/\(name)", actual: shown(id))
            }
        }
    }

    private func has(_ name: String, _ data: JSONView) -> Bool { data.member(named: name).map { !$0.isNull } ?? false }

    private mutating func broken(_ rule: CrossFieldRule, _ pointer: String, actual: String) {
        add(rule.code, pointer, expected: rule.meaning, actual: actual)
    }
}

extension FieldKind {
    /// The kind of one element of a list; the kind itself for anything else.
    var elementName: String {
        switch self {
        case .textList: FieldKind.text.name
        case .identifierList(let subject): FieldKind.identifier(subject).name
        case .countryList: FieldKind.country.name
        default: name
        }
    }
}

extension Double {
    /// As JSONWriter writes it.
    var shownAsJSON: String {
        var writer = JSONWriter(reserving: 24)
        writer.number(self)
        return writer.text
    }
}
