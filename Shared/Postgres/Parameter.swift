// A statement's parameters. Scalars go as text without a type, so that PostgreSQL infers the type from where they stand (an int serves an
// int4 column and a bigint one alike); instants, days, bytes and arrays go in binary with their type, exact and free of quoting. An array
// feeds `unnest`, so a statement's text does not change with the size of a batch and no limit of 65,535 parameters is met.

public import Models

public enum Parameter: Sendable {
    case null
    case text(String)
    case int(Int64)
    case double(Double)
    case bool(Bool)
    case bytes([UInt8])
    case instant(Instant)
    case day(Day)
    /// A decimal number as text (`-12.50`), for `numeric`: money never passes through a double.
    case decimal(String)
    /// JSON text, for `json` and `jsonb`.
    case json([UInt8])
    case textArray([String?])
    case intArray([Int64?])
    case doubleArray([Double?])
    case boolArray([Bool?])
    case instantArray([Instant?])
    case dayArray([Day?])
    case bytesArray([[UInt8]?])
    /// For `numeric[]`; each as for `decimal`.
    case decimalArray([String?])
    /// For `jsonb[]`; each JSON text.
    case jsonArray([[UInt8]?])

    /// A parameter of an optional value.
    public static func text(orNull value: String?) -> Parameter { value.map { .text($0) } ?? .null }
    public static func int(orNull value: Int64?) -> Parameter { value.map { .int($0) } ?? .null }
    public static func double(orNull value: Double?) -> Parameter { value.map { .double($0) } ?? .null }
    public static func bytes(orNull value: [UInt8]?) -> Parameter { value.map { .bytes($0) } ?? .null }
    public static func instant(orNull value: Instant?) -> Parameter { value.map { .instant($0) } ?? .null }
    public static func day(orNull value: Day?) -> Parameter { value.map { .day($0) } ?? .null }
    public static func json(orNull value: [UInt8]?) -> Parameter { value.map { .json($0) } ?? .null }
}

/// Type numbers of pg_type.dat; they never change.
enum TypeOID {
    static let bool: UInt32 = 16, bytea: UInt32 = 17, int8: UInt32 = 20, text: UInt32 = 25, float8: UInt32 = 701, date: UInt32 = 1082
    static let timestamptz: UInt32 = 1184, numeric: UInt32 = 1700, jsonb: UInt32 = 3802
    static let boolArray: UInt32 = 1000, byteaArray: UInt32 = 1001, int8Array: UInt32 = 1016, textArray: UInt32 = 1009
    static let float8Array: UInt32 = 1022, dateArray: UInt32 = 1182, timestamptzArray: UInt32 = 1185, numericArray: UInt32 = 1231
    static let jsonbArray: UInt32 = 3807
}

/// Parameters as libpq wants them: one arena of bytes, and per parameter where its value lies.
struct EncodedParameters {
    private(set) var types: [UInt32] = []
    private(set) var formats: [Int32] = []
    private(set) var lengths: [Int32] = []
    /// Start in the arena; -1 for null.
    private(set) var starts: [Int] = []
    private(set) var arena: [UInt8] = []

    init(_ parameters: [Parameter]) throws(PostgresError) {
        types.reserveCapacity(parameters.count)
        for (index, parameter) in parameters.enumerated() { try append(parameter, at: index) }
    }

    /// Statements are prepared per text and types: a null where an array stood makes another statement.
    var signature: String { types.contains { $0 != 0 } ? types.map { String($0) }.joined(separator: ",") : "" }

