// Labels of a metric as PostgreSQL holds them (`jsonb`), for the message. Not hot.

internal import JSON
internal import Models

enum LabelReader {
    /// The texts of a JSON object; empty for anything else.
    static func labels(of json: String) -> [String: String] {
        do { return try JSONParser().withParsed(json) { Dictionary(labels: $0) } } catch { return [:] }
    }
}
