// CSV as spreadsheets read it (RFC 4180: commas, CRLF, quotes doubled), with the unit of each column in its header. Cells that begin like a
// formula get a leading apostrophe: data from outside must not run in somebody's spreadsheet. Pure.

public import Models

public enum CSVText {
    /// `facility_power_mw (MW)`; the bare name where there is no unit.
    public static func header(_ columns: [Column]) -> String {
        columns.map { column in field(column.unit.map { "\(column.name) (\($0))" } ?? column.name) }.joined(separator: ",") + "\r\n"
    }

    /// The rows of a JSON array, one line each.
    public static func append(_ items: JSONView, _ columns: [Column], to text: inout String) {
        for row in items.elements {
            var first = true
            for column in columns {
                if !first { text += "," }
                first = false
                let cell = Cell(row, column.name)
                if case .text(let value) = cell { text += field(guarded(value)) } else { text += field(cell.plain) }
            }
            text += "\r\n"
        }
    }

    /// Quoted where it must be.
    public static func field(_ value: String) -> String {
        let special: (UInt8) -> Bool = { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }
        let edge = value.utf8.first == 0x20 || value.utf8.last == 0x20
        guard edge || value.utf8.contains(where: special) else { return value }
        return "\"" + value.replacing("\"", with: "\"\"") + "\""
    }

    private static func guarded(_ value: String) -> String {
        guard let first = value.utf8.first, [0x3D, 0x2B, 0x2D, 0x40, 0x09].contains(first), Double(value) == nil else { return value }
        return "'" + value
    }
}
