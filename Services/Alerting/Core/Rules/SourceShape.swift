// What a rule may name: the fields of its event type (from the catalogue), the entity's own fields, the figure of a metric. The static checks ask
// here, so that a new event type is known to rules without a line of alerting code.

internal import Models

/// Fields of an entity that its own events set and that filters and labels of any rule about it may use.
enum EntityField: Int, CaseIterable {
    case owner, operating, country, region, status, name, kind, buyer, seller, plant, site

    /// As rules and events name it.
    var fieldName: String { self == .operating ? "operator" : String(describing: self) }

    static let names: [String] = allCases.map(\.fieldName)

    static func named(_ name: String) -> EntityField? { allCases.first { $0.fieldName == name } }

    /// Those that join an alert's labels, outside its identity.
    static let labels: [EntityField] = [.owner, .country, .region]
}

/// Attributes of the envelope that a filter may use.
enum AttributeField: Int, CaseIterable {
    case subject, source, confidence, assertion

    static let names: [String] = allCases.map { String(describing: $0) }
    static func named(_ name: String) -> AttributeField? { allCases.first { String(describing: $0) == name } }
}

/// The fields that a source has.
struct SourceShape {
    enum FieldClass: Equatable {
        case number(ClosedRange<Double>, unit: String?)
        case text(allowed: [String]?)
        case other(String)
    }

    let fields: [(name: String, kind: FieldClass)]

    func field(_ name: String) -> FieldClass? { fields.first { $0.name == name }?.kind }

    var numberNames: [String] { fields.compactMap { if case .number = $0.kind { $0.name } else { nil } } }
    var textNames: [String] { fields.compactMap { if case .text = $0.kind { $0.name } else { nil } } }

    /// Nil when the catalogue has no such type.
    static func event(_ qualifiedName: String) -> SourceShape? {
        guard let type = Catalogue.type(named: qualifiedName), type.family != .control else { return nil }
        return SourceShape(fields: type.fields.map { field in
            switch field.kind {
            case .number, .integer, .money, .share:
                (field.name, .number(field.bounds ?? -Double.infinity...Double.infinity, unit: field.unit))
            case .enumeration(let values): (field.name, .text(allowed: values))
            case .text, .identifier, .country, .period: (field.name, .text(allowed: nil))
            case .boolean: (field.name, .text(allowed: ["true", "false"]))
            case .date, .instant, .textList, .identifierList, .countryList, .numberMap, .object, .objectList, .document:
                (field.name, .other(field.kind.name))
            }
        })
    }

    /// A metric has one number, `value`; its unit is the end of its name.
    static let metric = SourceShape(fields: [("value", .number(-Double.infinity...Double.infinity, unit: nil))])
}
