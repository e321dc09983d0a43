// JSON for people: the same text, one member a line. For files that are read and compared (schemas, documents) and for the terminal.

extension JSONWriter {
    /// `json` with two blanks a level. Short arrays of plain values stay on their line. The text must be JSON; anything else comes out as it may.
    public static func indented(_ json: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(json.count * 2)
        var depth = 0
        var position = 0
        func newLine() {
            out.append(UInt8(ascii: "\n"))
            out.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * 2))
        }
        while position < json.count {
            let byte = json[position]
            switch byte {
            case UInt8(ascii: "\""):
                let end = endOfString(json, position)
                out.append(contentsOf: json[position..<end])
                position = end
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                if let end = plainEnd(json, position) {
                    out.append(contentsOf: spaced(json[position..<end]))
                    position = end
                    continue
                }
                out.append(byte)
                depth += 1
                newLine()
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth = max(0, depth - 1)
                newLine()
                out.append(byte)
            case UInt8(ascii: ","):
                out.append(byte)
                newLine()
            case UInt8(ascii: ":"):
                out.append(byte)
                out.append(UInt8(ascii: " "))
            default: out.append(byte)
            }
            position += 1
        }
        return out
    }

    /// The index after the string that begins at `start`.
    private static func endOfString(_ json: [UInt8], _ start: Int) -> Int {
        var position = start + 1
        while position < json.count {
            if json[position] == UInt8(ascii: "\\") {
                position += 2
            } else if json[position] == UInt8(ascii: "\"") {
                return position + 1
            } else {
                position += 1
            }
        }
        return json.count
    }

    /// The index after an object or array that is empty, or an array without objects and arrays of at most 100 bytes; nil for any other.
    private static func plainEnd(_ json: [UInt8], _ start: Int) -> Int? {
        var position = start + 1
        if position < json.count, json[position] == UInt8(ascii: "}") || json[position] == UInt8(ascii: "]") { return position + 1 }
        guard json[start] == UInt8(ascii: "[") else { return nil }
        while position < json.count, position < start + 100 {
            switch json[position] {
            case UInt8(ascii: "\""): position = endOfString(json, position)
            case UInt8(ascii: "]"): return position + 1
            case UInt8(ascii: "{"), UInt8(ascii: "["): return nil
            default: position += 1
            }
        }
        return nil
    }

    /// A blank after each comma outside strings.
    private static func spaced(_ json: ArraySlice<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        var inString = false
        var escaped = false
        for byte in json {
            out.append(byte)
            if escaped { escaped = false; continue }
            switch byte {
            case UInt8(ascii: "\\"): escaped = inString
            case UInt8(ascii: "\""): inString.toggle()
            case UInt8(ascii: ","): if !inString { out.append(UInt8(ascii: " ")) }
            default: break
            }
        }
        return out
    }
}
