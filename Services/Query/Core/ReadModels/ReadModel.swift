// One read model as a value: where it is asked (path), where it comes from (SQL), what its columns mean, what may be filtered, how it is
// sorted and paged. The HTTP API, the command line's tables, CSV and the API description are all made from this one declaration, so they
// cannot disagree. Adding a read model is one file with such a value and one line in ReadModels.swift. Pure; read next: Statement.swift.

/// How a column's values are written for people. Programs always get the plain JSON value.
public enum ColumnFormat: Sendable, Equatable {
    case text
    case identifier
    /// A number with this many decimals at most.
    case number(decimals: Int)
    case integer
    /// A share 0…1, shown as per cent.
    case share
    case boolean
    case instant
    case day
    /// A JSON array of texts, shown with commas.
    case list
    /// Any JSON, shown compactly.
    case json
}

/// One column of a read model.
public struct Column: Sendable, Equatable {
    public let name: String
    /// The unit of the plain value (`MW`, `USD`); nil where there is none.
    public let unit: String?
    public let format: ColumnFormat
    /// One sentence: what the value says.
    public let meaning: String
    /// The heading in a terminal table; nil leaves the column out of it (it stays in JSON and CSV).
    public let heading: String?
    /// What the terminal shows is value × scale, in `shownUnit`: USD as billions.
    public let scale: Double
    public let shownUnit: String?

    public init(
        _ name: String, _ format: ColumnFormat, unit: String? = nil, heading: String? = nil, scale: Double = 1, shownUnit: String? = nil,
        _ meaning: String
    ) {
        self.name = name
        self.unit = unit
        self.format = format
        self.meaning = meaning
        self.heading = heading
        self.scale = scale
        self.shownUnit = shownUnit ?? unit
    }
}

/// A parameter that narrows a read model.
public struct Filter: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        /// One or several texts, separated by commas: any of them.
        case anyOf
        /// One of a closed list.
        case oneOf([String])
        case number
        case integer
        case boolean
        /// A day or an instant; a day means its first moment, or with `throughEnd` its last.
        case instant(throughEnd: Bool)
    }

    public let name: String
    public let kind: Kind
    public let meaning: String
    /// A condition on the row `r` in which `?` stands for the value (a text; cast it).
    public let condition: String
    /// Taken when the caller does not say; nil for no condition.
    public let fallback: String?

    public init(_ name: String, _ kind: Kind, _ condition: String, fallback: String? = nil, _ meaning: String) {
        self.name = name
        self.kind = kind
        self.condition = condition
        self.fallback = fallback
        self.meaning = meaning
    }

    /// An argument of the model's function: `{name}` in its source. Null when it is not given.
    public static func argument(_ name: String, _ kind: Kind, _ type: String, _ meaning: String) -> Filter {
        Filter(name, kind, "::" + type, meaning)
    }

    /// Is it bound into the source instead of narrowing the rows?
    var isArgument: Bool { condition.hasPrefix("::") }

    /// Any of the texts given, against a text column.
    public static func anyOf(_ column: String, parameter: String? = nil, _ meaning: String) -> Filter {
        Filter(parameter ?? column, .anyOf, "r.\(column) = ANY(string_to_array(?::text, ','))", meaning)
    }
}

/// One part of the order of a list. The expression must never be null (coalesce it): keyset paging compares it.
public struct SortKey: Sendable, Equatable {
    public let expression: String
    /// PostgreSQL's type of the expression, to which a cursor's text is cast.
    public let type: String
    public let descending: Bool

    public init(_ expression: String, _ type: String, descending: Bool = false) {
        self.expression = expression
        self.type = type
        self.descending = descending
    }
}

/// A read model: see the head of this file.
public struct ReadModel: Sendable {
    public enum Shape: Sendable, Equatable {
        /// `{"as_of","as_known","positions","items","totals","next"}`
        case list
        /// One object; 404 when it is not there.
        case item
    }

    public let name: String
    /// With placeholders in braces: `/v1/sites/{id}`.
    public let path: String
    public let shape: Shape
    public let meaning: String
    /// The FROM item that yields the rows; `{as_of}`, `{as_known}`, `{as_recorded}` and the path's `{id}` stand for parameters.
    public let source: String
    /// Does it answer under the clocks? Where it does not, the parameters are refused rather than ignored.
    public let hasClocks: Bool
    public let columns: [Column]
    public let filters: [Filter]
    public let sort: [SortKey]
    /// A query that gives one JSON object of totals, over the whole model (not over a page); nil where there are none.
    public let totals: String?
    /// The same over the rows that filters leave; `{filters}` stands for the WHERE clause over `r`. Without it, filtered lists have no totals,
    /// because totals over everything beside a part of the rows would mislead.
    public let filteredTotals: String?
    /// How totals are written for people.
    public let totalColumns: [Column]
    /// Longest list in one answer.
    public let limitMaximum: Int
    public let limitDefault: Int

    public init(
        name: String, path: String, shape: Shape = .list, meaning: String, source: String, hasClocks: Bool, columns: [Column],
        filters: [Filter] = [], sort: [SortKey], totals: String? = nil,
        filteredTotals: String? = nil, totalColumns: [Column] = [], limitDefault: Int = 100, limitMaximum: Int = 10_000
    ) {
        self.name = name
        self.path = path
        self.shape = shape
        self.meaning = meaning
        self.source = source
        self.hasClocks = hasClocks
        self.columns = columns
        self.filters = filters
        self.sort = sort
        self.totals = totals
        self.filteredTotals = filteredTotals
        self.totalColumns = totalColumns
        self.limitDefault = limitDefault
        self.limitMaximum = limitMaximum
    }

    /// The columns that a terminal table shows.
    public var tableColumns: [Column] { columns.filter { $0.heading != nil } }
}
