// Matches a request's path against the paths of the read models. Pure. A placeholder in braces takes one segment, already percent-decoded
// by the HTTP server; the literal route wins over the placeholder because routes are tried in the order of declaration.

public enum RoutePath {
    /// The values of the placeholders of `pattern` in `path`; nil when it does not match.
    public static func match(_ pattern: String, _ path: String) -> [String: String]? {
        let wanted = pattern.split(separator: "/", omittingEmptySubsequences: false)
        let given = path.split(separator: "/", omittingEmptySubsequences: false)
        guard wanted.count == given.count else { return nil }
        var values: [String: String] = [:]
        for (part, segment) in zip(wanted, given) {
            if part.first == "{", part.last == "}" {
                guard !segment.isEmpty else { return nil }
                values[String(part.dropFirst().dropLast())] = String(segment)
            } else if part != segment {
                return nil
            }
        }
        return values
    }
}
