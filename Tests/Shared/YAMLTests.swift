// YAML as a tree with places: what people write is read, what they mistype is pointed at.

import Testing
import YAML

@Suite struct YAMLTests {
    @Test func `every value and key knows its line and column`() throws {
        let root = try YAMLParser.parse("rules:\n  - id: a\n    for: 5m\n    levels: [{ above: 0.95 }, 2]\n")
        let rules = try #require(root["rules"]?.elements)
        let first = try #require(rules.first)
        #expect(first.position == YAMLPosition(line: 2, column: 5))
        #expect(first["id"]?.text == "a")
        #expect(first.members?[1].keyPosition == YAMLPosition(line: 3, column: 5))
        #expect(first["levels"]?.elements?[0]["above"]?.number == 0.95)
        #expect(first["levels"]?.elements?[0]["above"]?.position == YAMLPosition(line: 4, column: 23))
        #expect(first["levels"]?.elements?[1].integer == 2)
    }

    @Test func `quotes make a text of what would be a number, a boolean or null`() throws {
        let root = try YAMLParser.parse("a: '5'\nb: 5\nc: \"true\"\nd: true\ne: null\nf: 'null'\ng: yes\nh: 0x10\ni: .nan\nj: 1e3\n")
        #expect(root["a"]?.number == nil && root["a"]?.text == "5")
        #expect(root["b"]?.integer == 5)
        #expect(root["c"]?.boolean == nil && root["d"]?.boolean == true)
        #expect(root["e"]?.isNull == true && root["f"]?.text == "null")
        #expect(root["g"]?.boolean == nil && root["g"]?.text == "yes")
        #expect(root["h"]?.number == nil && root["i"]?.number == nil && root["j"]?.number == 1000)
    }

    @Test(arguments: [
        ("a: 1\na: 2\n", 2, 1, "repeated"), ("a: &x 1\nb: *x\n", 1, 4, "aliases"), ("a: !!str 1\n", 1, 4, "tags"), ("a: [1, 2\n", 2, 1, "expected"),
        ("? [a]\n: 1\n", 1, 3, "a key must be a text"), ("a: 1\n---\nb: 2\n", 2, 1, "second document"), ("a:\n\t- 1\n", 2, 1, "token"),
    ])
    func `a fault is told with its place`(_ text: String, _ line: Int, _ column: Int, _ part: String) {
        #expect {
            try YAMLParser.parse(text)
        } throws: { error in
            guard let error = error as? YAMLError else { return false }
            return error.message.contains(part) && error.position == YAMLPosition(line: line, column: column)
        }
    }

    @Test func `depth, size and broken UTF-8 are bounded and refused`() throws {
        #expect(throws: YAMLError.self) { try YAMLParser.parse(String(repeating: "[", count: 100)) }
        #expect(throws: YAMLError.self) { try YAMLParser.parse([0x61, 0x3A, 0x20, 0xFF, 0xFE]) }
        var limits = YAMLLimits()
        limits.bytes = 10
        #expect(throws: YAMLError.self) { try YAMLParser.parse("a: 12345678", limits: limits) }
        limits = YAMLLimits()
        limits.nodes = 3
        #expect(throws: YAMLError.self) { try YAMLParser.parse("[1, 2, 3]", limits: limits) }
        #expect(try YAMLParser.parse("").isNull)
    }
}
