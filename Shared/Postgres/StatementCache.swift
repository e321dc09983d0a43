// Which statements the server has prepared for this connection, by text and parameter types. Bounded: the least recently used one is given back
// to the server. A value without I/O; Connection+Statements.swift acts on what it says.

struct StatementCache {
    private let limit: Int
    private var entries: [String: (name: String, lastUse: UInt64)] = [:]
    private var uses: UInt64 = 0
    private var made: UInt64 = 0

    init(limit: Int) { self.limit = limit }

    var count: Int { entries.count }

    /// The name of a prepared statement; nil when it is to be prepared.
    mutating func find(_ key: String) -> String? {
        guard let name = entries[key]?.name else { return nil }
        uses += 1
        entries[key]?.lastUse = uses
        return name
    }

    /// A name for a statement that is about to be prepared.
    mutating func nextName() -> String {
        made += 1
        return "gigawatch_\(made)"
    }

    mutating func insert(_ key: String, name: String) {
        uses += 1
        entries[key] = (name, uses)
    }

    /// The name of the statement to give back, when there are more than the limit.
    mutating func evict() -> String? {
        guard entries.count > limit, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return nil }
        entries[oldest.key] = nil
        return oldest.value.name
    }

    mutating func forget(_ key: String) { entries[key] = nil }
}
