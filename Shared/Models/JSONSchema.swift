// JSON Schema (2020-12) of an event type, written from its field table, so that senders in any language can check before they send. A schema says
// less than the check at the door: lengths count characters there and bytes here, and an order between fields cannot be said (see `$comment`).

extension EventType {
    /// The schema of a whole event of this type in structured mode, indented.
    public var jsonSchema: [UInt8] {
        var writer = JSONWriter(reserving: 4096)
        writer.object { writer in
            writer.member("$schema", "https://json-schema.org/draft/2020-12/schema")
            writer.member("$id", "urn:gigawatch:event:\(qualifiedName)")
            writer.member("title", qualifiedName)
            writer.member("description", meaning)
            writer.member("type", "object")
            writer.key("required")
            writer.strings(["specversion", "id", "source", "type", "subject", "time", "data"])
            writer.key("properties")
            writer.object { writer in
                writer.key("specversion")
                writer.object { $0.member("const", "1.0") }
                writer.property("id", "With source, identifies the event", maximum: Limits.idBytes)
                writer.property("source", "Who says it: a URI reference", maximum: Limits.sourceBytes)
                writer.key("type")
                writer.object { $0.member("const", qualifiedName) }
                writer.key("subject")
                writer.object { writer in
                    writer.member("description", subject.meaning)
                    writer.schema(of: .identifier(subject), in: nil)
                }
                writer.property("time", "When it was true in the world", format: "date-time")
                writer.property("datacontenttype", "A JSON media type")
                writer.property("knownat", "When it became known; when it is accepted, if absent", format: "date-time")
                writer.property("supersedes", "Id of the event of the same source that this one corrects", maximum: Limits.idBytes)
                writer.key("confidence")
                writer.object { $0.key("enum"); $0.strings(Confidence.allCases.map(\.rawValue).reversed()) }
                writer.key("assertion")
                writer.object { $0.key("enum"); $0.strings(Assertion.allCases.map(\.rawValue).reversed()) }
                writer.property("evidence", "A URI where it can be read")
                writer.key("data")
                writer.object { writer in
                    writer.schema(of: fields, rules)
                }
            }
            writer.key("$defs")
            writer.object { writer in
                writer.key("country")
                writer.object { writer in
                    writer.member("description", "ISO 3166-1 alpha-2")
                    writer.member("type", "string")
                    writer.member("pattern", "^(\(Country.pattern))$")
                }
            }
        }
        return JSONWriter.indented(writer.bytes) + [UInt8(ascii: "\n")]
    }
}

extension JSONWriter {
    fileprivate mutating func strings(_ values: [String]) {
        array { writer in for value in values { writer.string(value) } }
    }

    fileprivate mutating func property(_ name: String, _ meaning: String, maximum: Int = Limits.attributeBytes, format: String? = nil) {
        key(name)
        object { writer in
            writer.member("description", meaning)
            writer.member("type", "string")
            writer.member("minLength", 1)
            writer.member("maxLength", maximum)
            if let format { writer.member("format", format) }
        }
    }

    /// The members of the schema of an object with these fields.
    fileprivate mutating func schema(of fields: [Field], _ rules: [CrossFieldRule]) {
        member("type", "object")
        key("required")
        strings(fields.filter(\.isRequired).map(\.name))
        key("properties")
        object { writer in
            for field in fields {
                writer.key(field.name)
                writer.object { writer in
                    writer.member("description", field.unit.map { "\(field.meaning) [\($0)]" } ?? field.meaning)
                    writer.schema(of: field.kind, in: field, notEmpty: rules.contains(.notEmpty(field.name)))
                }
            }
        }
        guard !rules.isEmpty else { return }
        member("$comment", rules.map(\.meaning).joined(separator: "; "))
        let expressed = rules.filter(\.isExpressedInSchema)
        guard !expressed.isEmpty else { return }
        key("allOf")
        array { writer in for rule in expressed { writer.schema(of: rule) } }
    }

