// What must hold between the fields of one event, as values beside the field tables. A rule whose fields are missing holds, except those that
// ask for a field. Read next: EventType+Violations.swift, which checks them.

/// A condition over several fields of one event.
public enum CrossFieldRule: Sendable, Equatable {
    /// Either the value alone, or both ends of its range.
    case valueOrRange(value: String, low: String, high: String)
    /// A number is not above another.
    case ordered(low: String, high: String)
    /// A day is not after another.
    case orderedDays(first: String, last: String)
    /// An instant lies before another.
    case orderedInstants(first: String, last: String)
    /// A list has an element.
    case notEmpty(String)
    /// At least one of these is there.
    case atLeastOne([String])
    /// An identifier differs from the event's subject.
    case differsFromSubject(String)

    public var code: ErrorCode {
        switch self {
        case .valueOrRange: .dataRuleValueOrRange
        case .ordered, .orderedDays, .orderedInstants: .dataRuleOrder
        case .notEmpty: .dataRuleNotEmpty
        case .atLeastOne: .dataRuleAtLeastOne
        case .differsFromSubject: .dataRuleSelfReference
        }
    }

    public var meaning: String {
        switch self {
        case .valueOrRange(let value, let low, let high): "either \(value), or \(low) and \(high)"
        case .ordered(let low, let high): "\(low) ≤ \(high)"
        case .orderedDays(let first, let last): "\(first) not after \(last)"
        case .orderedInstants(let first, let last): "\(first) before \(last)"
        case .notEmpty(let name): "at least one element in \(name)"
        case .atLeastOne(let names): "at least one of \(names.joined(separator: ", "))"
        case .differsFromSubject(let name): "\(name) other than the subject"
        }
    }
}
