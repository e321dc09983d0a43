// A tick of the log's own clock: a cut through all topics. Alerting evaluates cut by cut, so timers, absence, rule versions and silences take
// effect at the same place in every replay. Written by one ticker to the one partition of `clock`, without a key.

public struct ClockTick: Sendable, Equatable {
    /// 1, 2, 3, …
    public var n: Int64
    public var at: Instant
    /// Per topic (full name) the end offset of each partition: the first offset that is not part of the cut.
    public var ends: [String: [Int64]]

    public init(n: Int64, at: Instant, ends: [String: [Int64]]) { (self.n, self.at, self.ends) = (n, at, ends) }

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("n", n)
            writer.member("at", at)
            writer.key("ends")
            writer.object { writer in
                for (topic, offsets) in ends.sorted(by: { $0.key < $1.key }) {
                    writer.key(topic)
                    writer.array { writer in for offset in offsets { writer.integer(offset) } }
                }
            }
        }
    }

    /// Nil unless every member is there and every end is an integer.
    public init?(_ view: JSONView) {
        guard let n = view["n"]?.integer, let at = view["at"]?.stringBytes.flatMap(Instant.init(rfc3339:)), let ends = view["ends"],
            ends.kind == .object
        else { return nil }
        var offsets: [String: [Int64]] = [:]
        for (topic, list) in ends.members {
            guard list.kind == .array else { return nil }
            var values: [Int64] = []
            for element in list.elements {
                guard let value = element.integer, value >= 0 else { return nil }
                values.append(value)
            }
            offsets[topic.text] = values
        }
        self.init(n: n, at: at, ends: offsets)
    }
}
