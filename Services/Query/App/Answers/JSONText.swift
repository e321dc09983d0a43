// One flat JSON object of texts, over Models' writer.

import Models

struct JSONText {
    private var members: [(String, String)] = []

    mutating func begin() { members.removeAll() }
    mutating func member(_ name: String, _ value: String) { members.append((name, value)) }

    func end() -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in for (name, value) in members { writer.member(name, value) } }
        return writer.bytes
    }
}
