// Turns a read model and a request into one SQL statement. One statement sees one snapshot, so the positions it reports are exactly those
// whose records are in its figures; and PostgreSQL writes the JSON, so the service passes bytes on. All values are parameters, never part of
// the text, and the text depends only on which filters are given: prepared statements stay few. Pure.

/// SQL and its parameters (texts; the SQL casts them).
public struct Statement: Sendable, Equatable {
    public let sql: String
    public let parameters: [String?]
}

extension ReadModel {
    /// The statement for one page. Its one row has four columns: positions (JSON), totals (JSON or null), items (JSON array),
    /// and the sort keys of the last row as a JSON array when more rows follow (else null).
    public func statement(for request: ModelRequest) -> Statement {
        var binder = Binder(request: request, arguments: filters.filter(\.isArgument))
        let source = binder.fill(self.source)
        var conditions: [String] = []
        for filter in filters where !filter.isArgument {
            guard let value = request.filters[filter.name] else { continue }
            conditions.append("(" + filter.condition.replacing("?", with: binder.bind(value)) + ")")
        }
        let filterText = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        if let cursor = request.cursor { conditions.append(keyset(cursor.keys.map { binder.bind($0) })) }
        let whereText = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        let order = sort.map { $0.expression + ($0.descending ? " DESC" : "") }.joined(separator: ", ")
        let limit = binder.bind(String(request.limit)) + "::bigint"
        let keys = "ARRAY[" + sort.map { "(\($0.expression))::text" }.joined(separator: ", ") + "]"
        let wanted = filterText.isEmpty ? totals : filteredTotals
        let totalsText = wanted.map { "(" + binder.fill($0).replacing("{filters}", with: filterText) + ")::text" } ?? "NULL::text"
        let sql = """
            WITH page AS MATERIALIZED (
              SELECT row_to_json(r) AS item, \(keys) AS keys, row_number() OVER (ORDER BY \(order)) AS n
              FROM \(source) AS r\(whereText) ORDER BY \(order) LIMIT \(limit) + 1)
            SELECT (SELECT coalesce(json_object_agg(topic || '/' || partition, next_offset ORDER BY topic, partition), '{}'::json)
                    FROM gigawatch.stream_position WHERE consumer = 'projection')::text,
                   \(totalsText),
                   (SELECT coalesce(json_agg(item ORDER BY n), '[]'::json) FROM page WHERE n <= \(limit))::text,
                   (SELECT to_json(keys) FROM page WHERE n = \(limit) AND EXISTS (SELECT FROM page WHERE n > \(limit)))::text
            """
        return Statement(sql: sql, parameters: binder.parameters)
    }

    /// Rows after the cursor: for keys a, b, c it is a > A or (a = A and (b > B or (b = B and c > C))), with < where a key descends.
    private func keyset(_ placeholders: [String]) -> String {
        var text = ""
        for (key, placeholder) in zip(sort, placeholders).reversed() {
            let value = "\(placeholder)::\(key.type)"
            let after = "\(key.expression) \(key.descending ? "<" : ">") \(value)"
            text = text.isEmpty ? "(\(after))" : "(\(after) OR (\(key.expression) = \(value) AND \(text)))"
        }
        return text
    }
}

/// Numbers the parameters of one statement; a name that occurs twice is bound once.
private struct Binder {
    let request: ModelRequest
    let arguments: [Filter]
    var parameters: [String?] = []
    private var named: [String: String] = [:]

    init(request: ModelRequest, arguments: [Filter]) { (self.request, self.arguments) = (request, arguments) }

    mutating func bind(_ value: String?) -> String {
        parameters.append(value)
        return "$\(parameters.count)"
    }

    /// Puts parameters where the template has names in braces.
    mutating func fill(_ template: String) -> String {
        var text = template
        for (name, clock) in [("as_of", request.asOf), ("as_known", request.asKnown), ("as_recorded", request.asRecorded)] {
            guard text.contains("{\(name)}") else { continue }
            text = text.replacing("{\(name)}", with: once(name, clock?.instant.description) + "::timestamptz")
        }
        for argument in arguments where text.contains("{\(argument.name)}") {
            text = text.replacing("{\(argument.name)}", with: once("argument." + argument.name, request.filters[argument.name]) + argument.condition)
        }
        for (name, value) in request.pathValues where text.contains("{\(name)}") {
            text = text.replacing("{\(name)}", with: once("path." + name, value) + "::text")
        }
        return text
    }

    private mutating func once(_ name: String, _ value: String?) -> String {
        if let known = named[name] { return known }
        let placeholder = bind(value)
        named[name] = placeholder
        return placeholder
    }
}

extension String {
    /// Every occurrence of `pattern` replaced; the standard library has this only with Foundation or regular expressions.
    func replacing(_ pattern: String, with replacement: String) -> String {
        guard !pattern.isEmpty else { return self }
        let wanted = Array(pattern.utf8)
        let source = Array(utf8)
        var result: [UInt8] = []
        result.reserveCapacity(source.count)
        var index = 0
        while index < source.count {
            if index + wanted.count <= source.count, source[index..<index + wanted.count].elementsEqual(wanted) {
                result.append(contentsOf: replacement.utf8)
                index += wanted.count
            } else {
                result.append(source[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
