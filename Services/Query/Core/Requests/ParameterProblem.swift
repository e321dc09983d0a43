// A request parameter that cannot be taken: which, and what to write instead. It becomes a 400 problem in the API and a usage error in the
// command line. Pure.

public struct ParameterProblem: Error, Sendable, Equatable, CustomStringConvertible {
    public let parameter: String
    /// A sentence that names the act and the next step.
    public let message: String

    public init(_ parameter: String, _ message: String) {
        self.parameter = parameter
        self.message = message
    }

    public var description: String { "\(parameter): \(message)" }
}

public enum Nearest {
    /// The candidate that differs least from `word`, when the difference is small enough to be a slip of the keyboard.
    public static func match(_ word: String, among candidates: [String]) -> String? {
        var best: (distance: Int, name: String)?
        for candidate in candidates {
            let distance = editDistance(Array(word.utf8.prefix(64)), Array(candidate.utf8.prefix(64)))
            if distance < best?.distance ?? Int.max { best = (distance, candidate) }
        }
        guard let best, best.distance <= max(2, best.name.utf8.count / 3) else { return nil }
        return best.name
    }

    /// Levenshtein's distance.
    static func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let above = row[j + 1]
                row[j + 1] = min(above + 1, row[j] + 1, diagonal + (x == y ? 0 : 1))
                diagonal = above
            }
        }
        return row[b.count]
    }
}
