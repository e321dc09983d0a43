// Arithmetic in rules: + - * / ( ), numbers and fields. Parsed once into a tree with places for errors, compiled into a few steps over
// slots for the hot path. IEEE doubles, left to right, so that the same text gives the same bits everywhere. A field that is missing is NaN,
// and so is everything computed from it: such a reading has no value and moves nothing.

/// A parsed expression. Equal when it computes the same thing, whatever the spaces.
public struct Expression: Sendable, Equatable {
    indirect enum Node: Sendable, Equatable {
        case number(Double)
        case field(String)
        case add(Node, Node), subtract(Node, Node), multiply(Node, Node), divide(Node, Node)
        case negate(Node)
    }

    let root: Node
    /// As it was written.
    public let text: String

    public static func == (a: Expression, b: Expression) -> Bool { a.root == b.root }

    /// The fields it reads, each once, in the order of their first use.
    public var fields: [String] {
        var names: [String] = []
        func walk(_ node: Node) {
            switch node {
            case .number: break
            case .field(let name): if !names.contains(name) { names.append(name) }
            case .add(let a, let b), .subtract(let a, let b), .multiply(let a, let b), .divide(let a, let b): walk(a); walk(b)
            case .negate(let a): walk(a)
            }
        }
        walk(root)
        return names
    }

    /// The lowest and highest value that the expression can have, given those of its fields; nil bounds are infinite.
    func bounds(of range: (String) -> ClosedRange<Double>) -> ClosedRange<Double> {
        func spread(_ values: [Double]) -> ClosedRange<Double> {
            if values.contains(where: \.isNaN) { return -Double.infinity...Double.infinity }
            return (values.min() ?? -.infinity)...(values.max() ?? .infinity)
        }
        func walk(_ node: Node) -> ClosedRange<Double> {
            switch node {
            case .number(let number): return number...number
            case .field(let name): return range(name)
            case .add(let a, let b):
                let (x, y) = (walk(a), walk(b))
                return spread([x.lowerBound + y.lowerBound, x.upperBound + y.upperBound])
            case .subtract(let a, let b):
                let (x, y) = (walk(a), walk(b))
                return spread([x.lowerBound - y.upperBound, x.upperBound - y.lowerBound])
            case .multiply(let a, let b):
                let (x, y) = (walk(a), walk(b))
                return spread([x.lowerBound * y.lowerBound, x.lowerBound * y.upperBound, x.upperBound * y.lowerBound, x.upperBound * y.upperBound])
            case .divide(let a, let b):
                let (x, y) = (walk(a), walk(b))
                if y.contains(0) {
                    // A divisor that may come near zero makes the quotient unbounded; its sign is known when neither side crosses zero.
                    if x.lowerBound >= 0, y.lowerBound >= 0 { return 0...Double.infinity }
                    return -Double.infinity...Double.infinity
                }
                return spread([x.lowerBound / y.lowerBound, x.lowerBound / y.upperBound, x.upperBound / y.lowerBound, x.upperBound / y.upperBound])
            case .negate(let a):
                let x = walk(a)
                return (-x.upperBound)...(-x.lowerBound)
            }
        }
        return walk(root)
    }

    /// The unit of the result in terms of the fields' units (`kW`, `kW/h100e`); nil when it has none.
    /// Throws a sentence when two fields of different units are added.
    func unit(of unit: (String) -> String?) throws(ExpressionError) -> String? {
        func walk(_ node: Node) throws(ExpressionError) -> String? {
            switch node {
            case .number: return nil
            case .field(let name): return unit(name)
            case .add(let a, let b), .subtract(let a, let b):
                let (x, y) = (try walk(a), try walk(b))
                if let x, let y, x != y { throw ExpressionError(column: 0, message: "Adds \(x) to \(y): convert one of them first.") }
                return x ?? y
            case .multiply(let a, let b):
                let (x, y) = (try walk(a), try walk(b))
                if let x, let y { return "\(x)*\(y)" }
                // A constant factor converts units in a way that only the writer knows: power_kw * 1000 is no longer kW.
                return x == nil && y == nil ? nil : Self.scaled(x ?? y)
            case .divide(let a, let b):
                let (x, y) = (try walk(a), try walk(b))
                if let x, let y { return x == y ? nil : "\(x)/\(y)" }
                if let y { return "1/\(y)" }
                return Self.scaled(x)
            case .negate(let a): return try walk(a)
            }
        }
        return try walk(root)
    }

    private static func scaled(_ unit: String?) -> String? { unit.map { $0.hasSuffix("'") ? $0 : $0 + "'" } }
}

/// Why a text is no expression; the column counts from 0 within the text.
public struct ExpressionError: Error, Sendable, Equatable {
    public let column: Int
    public let message: String
}

extension Expression {
    /// Parses `text`. Depth and length are bounded, because rules come from outside.
    public init(parsing text: String) throws(ExpressionError) {
        guard text.utf8.count <= 1024 else { throw ExpressionError(column: 0, message: "An expression is at most 1,024 bytes long.") }
        var parser = ExpressionParser(bytes: Array(text.utf8))
        let root = try parser.sum(depth: 0)
        parser.skipSpaces()
        guard parser.position == parser.bytes.count else {
            throw ExpressionError(column: parser.position, message: "Expected + - * / or the end here.")
        }
        self.init(root: root, text: text)
    }
}

private struct ExpressionParser {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipSpaces() { while let byte = current, byte == 0x20 || byte == 0x09 || byte == 0x0A { position += 1 } }