    /// The members of the schema of one value. Optional values may be null, which means missing.
    fileprivate mutating func schema(of kind: FieldKind, in field: Field?, notEmpty: Bool = false) {
        let isOptional = field.map { !$0.isRequired } ?? false
        func type(_ name: String, _ writer: inout JSONWriter) {
            if isOptional { writer.key("type"); writer.strings([name, "null"]) } else { writer.member("type", name) }
        }
        switch kind {
        case .text:
            type("string", &self)
            member("maxLength", field?.maximumBytes ?? Limits.textBytes)
        case .identifier(.country), .country:
            if isOptional { key("anyOf"); array { $0.countryReference(); $0.object { $0.member("type", "null") } } }
            else { member("$ref", "#/$defs/country") }
        case .identifier:
            type("string", &self)
            member("maxLength", EntityID.maximumBytes)
            member("pattern", #"^[^\u0000-\u0020\u007f]([^\u0000-\u001f\u007f]*[^\u0000-\u0020\u007f])?$"#)
        case .enumeration(let values):
            key("enum")
            array { writer in
                for value in values { writer.string(value) }
                if isOptional { writer.null() }
            }
        case .number, .money, .share, .integer:
            type(kind == .integer ? "integer" : "number", &self)
            bounds(of: field)
        case .boolean: type("boolean", &self)
        case .date:
            type("string", &self)
            member("format", "date")
        case .instant:
            type("string", &self)
            member("format", "date-time")
        case .period:
            type("string", &self)
            member("pattern", "^((FY)?[0-9]{4}(Q[1-4]|H[12])?|[0-9]{4}-(0[1-9]|1[0-2])|[0-9]{4}-[0-9]{4})$")
        case .textList, .identifierList, .countryList:
            type("array", &self)
            key("items")
            object { writer in
                switch kind {
                case .identifierList(let subject): writer.schema(of: .identifier(subject), in: nil)
                case .countryList: writer.schema(of: .country, in: nil)
                default: writer.schema(of: .text, in: nil)
                }
            }
        case .numberMap:
            type("object", &self)
            key("additionalProperties")
            object { writer in
                writer.key("type")
                writer.strings(["number", "null"])
                writer.bounds(of: field)
            }
        case .object(let fields):
            if isOptional { key("anyOf"); array { $0.object { $0.schema(of: fields, []) }; $0.object { $0.member("type", "null") } } }
            else { schema(of: fields, []) }
        case .objectList(let fields):
            type("array", &self)
            if notEmpty { member("minItems", 1) }
            key("items")
            object { $0.schema(of: fields, []) }
        case .document: type("object", &self)
        }
    }

    private mutating func countryReference() { object { $0.member("$ref", "#/$defs/country") } }

    private mutating func bounds(of field: Field?) {
        guard let bounds = field?.bounds else { return }
        member("minimum", bounds.lowerBound)
        member("maximum", bounds.upperBound)
    }

    private mutating func schema(of rule: CrossFieldRule) {
        object { writer in
            switch rule {
            case .valueOrRange(let value, let low, let high):
                writer.key("oneOf")
                writer.array { writer in
                    writer.branch(given: [value], absent: [low, high])
                    writer.branch(given: [low, high], absent: [value])
                }
            case .atLeastOne(let names):
                writer.key("anyOf")
                writer.array { writer in for name in names { writer.branch(given: [name], absent: []) } }
            case .ordered, .orderedDays, .orderedInstants, .notEmpty, .differsFromSubject: break
            }
        }
    }

    /// These members are there and not null; those are missing or null.
    private mutating func branch(given: [String], absent: [String]) {
        object { writer in
            writer.key("required")
            writer.strings(given)
            writer.key("properties")
            writer.object { writer in
                for name in given {
                    writer.key(name)
                    writer.object { $0.key("not"); $0.object { $0.member("type", "null") } }
                }
                for name in absent {
                    writer.key(name)
                    writer.object { $0.member("type", "null") }
                }
            }
        }
    }
}

extension CrossFieldRule {
    fileprivate var isExpressedInSchema: Bool {
        switch self {
        case .valueOrRange, .atLeastOne: true
        case .ordered, .orderedDays, .orderedInstants, .notEmpty, .differsFromSubject: false
        }
    }
}
