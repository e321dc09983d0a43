// COPY in both directions: the fast way in (a CopyBuffer, whole) and out (a closure per row). Rows travel in pieces of 256 KiB, so that the server
// parses while we send and libpq holds one piece, not the batch.

internal import CPostgres
internal import Glibc
internal import Models

extension Connection {
    /// Sends all rows of the buffer: `COPY table (columns) FROM STDIN BINARY`. Returns the number of rows stored.
    @discardableResult
    public func copyIn(_ sql: String, _ rows: borrowing CopyBuffer) throws(PostgresError) -> Int {
        let handle = try live("copy")
        try begin(handle, sql, PGRES_COPY_IN, "COPY … FROM STDIN")
        let sent = rows.withUnsafeBytes { bytes -> Bool in
            guard put(handle, binaryHeader) else { return false }
            var position = 0
            while position < bytes.count {
                let piece = UnsafeRawBufferPointer(rebasing: bytes[position..<min(position + 256 << 10, bytes.count)])
                let done = PQputCopyData(handle, piece.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(clamping: piece.count))
                guard done == 1 else { return false }
                position += piece.count
            }
            return put(handle, binaryTrailer)
        }
        // When the server has refused a row it says so in the result, which is read all the same.
        if sent { _ = PQputCopyEnd(handle, nil) }
        guard let result = try finish(handle, "copy") else { throw broken("copy") }
        defer { PQclear(result) }
        guard sent else { throw broken("copy") }
        return PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
    }

    /// Hands each row of `COPY … TO STDOUT` to the body, in the format the statement asks for. When the body throws, the rest is cancelled.
    public func copyOut(_ sql: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let handle = try live("copy")
        try begin(handle, sql, PGRES_COPY_OUT, "COPY … TO STDOUT")
        var failure: (any Error)?
        while true {
            var row: UnsafeMutablePointer<CChar>?
            let length = PQgetCopyData(handle, &row, 1)
            if length > 0 {
                if failure == nil, let row {
                    do {
                        try body(UnsafeRawBufferPointer(start: row, count: Int(length)))
                    } catch {
                        failure = error
                        canceller?.cancel()
                    }
                }
                PQfreemem(row)
            } else if length == 0 {
                guard wait(on: PQsocket(handle), for: POLLIN, until: answerDeadline), PQconsumeInput(handle) == 1 else { throw broken("copy") }
            } else {
                break
            }
        }
        do {
            PQclear(try finish(handle, "copy"))
        } catch {
            throw failure ?? error
        }
        if let failure { throw failure }
    }

    private func begin(_ handle: OpaquePointer, _ sql: String, _ expected: ExecStatusType, _ form: String) throws(PostgresError) {
        guard PQsendQuery(handle, sql) == 1 else { throw broken("copy") }
        guard let first = try nextResult(handle, "copy", until: answerDeadline) else { throw broken("copy") }
        let status = PQresultStatus(first)
        guard status != expected else {
            PQclear(first)
            return
        }
        let isError = status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE || status == PGRES_NONFATAL_ERROR
        let error =
            isError
            ? PostgresError(result: first, operation: "copy")
            : PostgresError(sqlState: nil, kind: .fatal, operation: "copy", message: "the statement is not \(form)")
        PQclear(first)
        if status == PGRES_COPY_IN { _ = PQputCopyEnd(handle, "not expected here") }
        do { PQclear(try finish(handle, "copy")) } catch {
            // The first error says what is wrong.
        }
        throw error
    }

    private func put(_ handle: OpaquePointer, _ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { PQputCopyData(handle, $0.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(clamping: $0.count)) == 1 }
    }
}

/// Signature, flags, length of the header's extension.
private let binaryHeader: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0] + [0, 0, 0, 0] + [0, 0, 0, 0]
/// A row of -1 columns.
private let binaryTrailer: [UInt8] = [0xFF, 0xFF]
