// A changed figure of a read model, as it stands on the `metrics` topic: keyed by its entity, numbered per metric and entity, with its cause.
// At least once: readers ignore numbers that they have seen.

public struct MetricMessage: Sendable, Equatable {
    /// Why the figure changed.
    public enum Cause: Sendable, Equatable {
        /// A fact was applied.
        case fact(source: String, id: String, RecordCoordinates)
        /// A day or an instant passed: a contract began, a planned level was reached.
        case passing(Instant)
        /// The method of calculation changed, or the figures were rebuilt.
        case rebuild
    }

    /// `<model>.<quantity>_<unit>`: `regions.gap_mw`.
    public var metric: String
    /// The record's key: a site, region, organisation or country.
    public var entity: String
    public var labels: [String: String]
    /// Nil when the figure is not known (any more).
    public var value: Double?
    public var previous: Double?
    /// 1, 2, 3, … per metric and entity.
    public var sequence: Int64
    /// The day or instant that the figure is for.
    public var asOf: Instant
    public var cause: Cause

    public init(
        metric: String, entity: String, labels: [String: String], value: Double?, previous: Double?, sequence: Int64, asOf: Instant, cause: Cause
    ) {
        (self.metric, self.entity, self.labels, self.value) = (metric, entity, labels, value)
        (self.previous, self.sequence, self.asOf, self.cause) = (previous, sequence, asOf, cause)
    }

    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("metric", metric)
            writer.member("entity", entity)
            writer.key("labels")
            writer.labels(labels)
            writer.member("value", value)
            writer.member("previous", previous)
            writer.member("sequence", sequence)
            writer.member("as_of", asOf)
            writer.key("cause")
            cause.write(to: &writer)
        }
    }

    public init?(_ view: JSONView) {
        guard let metric = view["metric"]?.string, let sequence = view["sequence"]?.integer,
            let asOf = view["as_of"]?.stringBytes.flatMap(Instant.init(rfc3339:)), let cause = view["cause"].flatMap(Cause.init)
        else { return nil }
        let labels = Dictionary(labels: view["labels"])
        guard let entity = view["entity"]?.string ?? (labels.count == 1 ? labels.first?.value : nil) else { return nil }
        self.init(
            metric: metric, entity: entity, labels: labels, value: view["value"]?.double, previous: view["previous"]?.double, sequence: sequence,
            asOf: asOf, cause: cause)
    }
}

extension MetricMessage.Cause {
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            switch self {
            case .fact(let source, let id, let coordinates):
                writer.member("kind", "fact")
                writer.member("source", source)
                writer.member("id", id)
                writer.coordinates(coordinates)
            case .passing(let instant):
                writer.member("kind", "passing")
                writer.member("at", instant)
            case .rebuild:
                writer.member("kind", "rebuild")
            }
        }
    }

    public init?(_ view: JSONView) {
        switch view["kind"]?.string {
        case "fact":
            guard let source = view["source"]?.string, let id = view["id"]?.string, let coordinates = RecordCoordinates(view) else { return nil }
            self = .fact(source: source, id: id, coordinates)
        case "passing":
            guard let at = view["at"]?.stringBytes.flatMap(Instant.init(rfc3339:)) else { return nil }
            self = .passing(at)
        case "rebuild": self = .rebuild
        default: return nil
        }
    }
}

extension JSONWriter {
    /// An object of texts, sorted by name.
    public mutating func labels(_ labels: [String: String]) {
        object { writer in for (name, value) in labels.sorted(by: { $0.key < $1.key }) { writer.member(name, value) } }
    }

    /// The members `topic`, `partition`, `offset` of the object that is being written.
    public mutating func coordinates(_ coordinates: RecordCoordinates) {
        member("topic", coordinates.topic)
        member("partition", Int64(coordinates.partition))
        member("offset", coordinates.recordOffset)
    }
}

extension RecordCoordinates {
    /// The members `topic`, `partition`, `offset` of an object.
    public init?(_ view: JSONView) {
        guard let topic = view["topic"]?.string, let partition = view["partition"]?.integer.flatMap(Int32.init(exactly:)), partition >= 0,
            let recordOffset = view["offset"]?.integer, recordOffset >= 0
        else { return nil }
        self.init(topic: topic, partition: partition, recordOffset: recordOffset)
    }
}

extension Dictionary where Key == String, Value == String {
    /// The texts of an object; other members are left out.
    public init(labels view: JSONView?) {
        self.init()
        guard let view else { return }
        for (name, value) in view.members { if let text = value.string { self[name.text] = text } }
    }
}
