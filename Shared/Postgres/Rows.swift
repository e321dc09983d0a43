// A statement's rows, as PostgreSQL's text, read in place by row and column. A value is nil when it is NULL or not of the asked type;
// a column that the statement does not have is our own mistake and traps with its name. Not Sendable: rows stay on the connection's thread.
// Money and other `numeric` columns are read with `text` (or `decimal`), exactly; never as a double.

internal import CPostgres
public import Models

public struct Rows {
    private let result: NativeResult
    public let count: Int
    public let columns: [String]
    /// Rows that an INSERT, UPDATE, DELETE, COPY or SELECT touched, from the command's tag.
    public let affected: Int
    private let places: [String: Int]

    init(_ handle: OpaquePointer) {
        result = NativeResult(handle)
        count = Int(PQntuples(handle))
        columns = (0..<PQnfields(handle)).map { column in PQfname(handle, column).map { String(cString: $0) } ?? "" }
        places = Dictionary(columns.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        affected = PQcmdTuples(handle).flatMap { Int(String(cString: $0)) } ?? 0
    }

    public var isEmpty: Bool { count == 0 }

    /// The place of a column. Traps when there is none: the statement and its reader stand in the same file.
    public func place(_ column: String) -> Int {
        guard let place = places[column] else { preconditionFailure("no column \(column) among \(columns)") }
        return place
    }

    /// The bytes of a value, valid while these rows are; nil for NULL or a row that is not there.
    public func utf8(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer? {
        guard row >= 0, row < count, column >= 0, column < columns.count, PQgetisnull(result.handle, Int32(row), Int32(column)) == 0,
            let start = PQgetvalue(result.handle, Int32(row), Int32(column))
        else { return nil }
        return UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result.handle, Int32(row), Int32(column))))
    }

    public func isNull(_ row: Int, _ column: Int) -> Bool { utf8(row, column) == nil }
    public func text(_ row: Int, _ column: Int) -> String? { utf8(row, column).map { String(decoding: $0, as: UTF8.self) } }
    public func int64(_ row: Int, _ column: Int) -> Int64? { text(row, column).flatMap { Int64($0) } }
    public func double(_ row: Int, _ column: Int) -> Double? {
        text(row, column).flatMap { Double($0) }  // Swift reads NaN, Infinity and -Infinity as PostgreSQL writes them
    }
    public func bool(_ row: Int, _ column: Int) -> Bool? { utf8(row, column).map { $0.elementsEqual("t".utf8) } }
    /// A `numeric`, exactly as the server wrote it.
    public func decimal(_ row: Int, _ column: Int) -> String? { text(row, column) }
    public func day(_ row: Int, _ column: Int) -> Day? { utf8(row, column).flatMap { Day(iso8601: $0) } }
    /// A `timestamptz`; `infinity` becomes the last instant there is.
    public func instant(_ row: Int, _ column: Int) -> Instant? { utf8(row, column).flatMap { Instant(postgres: $0) } }
    /// A `bytea`.
    public func bytes(_ row: Int, _ column: Int) -> [UInt8]? { utf8(row, column).flatMap { [UInt8](postgresHex: $0) } }
    /// A `text[]` of one dimension; nil elements are NULL.
    public func textArray(_ row: Int, _ column: Int) -> [String?]? { utf8(row, column).flatMap { ArrayText.elements($0) } }

    public func isNull(_ row: Int, _ column: String) -> Bool { isNull(row, place(column)) }
    public func text(_ row: Int, _ column: String) -> String? { text(row, place(column)) }
    public func int64(_ row: Int, _ column: String) -> Int64? { int64(row, place(column)) }
    public func double(_ row: Int, _ column: String) -> Double? { double(row, place(column)) }
    public func bool(_ row: Int, _ column: String) -> Bool? { bool(row, place(column)) }
    public func decimal(_ row: Int, _ column: String) -> String? { decimal(row, place(column)) }
    public func day(_ row: Int, _ column: String) -> Day? { day(row, place(column)) }
    public func instant(_ row: Int, _ column: String) -> Instant? { instant(row, place(column)) }
    public func bytes(_ row: Int, _ column: String) -> [UInt8]? { bytes(row, place(column)) }
    public func utf8(_ row: Int, _ column: String) -> UnsafeRawBufferPointer? { utf8(row, place(column)) }
    public func textArray(_ row: Int, _ column: String) -> [String?]? { textArray(row, place(column)) }

    /// The text of a value.
    public subscript(row: Int, column: Int) -> String? { text(row, column) }
    public subscript(row: Int, column: String) -> String? { text(row, place(column)) }

    /// PostgreSQL's type number of a column, for callers that show any statement's rows.
    public func typeOID(_ column: Int) -> UInt32 { column >= 0 && column < columns.count ? PQftype(result.handle, Int32(column)) : 0 }
}

/// Frees the result with the last copy of its rows.
private final class NativeResult {
    let handle: OpaquePointer
    init(_ handle: OpaquePointer) { self.handle = handle }
    deinit { PQclear(handle) }
}
