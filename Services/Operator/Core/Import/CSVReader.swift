// Reads CSV as RFC 4180 and its common cousins: quoted fields with doubled quotes, commas and line breaks inside them, CRLF or LF, a byte
// order mark. Fields are found by the header's names. Pure: bytes in, rows out, and a problem names its line.

/// A table read from CSV.
public struct CSVTable: Sendable {
    public let header: [String]
    public let rows: [Row]
    private let index: [String: Int]

    public struct Row: Sendable {
        /// Where the row starts in the file, from 1.
        public let line: Int
        public let fields: [String]
    }

    /// A file that is no CSV, or lacks a column.
    public struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
        public let line: Int
        public let message: String
        public var description: String { "line \(line): \(message)" }
    }

    /// - Parameter required: columns that must be there.
    public init(_ bytes: [UInt8], required: [String] = []) throws(Problem) {
        var records = try CSVReader.records(bytes)
        guard !records.isEmpty else { throw Problem(line: 1, message: "the file is empty; a header line was expected") }
        header = records.removeFirst().fields
        var index: [String: Int] = [:]
        for (position, name) in header.enumerated() where index[name] == nil { index[name] = position }
        for name in required where index[name] == nil {
            throw Problem(line: 1, message: "the column '\(name)' is missing; found: \(header.prefix(12).joined(separator: ", "))")
        }
        let width = header.count
        if let odd = records.first(where: { $0.fields.count != width }) {
            throw Problem(line: odd.line, message: "\(odd.fields.count) fields where the header has \(width)")
        }
        self.index = index
        rows = records
    }

    /// The field of `row` in the column of this name, blanks at its ends cut; empty when the column is not there.
    public func field(_ row: Row, _ column: String) -> String {
        guard let position = index[column], position < row.fields.count else { return "" }
        return row.fields[position].trimmed
    }

    public func has(_ column: String) -> Bool { index[column] != nil }
}

enum CSVReader {
    static func records(_ bytes: [UInt8]) throws(CSVTable.Problem) -> [CSVTable.Row] {
        let quote = UInt8(ascii: "\"")
        let comma = UInt8(ascii: ",")
        let feed = UInt8(ascii: "\n")
        let carriage = UInt8(ascii: "\r")
        var records: [CSVTable.Row] = []
        var fields: [String] = []
        var field: [UInt8] = []
        var position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var line = 1
        var startLine = 1
        var wasQuoted = false

        func finishField() {
            fields.append(String(decoding: field, as: UTF8.self))
            field.removeAll(keepingCapacity: true)
            wasQuoted = false
        }
        func finishRecord() {
            let isBlank = fields.isEmpty && field.isEmpty && !wasQuoted
            if !isBlank {
                finishField()
                records.append(CSVTable.Row(line: startLine, fields: fields))
            }
            fields.removeAll(keepingCapacity: true)
            startLine = line
        }

        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case quote where field.isEmpty && !wasQuoted:
                wasQuoted = true
                let opened = line
                var closed = false
                while position < bytes.count {
                    let inner = bytes[position]
                    position += 1
                    if inner == quote {
                        if position < bytes.count, bytes[position] == quote {
                            field.append(quote)
                            position += 1
                        } else {
                            closed = true
                            break
                        }
                    } else {
                        if inner == feed { line += 1 }
                        field.append(inner)
                    }
                }
                guard closed else { throw CSVTable.Problem(line: opened, message: "a quoted field is never closed") }
            case quote:
                throw CSVTable.Problem(line: line, message: "a quote inside a field that is not quoted")
            case comma:
                finishField()
            case feed:
                line += 1
                finishRecord()
            case carriage:
                if position < bytes.count, bytes[position] == feed { continue }
                line += 1
                finishRecord()
            default:
                if wasQuoted { throw CSVTable.Problem(line: line, message: "text after the closing quote of a field") }
                field.append(byte)
            }
        }
        if !field.isEmpty || !fields.isEmpty || wasQuoted { finishRecord() }
        return records
    }
}

extension String {
    /// Without white space at its ends.
    var trimmed: String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r" || $0 == "\u{A0}" }
        var text = Substring(self)
        while let first = text.first, isSpace(first) { text.removeFirst() }
        while let last = text.last, isSpace(last) { text.removeLast() }
        return String(text)
    }
}
