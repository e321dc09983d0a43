// How sure a fact is and how it came about: the two envelope extensions that qualify every figure made from facts. A figure is as sure as the
// least sure fact in it, so both have an order and a `weakest`.

/// How sure the sender is. Ordered: `low < medium < high`.
public enum Confidence: String, CaseIterable, Sendable, Hashable, Comparable {
    case low, medium, high

    public static func < (a: Confidence, b: Confidence) -> Bool { a.rank < b.rank }
    public var rank: Int { switch self { case .low: 0; case .medium: 1; case .high: 2 } }

    public init?(utf8: UnsafeRawBufferPointer) {
        guard let value = Confidence.allCases.first(where: { utf8.hasSameBytes(as: $0.rawValue) }) else { return nil }
        self = value
    }

    /// The least sure of those that are known; nil when none is.
    public static func weakest(of values: some Sequence<Confidence?>) -> Confidence? { values.lazy.compactMap { $0 }.min() }
}

/// How a fact came about. Ordered by strength: `projected < inferred < calculated < extracted < reported`.
public enum Assertion: String, CaseIterable, Sendable, Hashable, Comparable {
    case projected, inferred, calculated, extracted, reported

    public static func < (a: Assertion, b: Assertion) -> Bool { a.rank < b.rank }
    public var rank: Int {
        switch self { case .projected: 0; case .inferred: 1; case .calculated: 2; case .extracted: 3; case .reported: 4 }
    }

    public init?(utf8: UnsafeRawBufferPointer) {
        guard let value = Assertion.allCases.first(where: { utf8.hasSameBytes(as: $0.rawValue) }) else { return nil }
        self = value
    }

    /// The weakest of those that are known; nil when none is.
    public static func weakest(of values: some Sequence<Assertion?>) -> Assertion? { values.lazy.compactMap { $0 }.min() }
}
