// Rows in PostgreSQL's binary COPY format, built by appending to one block of memory that is kept from batch to batch: no object and no
// allocation a row, which is what lets one thread feed more than 300,000 rows a second. Format: the "Binary Format" section of COPY's manual page.
// Invariant: between two calls of `beginRow` exactly the announced number of columns is written. A copy of a buffer is made on its first
// write, as with an array. Read next: Connection+Copy.swift, which sends it.

public import Models

public struct CopyBuffer: Sendable {
    @usableFromInline var storage: CopyStorage
    @usableFromInline var count = 0
    /// Rows begun since the last `removeAll`.
    public private(set) var rows = 0
    @usableFromInline var missingColumns = 0

    /// - Parameter capacity: bytes to begin with; the block doubles when it is full.
    public init(capacity: Int = 64 << 10) {
        storage = CopyStorage(capacity: max(1024, capacity))
    }

    /// Bytes of all rows.
    public var byteCount: Int { count }
    public var isEmpty: Bool { rows == 0 }

    /// Forgets the rows and keeps the memory.
    public mutating func removeAll() {
        count = 0
        rows = 0
        missingColumns = 0
    }

    /// Starts a row; `columns` fields must follow, in the order of the COPY statement's column list.
    public mutating func beginRow(columns: Int) {
        precondition(missingColumns == 0, "the row before has fewer columns than announced")
        reserve(2)
        store(Int16(truncatingIfNeeded: columns))
        rows += 1
        missingColumns = columns
    }

    public mutating func null() {
        field(0)
        store(Int32(-1))
    }

    public mutating func int2(_ value: Int16) {
        field(2)
        store(Int32(2))
        store(value)
    }
    public mutating func int4(_ value: Int32) {
        field(4)
        store(Int32(4))
        store(value)
    }
    public mutating func int8(_ value: Int64) {
        field(8)
        store(Int32(8))
        store(value)
    }
    public mutating func double(_ value: Double) {
        field(8)
        store(Int32(8))
        store(value.bitPattern)
    }
    public mutating func bool(_ value: Bool) {
        field(1)
        store(Int32(1))
        store(UInt8(value ? 1 : 0))
    }
    /// `timestamptz`.
    public mutating func instant(_ value: Instant) {
        field(8)
        store(Int32(8))
        store(value.postgresMicroseconds)
    }
    /// `date`.
    public mutating func day(_ value: Day) {
        field(4)
        store(Int32(4))
        store(value.postgresDays)
    }

    public mutating func int4(orNull value: Int32?) { if let value { int4(value) } else { null() } }
    public mutating func int8(orNull value: Int64?) { if let value { int8(value) } else { null() } }
    public mutating func double(orNull value: Double?) { if let value { double(value) } else { null() } }
    public mutating func bool(orNull value: Bool?) { if let value { bool(value) } else { null() } }
    public mutating func instant(orNull value: Instant?) { if let value { instant(value) } else { null() } }
    public mutating func day(orNull value: Day?) { if let value { day(value) } else { null() } }
    public mutating func text(orNull value: UnsafeRawBufferPointer?) { if let value { text(value) } else { null() } }
    public mutating func text(orNull value: String?) { if let value { text(value) } else { null() } }
    public mutating func numeric(orNull value: Double?) { if let value { numeric(value) } else { null() } }
    public mutating func jsonb(orNull value: UnsafeRawBufferPointer?) { if let value { jsonb(value) } else { null() } }

    /// UTF-8 without NUL (the server refuses both, with a code of class 22).
    public mutating func text(_ utf8: UnsafeRawBufferPointer) {
        field(utf8.count)
        store(Int32(truncatingIfNeeded: utf8.count))
        store(bytes: utf8)
    }

    public mutating func text(_ value: String) {
        var value = value
        value.withUTF8 { text(UnsafeRawBufferPointer($0)) }
    }

    public mutating func bytes(_ value: UnsafeRawBufferPointer) { text(value) }
    public mutating func bytes(_ value: [UInt8]) { value.withUnsafeBytes { text($0) } }

    /// `jsonb` from JSON text: a version byte, then the text.
    public mutating func jsonb(_ json: UnsafeRawBufferPointer) {
        field(json.count + 1)
        store(Int32(truncatingIfNeeded: json.count + 1))
        store(UInt8(1))
        store(bytes: json)
    }

