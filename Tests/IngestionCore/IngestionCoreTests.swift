// The door's decisions as tables: modes, slices, rights, refusals, answers.

import IngestionCore
import JSON
import Models
import Testing

private let noon = Instant("2026-07-19T12:00:00Z") ?? Instant(microseconds: 0)
/// After every example of the catalogue.
private let afterwards = Instant("2027-01-01T00:00:00Z") ?? Instant(microseconds: 0)

private func reading(_ changes: String = "", data: String = #"{"power_kw":5}"#) -> String {
    #"{"specversion":"1.0","id":"a","source":"/s","type":"site.telemetry.v1","subject":"abilene","time":"2026-07-19T12:00:00Z"\#(changes),"data":\#(data)}"#
}

private func event(_ type: EventType, source: String = "/s") -> String {
    let example = type.example
    let assertion = example.assertion.map { #","assertion":"\#($0)""# } ?? ""
    return #"{"specversion":"1.0","id":"a","source":"\#(source)","type":"\#(type.qualifiedName)","subject":"\#(example.subject)","time":"\#(example.occurredAt)"\#(assertion),"data":\#(example.json)}"#
}

@Suite struct RequestModeTests {
    private func mode(_ type: String?, headers: Bool = false) -> String {
        func name(_ result: Result<RequestMode, Refusal>) -> String {
            switch result {
            case .success(let mode): "\(mode)"
            case .failure(let refusal): "\(refusal.status) \(refusal.code.rawValue)"
            }
        }
        guard var text = type else { return name(RequestMode.of(contentType: nil, hasEventHeaders: headers)) }
        return text.withUTF8 { name(RequestMode.of(contentType: UnsafeRawBufferPointer($0), hasEventHeaders: headers)) }
    }

    @Test(arguments: [
        ("application/cloudevents+json", false, "structured"), ("Application/CloudEvents+JSON; charset=UTF-8", false, "structured"),
        ("application/cloudevents-batch+json", false, "batch"), ("application/cloudevents-batch+json ;charset=\"utf-8\"", false, "batch"),
        ("application/json", true, "binary"), ("application/vnd.site+json", true, "binary"), ("application/x-ndjson", false, "lines"),
        ("application/cloudevents+json", true, "structured"), ("application/json", false, "415 content_type.unsupported"),
        ("text/plain", true, "415 content_type.unsupported"), ("application/cloudevents+json; charset=latin1", false, "415 content_type.unsupported"),
        ("", false, "415 content_type.unsupported"), ("application/cloudevents+xml", false, "415 content_type.unsupported"),
    ])
    func `the content type decides the mode`(_ type: String, _ headers: Bool, _ expected: String) { #expect(mode(type, headers: headers) == expected) }

    @Test func `no content type is refused`() { #expect(mode(nil) == "415 content_type.unsupported") }
}

@Suite struct BatchSplitterTests {
    private func slices(_ text: String) -> [String] {
        Array(text.utf8).withUnsafeBytes { bytes in
            var splitter = BatchSplitter(bytes)
            var found: [String] = []
            while let slice = splitter.next() { found.append(String(decoding: slice, as: UTF8.self)) }
            return found
        }
    }

    @Test func `each element keeps its own bytes, brackets and quotes inside strings included`() {
        let elements = [
            #"{"a":"]},{"}"#, #"{ "b" : [1, {"c":"\"\\"}] }"#, #"{"d":"\\"}"#, "[]", "{}", "1.50e3", "null", #""text, with ] and \" inside""#,
            #"{"long":"0123456789abcdef\"0123456789abcdef","u":"\u0022]"}"#,
        ]
        #expect(slices(" [ " + elements.joined(separator: " ,\n\t") + " ] ") == elements)
        #expect(slices("[" + elements.joined(separator: ",") + "]") == elements)
    }

    @Test(arguments: ["[]", " [ ] ", "", "{}", "[", "nonsense"]) func `what has no elements gives none`(_ text: String) { #expect(slices(text).isEmpty) }

    @Test func `on damaged text it ends, inside the text, and on valid text it agrees with the parser`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix(state: seed)
        let whole = Array("[\(reading()), {\"x\":[\"\\\\\",\"]\"]},7]".utf8)
        for _ in 0..<20_000 {
            var damaged = whole
            for _ in 0..<Int(random.next() % 4 + 1) { damaged[Int(random.next() % UInt64(damaged.count))] = UInt8(truncatingIfNeeded: random.next()) }
            damaged.removeLast(Int(random.next() % UInt64(damaged.count)))
            var count = 0
            damaged.withUnsafeBytes { bytes in
                var splitter = BatchSplitter(bytes)
                while splitter.next() != nil { count += 1 }
            }
            #expect(count <= damaged.count, "seed \(seed)")
            if let elements = try? JSONParser().withParsed(damaged, { $0.kind == .array ? $0.elements.reduce(into: 0) { n, _ in n += 1 } : nil }) {
                #expect(elements == count, "seed \(seed): \(String(decoding: damaged, as: UTF8.self))")
            }
        }
    }

    private struct SplitMix {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }
}

@Suite struct EventGateTests {
    private func decide(_ text: String, grant: Grant = .everything, gate: EventGate = EventGate(), at acceptedAt: Instant = afterwards) throws -> String {
        try JSONParser().withParsed(text) { root in
            switch gate.decide(root, byteCount: text.utf8.count, grant: grant, acceptedAt: acceptedAt) {
            case .accept(let topic, let id, let key): "\(topic.rawValue) \(id.text) \(key.text)"
            case .reject(let id, let violations): "\(id?.text ?? "-") \(violations.map { "\($0.code.rawValue) \($0.pointer)" }.joined(separator: ", "))"
            }
        }
    }

    @Test func `every type of the catalogue passes with its example, to its topic, keyed by its subject`() throws {
        for type in Catalogue.all { #expect(try decide(event(type)) == "\(type.topic.rawValue) a \(type.example.subject)") }
    }

    @Test func `a refusal names code and place`() throws {
        #expect(try decide("[1]") == "- envelope.not_object ")
        #expect(try decide(reading(data: #"{"power_kw":"5"}"#)) == "a data.field.type /data/power_kw")
        #expect(try decide(reading(data: "{}")) == "a data.field.missing /data/power_kw")
        #expect(try decide(reading(data: #"{"power_kw":5,"x":"a\u0000b"}"#)) == "a data.field.nul /data/x")
        #expect(try decide(reading().replacing("site.telemetry.v1", with: "site.telemetrie.v1")) == "a type.unknown /type")
        #expect(try decide(reading().replacing("site.telemetry.v1", with: "site.telemetry.v9")) == "a type.version_unknown /type")
        #expect(try decide(reading().replacing("2026-07-19T12:00:00Z", with: "2026-07-19T12:06:00Z"), at: noon) == "a time.too_far_ahead /time")
        #expect(try decide(reading().replacing(#""id":"a","#, with: "")) == "- envelope.attribute.missing /id")
        #expect(try decide(reading(), gate: EventGate(limits: IngestionLimits(eventBytes: 20))) == "a record.too_large ")
    }

    @Test func `rights are looked at before the data`() throws {
        let gateway = Grant(name: "gw", scopes: [.events: Grant.ScopeLimits(types: ["site.telemetry.v1"], sources: ["/s*"], subjects: ["abilene"])])
        #expect(try decide(reading(), grant: gateway) == "telemetry a abilene")
        #expect(try decide(reading().replacing("/s", with: "/t"), grant: gateway) == "a token.scope /source")
        #expect(try decide(reading().replacing("abilene", with: "memphis"), grant: gateway) == "a token.scope /subject")
        #expect(try decide(event(.siteStatusChanged), grant: gateway) == "a token.scope /type")
        let facts = Grant(name: "facts", scopes: [.events: Grant.ScopeLimits()])
        let rules = Grant(name: "rules", scopes: [.rules: Grant.ScopeLimits()])
        #expect(try decide(event(.rulePublished), grant: facts) == "a token.scope /type")
        #expect(try decide(event(.rulePublished), grant: rules).hasPrefix("control a"))
        #expect(try decide(event(.routingPublished), grant: rules) == "a token.scope /type")
        #expect(try decide(event(.factWithdrawn), grant: facts) == "a supersedes.forbidden /data/source")
        #expect(try decide(event(.factWithdrawn, source: "https://epoch.ai/data/data-centers"), grant: facts).hasPrefix("events a"))
        #expect(try decide(event(.factWithdrawn), grant: Grant(name: "c", scopes: [.events: .init(), .correct: .init()])).hasPrefix("events a"))
    }

    @Test func `control events pass through their own check`() throws {
        let gate = EventGate { _ in [Violation(.ruleInvalid, at: "/data/rule", expected: "a rule", actual: "none")] }
        #expect(try decide(event(.rulePublished), gate: gate) == "a rule.invalid /data/rule")
        #expect(try decide(reading(), gate: gate) == "telemetry a abilene")
    }
}

@Suite struct BinaryEventTests {
    @Test func `the data's bytes stay as they came`() throws {
        let headers = [("CE-SpecVersion", "1.0"), ("ce-id", "a%20b"), ("ce-source", "/s"), ("ce-type", "site.telemetry.v1"), ("content-type", "application/json")]
        let bytes = headers.map { (Array($0.0.utf8), Array($0.1.utf8)) }
        let body = Array(#"{ "power_kw" : 1.50 }"#.utf8)
        let result = body.withUnsafeBytes { body in
            let views = bytes.map { pair in
                (name: UnsafeRawBufferPointer(UnsafeMutableRawBufferPointer.copy(pair.0)), value: UnsafeRawBufferPointer(UnsafeMutableRawBufferPointer.copy(pair.1)))
            }
            defer { for view in views { view.name.deallocate(); view.value.deallocate() } }
            return BinaryEvent.structured(headers: views, body: body)
        }
        #expect(String(decoding: try result.get(), as: UTF8.self) == #"{"specversion":"1.0","id":"a b","source":"/s","type":"site.telemetry.v1","data":{ "power_kw" : 1.50 }}"#)
    }
}

extension UnsafeMutableRawBufferPointer {
    fileprivate static func copy(_ bytes: [UInt8]) -> UnsafeMutableRawBufferPointer {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: Swift.max(1, bytes.count), alignment: 1)
        copy.copyBytes(from: bytes)
        return UnsafeMutableRawBufferPointer(rebasing: copy[0..<bytes.count])
    }
}

@Suite struct AnswerTests {
    private let stored = Outcome.stored(topic: .events, partition: 3, recordOffset: 1_234_567_890_123)
    private let wrong = Outcome.rejected([Violation(.dataFieldType, at: "/data/x", expected: "number", actual: "string")])
    private let unknown = Outcome.failed(.outcomeUnknown, reason: "timed out")

    private func answer(_ outcomes: [Outcome], id: String = "i") -> (status: Int, body: String) {
        var answer = Answer(topicNames: Answer.topicNames(prefix: "gigawatch"), reserving: outcomes.count)
        for (index, outcome) in outcomes.enumerated() { Array(id.utf8).withUnsafeBytes { answer.add(index: index, id: $0, outcome) } }
        return (answer.status, String(decoding: answer.body(), as: UTF8.self))
    }

    @Test func `the status says all, some, or none, and whether a repeat may help`() {
        #expect(answer([stored, stored]).status == 202)
        #expect(answer([stored, wrong]).status == 207)
        #expect(answer([stored, unknown]).status == 207)
        #expect(answer([wrong, wrong]).status == 422)
        #expect(answer([wrong, unknown]).status == 503)
        #expect(answer([unknown]).status == 503)
        #expect(answer([.rejected([Violation(.recordTooLarge, at: "", expected: "", actual: "")])]).status == 413)
        #expect(answer([.rejected([Violation(.tokenScope, at: "", expected: "", actual: "")])]).status == 403)
        #expect(answer([.rejected([Violation(.timeTooFarAhead, at: "", expected: "", actual: "")])]).status == 422)
    }

    @Test func `items carry index, id, coordinates or reasons`() {
        #expect(
            answer([stored, wrong], id: "a\"b").body
                == #"{"accepted":[{"index":0,"id":"a\"b","topic":"gigawatch.events","partition":3,"offset":1234567890123}],"rejected":[{"index":1,"id":"a\"b","code":"data.field.type","pointer":"/data/x","expected":"number","actual":"string","retryable":false}]}"#
        )
        let none = answer([unknown]).body
        #expect(none.contains(#""code":"outcome_unknown""#) && none.contains(#""retryable":true"#) && none.contains(#""status":503"#))
    }

    @Test func `every answer is JSON`() throws {
        for outcomes in [[stored], [wrong], [unknown], [stored, wrong, unknown]] {
            try JSONParser().withParsed(answer(outcomes, id: "\u{1}é\\\"").body) { root in
                #expect(root["accepted"]?.kind == .array && root["rejected"]?.kind == .array)
            }
        }
    }
}
