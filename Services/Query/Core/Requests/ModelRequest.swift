// One request for a read model, read from its query parameters with a clear problem for everything that is wrong. The same reader serves
// the API and the command line, so both refuse the same things with the same words. Pure.

internal import Models

public enum AnswerFormat: String, Sendable, CaseIterable { case json, csv }

/// The position that must be applied before the answer: a writer reads what it wrote.
public struct AtLeast: Sendable, Equatable {
    public let topic: String
    public let partition: Int32
    public let recordOffset: Int64

    public init(topic: String, partition: Int32, recordOffset: Int64) {
        self.topic = topic
        self.partition = partition
        self.recordOffset = recordOffset
    }

    /// Reads `topic/partition/offset`.
    public init(_ text: String) throws(ParameterProblem) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, parts[0].utf8.count <= 249, let partition = Int32(parts[1]), partition >= 0,
            let recordOffset = Int64(parts[2]), recordOffset >= 0, !text.utf8.contains(0)
        else {
            throw ParameterProblem(
                "at_least", "expected topic/partition/offset, as in gigawatch.events/3/1207, found '\(ClockParameter.shortened(text))'")
        }
        self.init(topic: String(parts[0]), partition: partition, recordOffset: recordOffset)
    }
}

public struct ModelRequest: Sendable, Equatable {
    public var pathValues: [String: String] = [:]
    public var asOf: ClockParameter?
    public var asKnown: ClockParameter?
    public var asRecorded: ClockParameter?
    public var limit: Int
    public var cursor: Cursor?
    public var format: AnswerFormat = .json
    public var atLeast: [AtLeast] = []
    /// By the filter's name, as texts that PostgreSQL can cast.
    public var filters: [String: String] = [:]

    public static let clockNames = ["as_of", "as_known", "as_recorded"]
    public static let pagingNames = ["limit", "cursor", "format", "at_least"]

    /// The longest value of a parameter in bytes.
    public static let valueLimit = 2_048

    /// Reads the parameters of a request for `model`.
    /// - Throws: the first parameter that cannot be taken.
    public init(_ model: ReadModel, pathValues: [String: String] = [:], parameters: [(name: String, value: String)]) throws(ParameterProblem) {
        limit = model.limitDefault
        self.pathValues = pathValues
        for (name, value) in pathValues { try Self.checkText(name, value) }
        var seen: Set<String> = []
        for (name, value) in parameters {
            guard seen.insert(name).inserted || name == "at_least" else { throw ParameterProblem(name, "given twice; give it once") }
            try Self.checkText(name, value)
            switch name {
            case "as_of" where model.hasClocks: asOf = try ClockParameter.parse(value, parameter: name)
            case "as_known" where model.hasClocks: asKnown = try ClockParameter.parse(value, parameter: name)
            case "as_recorded" where model.hasClocks: asRecorded = try ClockParameter.parse(value, parameter: name)
            case "limit" where model.shape == .list:
                guard let number = Int(value), (1...model.limitMaximum).contains(number) else {
                    throw ParameterProblem(
                        name, "expected a whole number from 1 to \(model.limitMaximum), found '\(ClockParameter.shortened(value))'")
                }
                limit = number
            case "cursor" where model.shape == .list:
                cursor = try Cursor(value, model: model)
            case "format":
                guard let known = AnswerFormat(rawValue: value) else {
                    throw ParameterProblem(name, "expected json or csv, found '\(ClockParameter.shortened(value))'")
                }
                format = known
            case "at_least": atLeast.append(try AtLeast(value))
            default:
                guard let filter = model.filters.first(where: { $0.name == name }) else {
                    throw ParameterProblem(name, Self.unknown(name, model))
                }
                filters[name] = try Self.filterValue(filter, value)
            }
        }
        for filter in model.filters where filters[filter.name] == nil { filters[filter.name] = filter.fallback }
    }

    private static func checkText(_ name: String, _ value: String) throws(ParameterProblem) {
        if value.utf8.count > valueLimit { throw ParameterProblem(name, "longer than \(valueLimit) bytes") }
        if value.utf8.contains(0) { throw ParameterProblem(name, "contains a NUL character, which no text here can hold") }
    }

    private static func unknown(_ name: String, _ model: ReadModel) -> String {
        let known = (model.hasClocks ? clockNames : []) + (model.shape == .list ? pagingNames : ["format", "at_least"]) + model.filters.map(\.name)
        let hint = Nearest.match(name, among: known).map { "; did you mean '\($0)'?" } ?? ""
        if clockNames.contains(name) { return "\(model.path) has no clocks: it shows what is stored now" }
        return "\(model.path) has no such parameter\(hint) (known: \(known.joined(separator: ", ")))"
    }

    private static func filterValue(_ filter: Filter, _ value: String) throws(ParameterProblem) -> String {
        let found = "found '\(ClockParameter.shortened(value))'"
        switch filter.kind {
        case .anyOf:
            return value
        case .oneOf(let choices):
            guard choices.contains(value) else { throw ParameterProblem(filter.name, "expected one of \(choices.joined(separator: ", ")), \(found)") }
            return value
        case .number:
            guard let number = Double(value), number.isFinite else { throw ParameterProblem(filter.name, "expected a number, \(found)") }
            return number.description
        case .integer:
            guard let number = Int64(value) else { throw ParameterProblem(filter.name, "expected a whole number, \(found)") }
            return String(number)
        case .boolean:
            guard value == "true" || value == "false" else { throw ParameterProblem(filter.name, "expected true or false, \(found)") }
            return value
        case .instant(let throughEnd):
            return throughEnd
                ? try ClockParameter.parse(value, parameter: filter.name).instant.description
                : try ClockParameter.parseStart(value, parameter: filter.name).description
        }
    }
}
