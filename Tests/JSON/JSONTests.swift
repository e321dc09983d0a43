// The parser, the view and the writer together.

import JSON
import Models
import Testing

@Suite struct JSONTests {
    static let documents = [
        "null", "true", "0", "-1.5", "\"\"", "[]", "{}", #"{"a":[1,2.5,"x",null,true,{"b":{}}],"c":"\"\\\/\b\f\n\r\té😀"}"#,
        #"[18446744073709551615,9223372036854775807,-9223372036854775808,1e300,5e-324,0.1]"#, #"{"":{"":""}}"#,
    ]
    @Test(arguments: documents) func `a document is written again and read as the same`(text: String) throws {
        let parser = JSONParser()
        func again(_ bytes: [UInt8]) throws -> [UInt8] {
            try parser.withParsed(bytes) { view in
                var writer = JSONWriter()
                writer.value(view)
                return writer.bytes
            }
        }
        let once = try again(Array(text.utf8))
        #expect(try again(once) == once)
        let indented = JSONWriter.indented(once)
        #expect(try again(indented) == once)
    }

    @Test func `numbers keep their value`() throws {
        try JSONParser().withParsed("[3,3.0,3e0,3.5,-0.0,9007199254740993,9223372036854775807,18446744073709551615,1e300]") { view in
            let values = Array(view.elements)
            #expect(values.map(\.integer) == [3, 3, 3, nil, 0, 9_007_199_254_740_993, .max, nil, nil])
            #expect(values.map(\.isExactDouble) == [true, true, true, true, true, false, false, false, true])
            #expect(values[3].double == 3.5 && values[8].double == 1e300 && values.allSatisfy { $0.kind == .number })
            var writer = JSONWriter()
            writer.value(view)
            #expect(writer.text == "[3,3,3,3.5,0,9007199254740993,9223372036854775807,18446744073709551615,1e+300]")
        }
    }

    @Test func `a view walks objects and arrays of any nesting`() throws {
        try JSONParser().withParsed(#"{"a":{"x":[1,[2,{"y":3}]]},"b":"t","a":4}"#) { view in
            #expect(view.childCount == 3 && view.members.map { $0.key.text } == ["a", "b", "a"])
            #expect(view["a"]?["x"]?.elements.map(\.kind) == [.number, .array] && view["b"]?.string == "t")
            #expect(view["c"] == nil && view["b"]?["x"] == nil && view["b"]?.elements.map(\.kind) == [] && view.double == nil)
            #expect(view.member(named: "b")?.stringBytes?.hasSameBytes(as: "t" as String) == true)
        }
    }

    @Test func `control characters and quotes are escaped, everything else is kept`() throws {
        let text = String(String.UnicodeScalarView((0..<0x180).compactMap { Unicode.Scalar($0) })) + "\u{2028}😀"
        var writer = JSONWriter()
        writer.object { $0.member(text, text) }
        let back = try JSONParser().withParsed(writer.bytes) { view in view.members.map { [$0.key.text, $0.value.string] } }
        #expect(back == [[text, text]])
    }

    @Test func `the writer puts commas where they belong`() {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("a", 1)
            writer.member("b", Double.nan)
            writer.member("c", nil as String?)
            writer.key("d")
            writer.array { writer in
                writer.string("x")
                writer.object { _ in }
                writer.raw("[1]".utf8)
                writer.boolean(false)
            }
            writer.member("e", Instant(microseconds: 0))
        }
        #expect(writer.text == #"{"a":1,"b":null,"c":null,"d":["x",{},[1],false],"e":"1970-01-01T00:00:00Z"}"#)
    }

    static let broken: [(String, ErrorCode)] = [
        ("", .bodyEmpty), (" ", .jsonMalformed), ("{", .jsonMalformed), ("{\"a\":1,}", .jsonMalformed), ("{} {}", .jsonMalformed),
        ("nul", .jsonMalformed),
        ("[1e400]", .jsonNumber), ("[01]", .jsonNumber), ("[18446744073709551616]", .jsonNumber), ("\"\u{1}\"", .jsonMalformed),
        ("\"\\ud800\"", .jsonMalformed),
        (String(repeating: "[", count: 33) + String(repeating: "]", count: 33), .jsonDepth), ("{'a':1}", .jsonMalformed),
    ]
    @Test(arguments: broken) func `what is not JSON is refused with its code`(text: String, code: ErrorCode) throws {
        let bytes = Array(text.utf8)
        let found: ErrorCode? = bytes.withUnsafeBytes { raw in
            do throws(JSONError) { _ = try JSONParser().parse(raw); return nil } catch { return error.errorCode }
        }
        #expect(found == code)
    }

    @Test func `broken UTF-8 is refused wherever it stands`() throws {
        let parser = JSONParser()
        for bad in [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80]] as [[UInt8]] {
            let bytes = Array("{\"a\":\"".utf8) + bad + Array("\"}".utf8)
            let found: ErrorCode? = bytes.withUnsafeBytes { raw in
                do throws(JSONError) { _ = try parser.parse(raw); return nil } catch { return error.errorCode }
            }
            #expect(found == .jsonEncoding)
        }
        #expect(try parser.withParsed("[1]") { $0.elements.map(\.integer) } == [1])   // and the parser still works
    }

    @Test func `a document larger than the parser has seen is parsed`() throws {
        let parser = JSONParser()
        for count in [10, 100_000, 10] {
            let text = "[" + (0..<count).map(String.init).joined(separator: ",") + "]"
            #expect(try parser.withParsed(text) { $0.elements.reduce(0) { sum, _ in sum + 1 } } == count)
        }
    }
}
