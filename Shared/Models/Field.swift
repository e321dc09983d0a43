// One field of an event's data, as a value: validation, JSON Schema, documentation, CSV columns, SQL columns and their comments all come from
// these tables. Every number carries its unit in its name and here. Read next: EventType.swift, then any file in Events/.

/// What a field may hold.
public enum FieldKind: Sendable, Equatable {
    /// Text without NUL, at most `Field.maximumBytes` of UTF-8.
    case text
    /// The id of an entity.
    case identifier(SubjectKind)
    case enumeration([String])
    /// Any finite number within `Field.range`.
    case number
    case integer
    /// US dollars; `numeric` in SQL, never a double.
    case money
    /// A number from 0 to 1.
    case share
    case boolean
    /// `YYYY-MM-DD`.
    case date
    /// RFC 3339.
    case instant
    /// ISO 3166-1 alpha-2.
    case country
    /// See `Period`.
    case period
    case textList
    case identifierList(SubjectKind)
    case countryList
    /// An object whose members are numbers: `{"NG": 1200, "SUN": 340}`.
    case numberMap
    /// An object with fields of its own.
    case object([Field])
    case objectList([Field])
    /// Any JSON object: a rule, a routing table. Its strings, keys and depth are checked, its meaning is another module's.
    case document

    /// As it is named in violations ("expected") and documents.
    public var name: String {
        switch self {
        case .text: "text"
        case .identifier(let subject): subject.meaning
        case .enumeration(let values): "one of \(values.joined(separator: ", "))"
        case .number, .money: "number"
        case .share: "number from 0 to 1"
        case .integer: "integer"
        case .boolean: "boolean"
        case .date: "date YYYY-MM-DD"
        case .instant: "RFC 3339 instant"
        case .country: "country (ISO 3166-1 alpha-2)"
        case .period: Period.grammar
        case .textList: "list of texts"
        case .identifierList(let subject): "list of \(subject.meaning)s"
        case .countryList: "list of countries (ISO 3166-1 alpha-2)"
        case .numberMap: "object of numbers"
        case .object, .document: "object"
        case .objectList: "list of objects"
        }
    }

    /// The JSON kind that a value must have.
    public var jsonKind: JSONKind {
        switch self {
        case .text, .identifier, .enumeration, .date, .instant, .country, .period: .string
        case .number, .integer, .money, .share: .number
        case .boolean: .boolean
        case .textList, .identifierList, .countryList, .objectList: .array
        case .numberMap, .object, .document: .object
        }
    }
}

/// One field of an event's data.
public struct Field: Sendable, Equatable {
    public let name: String
    public let kind: FieldKind
    public let isRequired: Bool
    /// `MW`, `H100e`, `USD`, …; nil for what has no unit.
    public let unit: String?
    /// Inclusive bounds of a number.
    public let range: ClosedRange<Double>?
    /// UTF-8 bytes that a text may have.
    public let maximumBytes: Int
    public let meaning: String

    public var required: Bool { isRequired }

    /// A field that every event of the type carries.
    public static func required(
        _ name: String, _ kind: FieldKind, unit: String? = nil, range: ClosedRange<Double>? = nil, maximumBytes: Int = Limits.textBytes,
        _ meaning: String
    ) -> Field {
        Field(name: name, kind: kind, isRequired: true, unit: unit, range: range, maximumBytes: maximumBytes, meaning: meaning)
    }

    /// A field that may be missing; null counts as missing.
    public static func optional(
        _ name: String, _ kind: FieldKind, unit: String? = nil, range: ClosedRange<Double>? = nil, maximumBytes: Int = Limits.textBytes,
        _ meaning: String
    ) -> Field {
        Field(name: name, kind: kind, isRequired: false, unit: unit, range: range, maximumBytes: maximumBytes, meaning: meaning)
    }

    /// Inclusive bounds after the kind's own are applied; nil for what is no number.
    public var bounds: ClosedRange<Double>? {
        switch kind {
        case .share: range ?? 0...1
        case .number, .numberMap: range ?? -Quantity.largest...Quantity.largest
        case .integer: range ?? -9_007_199_254_740_992...9_007_199_254_740_992
        case .money: range ?? Quantity.usd
        default: nil
        }
    }
}

/// Bounds of quantities, so wide that only a wrong unit or a broken meter is outside.
public enum Quantity {
    public static let largest = 1e300
    /// Megawatts are never negative. The upper bound is a hundred times the ladder's last step.
    public static let megawatts: ClosedRange<Double> = 0...1e7
    /// Megawatts that may flow both ways (interchange, a pumping plant's net generation).
    public static let signedMegawatts: ClosedRange<Double> = -1e7...1e7
    public static let kilowatts: ClosedRange<Double> = 0...1e10
    public static let kilowattHours: ClosedRange<Double> = 0...1e15
    public static let terawattHours: ClosedRange<Double> = 0...1e6
    public static let h100e: ClosedRange<Double> = 0...1e12
    public static let usd: ClosedRange<Double> = 0...1e16
    public static let count: ClosedRange<Double> = 0...1e12
    public static let year: ClosedRange<Double> = 1900...2200
}

/// Limits of what the door takes, declared once.
public enum Limits {
    public static let idBytes = 256
    public static let sourceBytes = 1024
    public static let subjectBytes = 256
    public static let typeBytes = 128
    public static let attributeBytes = 4096
    public static let attributeNameBytes = 64
    public static let textBytes = 4096
    public static let keyBytes = 256
    /// A rule's or a routing table's text.
    public static let documentTextBytes = 65_536
    /// Objects and arrays inside `data`, counted from `data` itself.
    public static let depth = 16
    /// Elements of a list and members of an object.
    public static let children = 10_000
    /// Violations that one event reports at most.
    public static let violations = 20
    /// Seconds that an event's `time` may lie ahead of its acceptance.
    public static let aheadSeconds = 300.0
    /// Seconds by which the broker's clock may lag the door's before an accepted record is called too early.
    public static let clockToleranceSeconds = 300.0
}
