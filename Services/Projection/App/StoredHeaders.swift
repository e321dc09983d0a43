// A record's headers as they stand in the quarantine's `headers` column, back as bytes: `[["name","value"],["name",null],["name",{"hex":"00ff"}]]`.
// Written by QuarantineTable.swift.

internal import JSON
internal import Models

enum StoredHeaders {
    /// Every header in its order; empty when there are none.
    static func read(_ json: String?) -> [(name: String, value: [UInt8]?)] {
        guard let json else { return [] }
        do {
            return try JSONParser().withParsed(json) { root in
                root.elements.compactMap { pair in
                    var elements = pair.elements
                    guard let name = elements.next()?.string else { return nil }
                    return (name, elements.next().flatMap { bytes($0) })
                }
            }
        } catch {
            return []   // jsonb is JSON
        }
    }

    private static func bytes(_ value: JSONView) -> [UInt8]? {
        guard let hex = value["hex"]?.stringBytes else { return value.stringBytes.map { Array($0) } }
        return stride(from: 0, to: hex.count - 1, by: 2).compactMap { UInt8(String(decoding: hex[$0..<($0 + 2)], as: UTF8.self), radix: 16) }
    }
}