    public mutating func jsonb(_ json: [UInt8]) { json.withUnsafeBytes { jsonb($0) } }

    /// `numeric` from the double's shortest decimal text, which is what the sender wrote.
    public mutating func numeric(_ value: Double) { numeric(NumericDigits(value)) }

    /// `numeric` from a decimal text such as `-12.50`. False, and nothing written, when it is none.
    public mutating func numeric(decimal utf8: UnsafeRawBufferPointer) -> Bool {
        guard let digits = NumericDigits(utf8: utf8) else { return false }
        numeric(digits)
        return true
    }

    private mutating func numeric(_ digits: NumericDigits) {
        field(digits.byteCount)
        store(Int32(truncatingIfNeeded: digits.byteCount))
        store(Int16(truncatingIfNeeded: digits.digits.count))
        store(digits.weight)
        store(digits.sign)
        store(digits.displayScale)
        for digit in digits.digits { store(digit) }
    }

    /// `text[]`.
    public mutating func textArray(_ values: [String]) {
        textArray(count: values.count, bytes: values.reduce(0) { $0 + $1.utf8.count }) { buffer in
            for value in values { buffer.element(value) }
        }
    }

    /// `text[]` without an array of strings: the number of elements, the bytes of them all, and a body that calls `element` for each.
    public mutating func textArray(count elements: Int, bytes: Int, _ body: (inout CopyBuffer) -> Void) {
        let length = elements == 0 ? 12 : 20 + 4 * elements + bytes
        field(length)
        store(Int32(truncatingIfNeeded: length))
        store(Int32(elements == 0 ? 0 : 1))  // dimensions
        store(Int32(0))  // no nulls
        store(TypeOID.text)
        guard elements > 0 else { return }
        store(Int32(truncatingIfNeeded: elements))
        store(Int32(1))  // lower bound
        let end = count + 4 * elements + bytes
        body(&self)
        precondition(count == end, "the elements of a text array are not what was announced")
    }

    /// One element inside `textArray`.
    public mutating func element(_ utf8: UnsafeRawBufferPointer) {
        reserve(4 + utf8.count)
        store(Int32(truncatingIfNeeded: utf8.count))
        store(bytes: utf8)
    }

    public mutating func element(_ value: String) {
        var value = value
        value.withUTF8 { element(UnsafeRawBufferPointer($0)) }
    }

    /// All bytes so far, for the sender and for tests.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: storage.base, count: count))
    }

    // MARK: writing

    /// Room for a field of `length` bytes and its length word, and one column less to come.
    @inline(__always)
    private mutating func field(_ length: Int) {
        precondition(missingColumns > 0, "a row has more columns than announced")
        missingColumns -= 1
        reserve(4 + length)
    }

    @inline(__always)
    private mutating func reserve(_ bytes: Int) {
        if count + bytes > storage.capacity || !isKnownUniquelyReferenced(&storage) { move(toFit: count + bytes) }
    }

    @inline(never)
    private mutating func move(toFit needed: Int) {
        let roomier = CopyStorage(capacity: needed > storage.capacity ? max(needed, storage.capacity * 2) : storage.capacity)
        roomier.base.copyMemory(from: storage.base, byteCount: count)
        storage = roomier
    }

    @inline(__always)
    private mutating func store<Number: FixedWidthInteger>(_ value: Number) {
        storage.base.storeBytes(of: value.bigEndian, toByteOffset: count, as: Number.self)
        count += MemoryLayout<Number>.size
    }

    @inline(__always)
    private mutating func store(bytes: UnsafeRawBufferPointer) {
        if let start = bytes.baseAddress { (storage.base + count).copyMemory(from: start, byteCount: bytes.count) }
        count += bytes.count
    }
}

/// The block of memory. Unchecked: it is written only by the buffer that holds it alone (`isKnownUniquelyReferenced`), as an array's is.
@usableFromInline
final class CopyStorage: @unchecked Sendable {
    @usableFromInline let base: UnsafeMutableRawPointer
    @usableFromInline let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
        base = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { base.deallocate() }
}