    mutating func sum(depth: Int) throws(ExpressionError) -> Expression.Node {
        guard depth < 32 else { throw ExpressionError(column: position, message: "Parentheses are nested deeper than 32.") }
        var left = try product(depth: depth)
        while true {
            skipSpaces()
            switch current {
            case UInt8(ascii: "+"): position += 1; left = .add(left, try product(depth: depth))
            case UInt8(ascii: "-"): position += 1; left = .subtract(left, try product(depth: depth))
            default: return left
            }
        }
    }

    mutating func product(depth: Int) throws(ExpressionError) -> Expression.Node {
        var left = try factor(depth: depth)
        while true {
            skipSpaces()
            switch current {
            case UInt8(ascii: "*"): position += 1; left = .multiply(left, try factor(depth: depth))
            case UInt8(ascii: "/"):
                let place = position
                position += 1
                let right = try factor(depth: depth)
                if case .number(0) = right { throw ExpressionError(column: place, message: "Divides by zero.") }
                left = .divide(left, right)
            default: return left
            }
        }
    }

    mutating func factor(depth: Int) throws(ExpressionError) -> Expression.Node {
        skipSpaces()
        guard let byte = current else { throw ExpressionError(column: position, message: "Expected a number or a field, found the end.") }
        switch byte {
        case UInt8(ascii: "("):
            position += 1
            let inner = try sum(depth: depth + 1)
            skipSpaces()
            guard current == UInt8(ascii: ")") else { throw ExpressionError(column: position, message: "Expected ) here.") }
            position += 1
            return inner
        case UInt8(ascii: "-"):
            position += 1
            guard depth < 32 else { throw ExpressionError(column: position, message: "Nested deeper than 32.") }
            return .negate(try factor(depth: depth + 1))
        case 0x30...0x39, UInt8(ascii: "."):
            return .number(try number())
        case 0x41...0x5A, 0x61...0x7A, 0x5F:
            let start = position
            while let next = current, (next >= 0x30 && next <= 0x39) || (next | 0x20 >= 0x61 && next | 0x20 <= 0x7A) || next == 0x5F { position += 1 }
            return .field(String(decoding: bytes[start..<position], as: UTF8.self))
        default:
            throw ExpressionError(column: position, message: "Expected a number, a field or (.")
        }
    }

    mutating func number() throws(ExpressionError) -> Double {
        let start = position
        while let byte = current {
            let isSign = (byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")) && position > start && bytes[position - 1] | 0x20 == UInt8(ascii: "e")
            guard (byte >= 0x30 && byte <= 0x39) || byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e") || isSign else { break }
            position += 1
        }
        guard let value = Double(String(decoding: bytes[start..<position], as: UTF8.self)), value.isFinite else {
            throw ExpressionError(column: start, message: "This is no number.")
        }
        return value
    }
}

/// An expression over slots: what the hot path runs. The common shapes (a field, a field over a constant) skip the steps.
struct CompiledExpression: Sendable {
    enum Shape: UInt8, Sendable { case field, fieldOverConstant, fieldTimesConstant, steps }

    enum Step: Sendable { case constant(Double), slot(Int), add, subtract, multiply, divide, negate }

    let shape: Shape
    let slot: Int
    let constant: Double
    let steps: [Step]

    /// - Parameter slot: the slot that holds a field's number.
    init(_ expression: Expression, slot slotOf: (String) -> Int) {
        var steps: [Step] = []
        func walk(_ node: Expression.Node) {
            switch node {
            case .number(let number): steps.append(.constant(number))
            case .field(let name): steps.append(.slot(slotOf(name)))
            case .add(let a, let b): walk(a); walk(b); steps.append(.add)
            case .subtract(let a, let b): walk(a); walk(b); steps.append(.subtract)
            case .multiply(let a, let b): walk(a); walk(b); steps.append(.multiply)
            case .divide(let a, let b): walk(a); walk(b); steps.append(.divide)
            case .negate(let a): walk(a); steps.append(.negate)
            }
        }
        walk(expression.root)
        self.steps = steps
        switch expression.root {
        case .field(let name): (shape, slot, constant) = (.field, slotOf(name), 1)
        case .divide(.field(let name), .number(let number)): (shape, slot, constant) = (.fieldOverConstant, slotOf(name), number)
        case .multiply(.field(let name), .number(let number)): (shape, slot, constant) = (.fieldTimesConstant, slotOf(name), number)
        default: (shape, slot, constant) = (.steps, 0, 0)
        }
    }

    /// The value for these slots; NaN when a field that it needs is missing or a divisor is zero.
    @inline(__always)
    func value(_ slots: UnsafeMutablePointer<Double>) -> Double {
        switch shape {
        case .field: slots[slot]
        case .fieldOverConstant: slots[slot] / constant
        case .fieldTimesConstant: slots[slot] * constant
        case .steps: run(slots)
        }
    }

    private func run(_ slots: UnsafeMutablePointer<Double>) -> Double {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: steps.count + 1) { stack in
            var top = 0
            for step in steps {
                switch step {
                case .constant(let number): stack[top] = number; top += 1
                case .slot(let index): stack[top] = slots[index]; top += 1
                case .add: top -= 1; stack[top - 1] += stack[top]
                case .subtract: top -= 1; stack[top - 1] -= stack[top]
                case .multiply: top -= 1; stack[top - 1] *= stack[top]
                case .divide: top -= 1; stack[top - 1] /= stack[top]
                case .negate: stack[top - 1] = -stack[top - 1]
                }
            }
            let result = stack[0]
            return result.isFinite ? result : .nan
        }
    }
}