    private mutating func append(_ parameter: Parameter, at index: Int) throws(PostgresError) {
        switch parameter {
        case .null:
            types.append(0)
            formats.append(0)
            lengths.append(0)
            starts.append(-1)
        case .text(let value): try text(value.utf8, at: index)
        case .int(let value): try text(String(value).utf8, at: index)
        case .double(let value): try text(value.description.utf8, at: index)
        case .bool(let value): try text((value ? "t" : "f").utf8, at: index)
        case .decimal(let value): try text(value.utf8, at: index)
        case .json(let value): try text(value, at: index)
        case .bytes(let value): binary(TypeOID.bytea) { $0.append(contentsOf: value) }
        case .instant(let value): binary(TypeOID.timestamptz) { $0.appendBigEndian(value.postgresMicroseconds) }
        case .day(let value): binary(TypeOID.date) { $0.appendBigEndian(value.postgresDays) }
        case .textArray(let values):
            for value in values { if let value { try refuseNul(value.utf8, at: index) } }
            array(values, of: TypeOID.text, as: TypeOID.textArray) { $0.append(contentsOf: $1.utf8) }
        case .intArray(let values): array(values, of: TypeOID.int8, as: TypeOID.int8Array) { $0.appendBigEndian($1) }
        case .doubleArray(let values): array(values, of: TypeOID.float8, as: TypeOID.float8Array) { $0.appendBigEndian($1.bitPattern) }
        case .boolArray(let values): array(values, of: TypeOID.bool, as: TypeOID.boolArray) { $0.append($1 ? 1 : 0) }
        case .instantArray(let values):
            array(values, of: TypeOID.timestamptz, as: TypeOID.timestamptzArray) { $0.appendBigEndian($1.postgresMicroseconds) }
        case .dayArray(let values): array(values, of: TypeOID.date, as: TypeOID.dateArray) { $0.appendBigEndian($1.postgresDays) }
        case .bytesArray(let values): array(values, of: TypeOID.bytea, as: TypeOID.byteaArray) { $0.append(contentsOf: $1) }
        case .jsonArray(let values):
            for value in values { if let value { try refuseNul(value, at: index) } }
            array(values, of: TypeOID.jsonb, as: TypeOID.jsonbArray) {
                $0.append(1)
                $0.append(contentsOf: $1)
            }
        case .decimalArray(let values):
            var encoded: [NumericDigits?] = []
            encoded.reserveCapacity(values.count)
            for value in values {
                guard let value else {
                    encoded.append(nil)
                    continue
                }
                guard let digits = NumericDigits(decimal: value) else {
                    throw PostgresError(
                        sqlState: "22P02", kind: .quarantine, operation: "query",
                        message: "parameter $\(index + 1) holds a text that is not a decimal number")
                }
                encoded.append(digits)
            }
            array(encoded, of: TypeOID.numeric, as: TypeOID.numericArray) { $1.append(to: &$0) }
        }
    }

    private mutating func text(_ bytes: some Collection<UInt8>, at index: Int) throws(PostgresError) {
        try refuseNul(bytes, at: index)
        starts.append(arena.count)
        types.append(0)
        formats.append(0)
        lengths.append(0)
        arena.append(contentsOf: bytes)
        arena.append(0)
    }

    /// libpq reads text up to the first NUL, so one inside would silently cut the value; PostgreSQL could not store it either.
    private func refuseNul(_ bytes: some Collection<UInt8>, at index: Int) throws(PostgresError) {
        guard !bytes.contains(0) else {
            throw PostgresError(
                sqlState: "22021", kind: .quarantine, operation: "query",
                message: "parameter $\(index + 1) holds U+0000, which PostgreSQL cannot store")
        }
    }

    private mutating func binary(_ type: UInt32, _ write: (inout [UInt8]) -> Void) {
        let start = arena.count
        write(&arena)
        types.append(type)
        formats.append(1)
        starts.append(start)
        lengths.append(Int32(clamping: arena.count - start))
    }

    /// One dimension, as array_recv reads it: dimensions, has-nulls, element type, length, lower bound, then length and bytes of each.
    private mutating func array<Element>(_ values: [Element?], of type: UInt32, as arrayType: UInt32, _ write: (inout [UInt8], Element) -> Void) {
        binary(arrayType) { arena in
            arena.appendBigEndian(Int32(values.isEmpty ? 0 : 1))
            arena.appendBigEndian(Int32(values.contains { $0 == nil } ? 1 : 0))
            arena.appendBigEndian(type)
            guard !values.isEmpty else { return }
            arena.appendBigEndian(Int32(clamping: values.count))
            arena.appendBigEndian(Int32(1))
            for value in values {
                guard let value else {
                    arena.appendBigEndian(Int32(-1))
                    continue
                }
                let place = arena.count
                arena.appendBigEndian(Int32(0))
                write(&arena, value)
                let length = UInt32(truncatingIfNeeded: arena.count - place - 4)
                for byte in 0..<4 { arena[place + byte] = UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * byte)) }
            }
        }
    }
}

extension Instant {
    /// Microseconds since 2000-01-01, PostgreSQL's own epoch.
    @usableFromInline var postgresMicroseconds: Int64 { microseconds.subtractingReportingOverflow(946_684_800_000_000).partialValue }
}

extension Day {
    /// Days since 2000-01-01.
    @usableFromInline var postgresDays: Int32 { daysSince1970 &- 10_957 }
}

extension [UInt8] {
    mutating func appendBigEndian<Number: FixedWidthInteger>(_ value: Number) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}
