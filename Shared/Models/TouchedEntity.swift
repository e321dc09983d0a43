// Which entities an event says something about: projection marks their read models dirty. It follows from the field tables alone: the subject,
// and every identifier or country in the data. Read next: SubjectKind.swift.

/// An entity, by kind and id.
public struct TouchedEntity: Hashable, Sendable {
    public let kind: SubjectKind
    public let id: String

    public init(kind: SubjectKind, id: String) { (self.kind, self.id) = (kind, id) }
}

extension EventType {
    /// The entities that the event touches, its subject first, each once. Data that does not fit the field tables touches nothing.
    public func entities(of event: EventView) -> [TouchedEntity] {
        var found: [TouchedEntity] = []
        func add(_ kind: SubjectKind, _ bytes: UnsafeRawBufferPointer?) {
            guard let bytes, kind.accepts(bytes) else { return }
            let entity = TouchedEntity(kind: kind, id: bytes.text)
            if !found.contains(entity) { found.append(entity) }
        }
        func walk(_ fields: [Field], _ object: JSONView) {
            for field in fields {
                guard let value = object.member(named: field.name) else { continue }
                switch field.kind {
                case .identifier(.event): continue
                case .identifier(let kind): add(kind, value.stringBytes)
                case .country: add(.country, value.stringBytes)
                case .identifierList(let kind): for element in value.elements { add(kind, element.stringBytes) }
                case .countryList: for element in value.elements { add(.country, element.stringBytes) }
                case .object(let inner): walk(inner, value)
                case .objectList(let inner): for element in value.elements { walk(inner, element) }
                case .text, .enumeration, .number, .integer, .money, .share, .boolean, .date, .instant, .period, .textList, .numberMap, .document:
                    continue
                }
            }
        }
        add(subject, event.subject)
        if let data = event.data { walk(fields, data) }
        return found
    }
}
