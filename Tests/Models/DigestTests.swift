// Digests are stored for ever: the vectors here are their definition.

import JSON
import Models
import Testing

private func digest(_ json: String) throws -> PayloadDigest {
    try JSONParser().withParsed(json) { PayloadDigest(of: try EnvelopeReader.structured($0).get()) }
}

private func event(_ data: String, id: String = "1", time: String = "2026-01-01T00:00:00Z", more: String = "") -> String {
    #"{"specversion":"1.0","id":"\#(id)","source":"s","type":"site.telemetry.v1","subject":"x","time":"\#(time)"\#(more),"data":\#(data)}"#
}

@Suite struct DigestTests {
    @Test func `digests never change`() throws {
        let payload = try digest(event(#"{"power_kw":281500.5,"gpus":3,"s":"text","n":null,"l":[true,false,{}]}"#)).description
        #expect(payload == "a39ae5892f44f8f1b9fc60d6e045ff28")
        #expect(IdentityDigest(source: "https://example.org/meter", id: "r-1").value == 906_382_326_279_450_567)
        var builder = DigestBuilder(purpose: 7)
        for text in ["", "a", "ab", "abc", "abcd", "abcdefg", "abcdefgh", "0123456789abcdef", "0123456789abcdefg"] { builder.combine(text) }
        #expect(builder.finished().description == "01be94b555aaa6ca9c824c6429404b2c")
    }

    @Test func `the same event in another formatting has the same digest`() throws {
        let first = try digest(event(#"{"a":1,"b":[1,2],"c":{"d":"é","e":-0.0}}"#))
        for other in [
            event(#"{ "c" : {"e":0, "d":"\u00e9"} , "b":[1.0,2e0], "a":1 }"#),
            event(#"{"a":1,"b":[1,2],"c":{"d":"é","e":0},"x":null}"#),
            event(#"{"a":1,"b":[1,2],"c":{"d":"é","e":0}}"#, time: "2026-01-01T02:00:00.000+02:00"),
            event(#"{"a":1,"b":[1,2],"c":{"d":"é","e":0}}"#, id: "2", more: #","traceparent":"00-7""#),
        ] { #expect(try digest(other) == first) }
    }

    @Test func `another content has another digest`() throws {
        let all = [
            event("{}"), event(#"{"a":1}"#), event(#"{"a":2}"#), event(#"{"b":1}"#), event(#"{"a":"1"}"#), event(#"{"a":true}"#),
            event(#"{"a":[1]}"#), event(#"{"a":[1,1]}"#), event(#"{"a":[[1],1]}"#), event(#"{"a":{"a":1}}"#), event(#"{"a":[1,2]}"#),
            event(#"{"a":[2,1]}"#), event(#"{"a":"bc"}"#), event(#"{"ab":"c"}"#), event(#"{"a":1.0000000000000002}"#), event(#"{"a":null,"b":""}"#),
            event(#"{"a":18446744073709551615}"#), event(#"{"a":18446744073709551614}"#), event(#"{"a":9223372036854775807}"#),
            event(#"{"a":1}"#, time: "2026-01-01T00:00:00.000001Z"), event(#"{"a":1}"#, more: #","knownat":"2026-01-01T00:00:00Z""#),
            event(#"{"a":1}"#, more: #","supersedes":"2""#), event(#"{"a":1}"#, more: #","evidence":"2""#),
            event(#"{"a":1}"#, more: #","confidence":"low""#), event(#"{"a":1}"#, more: #","confidence":"high""#),
            event(#"{"a":1}"#, more: #","assertion":"projected""#), event(#"{"a":{"x":1},"b":{"y":1}}"#), event(#"{"a":{"y":1},"b":{"x":1}}"#),
        ]
        #expect(Set(try all.map(digest)).count == all.count)
    }

    @Test func `a hundred thousand neighbours have a hundred thousand digests`() {
        var payloads = Set<StableDigest>()
        var identities = Set<UInt64>()
        for n in 0..<100_000 {
            var builder = DigestBuilder()
            builder.combine("\(n)")
            payloads.insert(builder.finished())
            identities.insert(IdentityDigest(source: "s", id: "\(n)").value)
        }
        #expect(payloads.count == 100_000 && identities.count == 100_000)
    }

    @Test func `a digest is read back from its bytes and its digits`() {
        let digest = StableDigest(high: 0x0123_4567_89AB_CDEF, low: 1)
        #expect(digest.description == "0123456789abcdef0000000000000001")
        #expect(StableDigest(hexadecimal: digest.description) == digest)
        #expect(digest.bytes.withUnsafeBytes { StableDigest(bytes: $0) } == digest)
        #expect(StableDigest(hexadecimal: "xyz") == nil)
        #expect(StableDigest(high: 0, low: .max) + StableDigest(high: 1, low: 2) == StableDigest(high: 2, low: 1))
    }
}
