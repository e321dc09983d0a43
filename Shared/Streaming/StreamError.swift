// What can go wrong in a worker beyond Kafka's and PostgreSQL's own errors, and the one question asked of any error: what kind is it.
public import Kafka
public import Models
public import Postgres

/// An error that says what to do about it.
public protocol ClassifiedError: Error {
    var kind: FailureKind { get }
}

extension KafkaError: ClassifiedError {}
extension PostgresError: ClassifiedError {}

/// An error of the worker itself.
public enum StreamError: ClassifiedError, CustomStringConvertible {
    /// Another owner moved these positions or claimed them: roll back, read again.
    case fenced([TopicPartition])
    /// A processor answered with other counts than it was given records: a fault of the program.
    case miscounted(place: TopicPartition, records: Int, counts: RecordCounts)
    /// A partition was asked for that has no position.
    case unknownPosition(TopicPartition)

    public var kind: FailureKind {
        switch self {
        case .fenced: .fenced
        case .miscounted: .fatal
        case .unknownPosition: .configuration
        }
    }

    public var description: String {
        switch self {
        case .fenced(let places): "another owner has taken \(places.map(\.description).joined(separator: ", ")); nothing was stored"
        case .miscounted(let place, let records, let counts):
            "the processor accounted for \(counts.read) of \(records) records of \(place); nothing was stored"
        case .unknownPosition(let place): "\(place) has no position of this consumer"
        }
    }
}

extension FailureKind {
    /// The kind of any error; one that says nothing of itself stops the worker with its description.
    public init(of error: any Error) { self = (error as? any ClassifiedError)?.kind ?? .fatal }
}
