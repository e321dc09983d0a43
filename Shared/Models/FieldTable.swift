// A table of fields in the form that the checker walks: plain numbers and pointers, made once per event type, so that checking an event touches
// no reference count. Memory is never freed: the catalogue lives as long as the program.

/// The checks of one field, without references.
struct CompiledField {
    enum Shape: UInt8 {
        case text, identifier, enumeration, number, integer, boolean, date, instant, country, period
        case textList, identifierList, countryList, numberMap, object, objectList, document
    }
    let shape: Shape
    let subject: SubjectKind
    let isRequired: Bool
    let low: Double
    let high: Double
    let maximumBytes: Int
    /// The values of an enumeration, by index.
    let choices: NameTable?
    /// The fields of an object, or of each object of a list.
    let nested: UnsafePointer<FieldTable>?
}

/// The fields of an object, found by name.
struct FieldTable: @unchecked Sendable {
    // Unchecked: the pointers are written in `init` alone and never freed.
    let names: NameTable
    let fields: UnsafePointer<CompiledField>
    /// One bit per required field.
    let requiredMask: UInt64

    init(_ fields: [Field]) {
        precondition(fields.count <= 64, "a type has at most 64 fields")
        names = NameTable(fields.map(\.name))
        let compiled = UnsafeMutablePointer<CompiledField>.allocate(capacity: max(1, fields.count))
        var mask: UInt64 = 0
        for (index, field) in fields.enumerated() {
            (compiled + index).initialize(to: CompiledField(field))
            if field.isRequired { mask |= 1 << UInt64(index) }
        }
        self.fields = UnsafePointer(compiled)
        requiredMask = mask
    }
}

extension CompiledField {
    init(_ field: Field) {
        var subject = SubjectKind.anything
        var choices: NameTable?
        var nested: UnsafePointer<FieldTable>?
        func table(_ fields: [Field]) -> UnsafePointer<FieldTable> {
            let pointer = UnsafeMutablePointer<FieldTable>.allocate(capacity: 1)
            pointer.initialize(to: FieldTable(fields))
            return UnsafePointer(pointer)
        }
        switch field.kind {
        case .text: shape = .text
        case .identifier(let kind): (shape, subject) = (.identifier, kind)
        case .enumeration(let values): (shape, choices) = (.enumeration, NameTable(values))
        case .number, .money, .share: shape = .number
        case .integer: shape = .integer
        case .boolean: shape = .boolean
        case .date: shape = .date
        case .instant: shape = .instant
        case .country: shape = .country
        case .period: shape = .period
        case .textList: shape = .textList
        case .identifierList(let kind): (shape, subject) = (.identifierList, kind)
        case .countryList: shape = .countryList
        case .numberMap: shape = .numberMap
        case .object(let fields): (shape, nested) = (.object, table(fields))
        case .objectList(let fields): (shape, nested) = (.objectList, table(fields))
        case .document: shape = .document
        }
        (self.subject, self.choices, self.nested) = (subject, choices, nested)
        isRequired = field.isRequired
        low = field.bounds?.lowerBound ?? -.infinity
        high = field.bounds?.upperBound ?? .infinity
        maximumBytes = field.maximumBytes
    }
}
