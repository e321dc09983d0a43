// The CloudEvents envelope in both modes.

import JSON
import Models
import Testing

private let required = #""specversion":"1.0","id":"1","source":"s","type":"site.telemetry.v1","subject":"x","time":"2026-01-01T00:00:00Z""#

struct BrokenEnvelope: Sendable {
    let json: String
    let expected: Violation
    init(_ json: String, _ code: ErrorCode, _ pointer: String, _ expected: String, _ actual: String) {
        (self.json, self.expected) = (json, Violation(code, at: pointer, expected: expected, actual: actual))
    }
}

/// Headers over arrays that live for the call.
private func binary(_ headers: [(String, String)], data: String?, _ transport: BinaryTransport) throws -> Result<[UInt8], Violation> {
    let buffers = headers.map { (Array($0.0.utf8), Array($0.1.utf8)) }
    let pairs = buffers.map { name, value in
        let n = UnsafeMutableRawBufferPointer.allocate(byteCount: name.count, alignment: 1)
        let v = UnsafeMutableRawBufferPointer.allocate(byteCount: value.count, alignment: 1)
        n.copyBytes(from: name)
        v.copyBytes(from: value)
        return (name: UnsafeRawBufferPointer(n), value: UnsafeRawBufferPointer(v))
    }
    defer { for pair in pairs { pair.name.deallocate(); pair.value.deallocate() } }
    guard let data else { return EnvelopeReader.binary(headers: pairs, data: nil, transport) }
    return try JSONParser().withParsed(data) { EnvelopeReader.binary(headers: pairs, data: $0, transport) }
}

@Suite struct EnvelopeTests {
    static let broken: [BrokenEnvelope] = [
        .init("[]", .envelopeNotObject, "", "object", "array"),
        .init("{}", .envelopeAttributeMissing, "/specversion", "string", "missing"),
        .init(#"{"specversion":"0.3"}"#, .envelopeSpecversion, "/specversion", "1.0", #""0.3""#),
        .init(#"{"specversion":"1.0"}"#, .envelopeAttributeMissing, "/id", "string", "missing"),
        .init(#"{"specversion":"1.0","id":null}"#, .envelopeAttributeMissing, "/id", "string", "missing"),
        .init(#"{"specversion":"1.0","id":7}"#, .envelopeAttributeType, "/id", "string", "number"),
        .init(#"{"specversion":"1.0","id":""}"#, .envelopeAttributeLength, "/id", "1 to 256 bytes", "0 bytes"),
        .init(#"{"id":"\#(String(repeating: "x", count: 257))"}"#, .envelopeAttributeLength, "/id", "1 to 256 bytes", "257 bytes"),
        .init(#"{"source":"\#(String(repeating: "x", count: 1025))"}"#, .envelopeAttributeLength, "/source", "1 to 1024 bytes", "1025 bytes"),
        .init(#"{"subject":"\#(String(repeating: "x", count: 257))"}"#, .envelopeAttributeLength, "/subject", "1 to 256 bytes", "257 bytes"),
        .init(#"{"subject":"a\u0000b"}"#, .envelopeAttributeNUL, "/subject", "no control characters", #""a\u0000b""#),
        .init(#"{"source":"a\nlong enough to take words"}"#, .envelopeAttributeNUL, "/source", "no control characters",
            #""a\nlong enough to take words""#),
        .init(#"{"time":"2026-01-01"}"#, .envelopeAttributeValue, "/time", "RFC 3339 instant", #""2026-01-01""#),
        .init(#"{"knownat":"2026-13-01T00:00:00Z"}"#, .envelopeAttributeValue, "/knownat", "RFC 3339 instant", #""2026-13-01T00:00:00Z""#),
        .init(#"{"confidence":"sure"}"#, .envelopeAttributeValue, "/confidence", "one of high, medium, low", #""sure""#),
        .init(#"{"assertion":"guessed"}"#, .envelopeAttributeValue, "/assertion",
            "one of reported, extracted, calculated, inferred, projected", #""guessed""#),
        .init(#"{"datacontenttype":"text/plain"}"#, .envelopeAttributeValue, "/datacontenttype", "application/json", #""text/plain""#),
        .init(#"{"data_base64":"AAAA"}"#, .envelopeDataBase64, "/data_base64", "JSON in data", "data_base64"),
        .init(#"{"id":"1","id":"1"}"#, .jsonDuplicateKey, "/id", "each key once", "the key again"),
        .init("{\(required),\"ext\":1,\"ext\":2}", .jsonDuplicateKey, "/ext", "each key once", "the key again"),
        .init(#"{"Not-A-Name":"1"}"#, .envelopeAttributeName, "/Not-A-Name", "1 to 64 characters a-z and 0-9", #""Not-A-Name""#),
        .init(#"{"extension":{}}"#, .envelopeAttributeType, "/extension", "string, number or boolean", "object"),
    ]

    @Test(arguments: broken) func `a broken envelope is named by code, pointer, expected and actual`(broken: BrokenEnvelope) throws {
        #expect(try violations(broken.json) == [broken.expected])
    }

    @Test func `an envelope gives its attributes and keeps its extensions`() throws {
        let json = """
            {\(required),"knownat":"2026-01-02T00:00:00Z","supersedes":"0","confidence":"low","assertion":"inferred","evidence":"https://e",
            "datacontenttype":"application/json; charset=utf-8","acceptedby":"ada","traceparent":"00-1","count":3,"none":null,"data":{}}
            """
        try JSONParser().withParsed(json) { root in
            let event = try EnvelopeReader.structured(root).get()
            #expect(event.id.text == "1" && event.source.text == "s" && event.subject.text == "x" && event.supersedes?.text == "0")
            #expect(event.occurredAt == Instant("2026-01-01T00:00:00Z") && event.knownAt == Instant("2026-01-02T00:00:00Z"))
            #expect(event.confidence == .low && event.assertion == .inferred && event.evidence?.text == "https://e")
            #expect(event.eventType == .siteTelemetry && event.data?.kind == .object)
            var names: [String] = []
            event.forEachExtension { name, _ in names.append(name.text) }
            #expect(names == ["acceptedby", "traceparent", "count"])
        }
    }

    @Test func `an event in binary mode says the same as in structured mode`() throws {
        for (transport, mark) in [(BinaryTransport.http, "CE-"), (.kafka, "ce_")] {
            let quoted = transport == .http ? "a%20%22b%22%E2%82%AC" : "a \"b\"€"
            let headers = [
                ("content-type", "application/json"), ("\(mark)specversion", "1.0"), ("\(mark)id", "1"), ("\(mark)source", "s"),
                ("\(mark)type", "site.telemetry.v1"), ("\(mark)subject", quoted), ("\(mark)time", "2026-01-01T00:00:00Z"), ("x-other", "y"),
            ].map { ($0.0 as String, $0.1 as String) }
            let bytes = try binary(headers, data: #"{"power_kw": 1.50}"#, transport).get()
            let structured = #"{"data":{"power_kw":1.5},"subject":"a \"b\"€","time":"2026-01-01T00:00:00Z","type":"site.telemetry.v1","#
                + #""source":"s","id":"1","specversion":"1.0"}"#
            let a = try JSONParser().withParsed(bytes) { PayloadDigest(of: try EnvelopeReader.structured($0).get()) }
            let b = try JSONParser().withParsed(structured) { PayloadDigest(of: try EnvelopeReader.structured($0).get()) }
            #expect(a == b)
        }
    }

    @Test func `broken binary headers are named`() throws {
        func code(_ headers: [(String, String)], _ transport: BinaryTransport) throws -> ErrorCode? {
            if case .failure(let violation) = try binary(headers, data: nil, transport) { violation.code } else { nil }
        }
        #expect(try code([("ce-id", "%4")], .http) == .envelopeAttributeEncoding)
        #expect(try code([("ce-id", "%FF")], .http) == .envelopeAttributeEncoding)
        #expect(try code([("ce-id", "1"), ("CE-ID", "2")], .http) == .jsonDuplicateKey)
        #expect(try code([("ce_my-name", "1")], .kafka) == .envelopeAttributeName)
        #expect(try code([("ce_data", "1")], .kafka) == .envelopeAttributeName)
        #expect(try code([("ce_id", "%4")], .kafka) == nil)
    }

    @Test func `what the writer writes is read back`() throws {
        var event = EventWriter(.siteTelemetry, id: "a\"b", source: "s", subject: "x", occurredAt: Instant(microseconds: 1))
        event.knownAt = Instant(microseconds: 2)
        event.supersedes = "old"
        event.confidence = .medium
        event.assertion = .projected
        event.evidence = "https://e"
        event.extensions = [("traceparent", "00-1")]
        event.data { $0.member("power_kw", 1.25) }
        try JSONParser().withParsed(event.bytes) { root in
            let view = try EnvelopeReader.structured(root).get()
            #expect(view.id.text == "a\"b" && view.occurredAt == event.occurredAt && view.knownAt == event.knownAt)
            #expect(view.supersedes?.text == "old" && view.confidence == .medium && view.assertion == .projected)
            #expect(view.data?["power_kw"]?.double == 1.25 && view.root["traceparent"]?.string == "00-1")
        }
    }
}
