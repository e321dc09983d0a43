// One broken event per rule: code, pointer, expected and actual are a contract, so they are compared word for word.

import JSON
import Models
import Testing

/// An event with these data; `attributes` replaces or adds members of the envelope (JSON text, without the first comma).
private func event(
    _ type: EventType, _ data: String, subject: String = "some-id", time: String = "2026-01-02T03:04:05Z", _ attributes: String = ""
) -> String {
    let more = attributes.isEmpty ? "" : ",\(attributes)"
    let envelope = #""specversion":"1.0","id":"1","source":"s","type":"\#(type.qualifiedName)","subject":"\#(subject)","time":"\#(time)""#
    return "{\(envelope)\(more),\"data\":\(data)}"
}

struct BrokenData: Sendable, CustomTestStringConvertible {
    let type: EventType
    let data: String
    let expected: Violation
    init(_ type: EventType, _ data: String, _ code: ErrorCode, _ pointer: String, _ expected: String, _ actual: String) {
        (self.type, self.data) = (type, data)
        self.expected = Violation(code, at: pointer, expected: expected, actual: actual)
    }
    var testDescription: String { "\(expected.code.rawValue) \(data.prefix(60))" }
}

private let longText = String(repeating: "x", count: 4097)
private let contract = #""status":"proposed","buyer":"a","role":"ppa","power_mw":1"#
private let deep = String(repeating: "[", count: 16) + String(repeating: "]", count: 16)

@Suite struct ViolationTests {
    static let brokenData: [BrokenData] = [
        .init(.siteTelemetry, "{}", .dataFieldMissing, "/data/power_kw", "number", "missing"),
        .init(.siteTelemetry, #"{"power_kw":null}"#, .dataFieldMissing, "/data/power_kw", "number", "missing"),
        .init(.siteTelemetry, #"{"power_kw":"12"}"#, .dataFieldType, "/data/power_kw", "number", "string"),
        .init(.siteTelemetry, #"{"power_kw":-0.5}"#, .dataFieldRange, "/data/power_kw", "0 to 10000000000", "-0.5"),
        .init(.siteTelemetry, #"{"power_kw":1,"gpu_utilization":1.01}"#, .dataFieldRange, "/data/gpu_utilization", "0 to 1", "1.01"),
        .init(.siteTelemetry, #"{"power_kw":1,"gpus":1.5}"#, .dataFieldType, "/data/gpus", "integer", "number with a fraction"),
        .init(.siteTelemetry, #"{"power_kw":1,"power_kw":2}"#, .jsonDuplicateKey, "/data/power_kw", "each key once", "the key again"),
        .init(.siteTelemetry, #"{"power_kw":1,"x":1,"x":2}"#, .jsonDuplicateKey, "/data/x", "each key once", "the key again"),
        .init(.siteTelemetry, #"{"power_kw":1,"x":[{"y":1,"y":1}]}"#, .jsonDuplicateKey, "/data/x/0/y", "each key once", "the key again"),
        .init(.siteTelemetry, #"{"power_kw":1,"x":"a\u0000b"}"#, .dataFieldNUL, "/data/x", "no NUL", #""a\u0000b""#),
        .init(.siteTelemetry, #"{"power_kw":1,"x\u0000":1}"#, .dataFieldNUL, "/data/x\0", "no NUL", #""x\u0000""#),
        .init(.siteTelemetry, #"{"power_kw":1,"a/b~c":"\#(longText)"}"#, .dataFieldLength, "/data/a~1b~0c", "at most 4096 bytes", "4097 bytes"),
        .init(.siteTelemetry, #"{"power_kw":1,"x":\#(deep)}"#, .dataDepth, "/data/x" + String(repeating: "/0", count: 15),
            "at most 16 levels", "more"),
        .init(.siteStatusChanged, #"{"status":"built"}"#, .dataFieldEnumeration, "/data/status",
            "one of announced, contracted, permitted, under_construction, energized, derated, cancelled, retired", #""built""#),
        .init(.siteStatusChanged, #"{"status":"announced","country":"us"}"#, .dataFieldFormat, "/data/country",
            "country (ISO 3166-1 alpha-2)", #""us""#),
        .init(.siteStatusChanged, #"{"status":"announced","expected_energized_on":"2026-02-29"}"#, .dataFieldFormat, "/data/expected_energized_on",
            "date YYYY-MM-DD", #""2026-02-29""#),
        .init(.siteStatusChanged, #"{"status":"announced","name":"\#(longText)"}"#, .dataFieldLength, "/data/name",
            "at most 4096 bytes", "4097 bytes"),
        .init(.siteStatusChanged, #"{"status":"announced","name":"a\u0000"}"#, .dataFieldNUL, "/data/name", "no NUL", #""a\u0000""#),
        .init(.siteStatusChanged, #"{"status":"announced","owner":" x"}"#, .dataFieldFormat, "/data/owner", "organisation id", #"" x""#),
        .init(.siteStatusChanged, #"{"status":"announced","users":["a",7]}"#, .dataFieldType, "/data/users/1", "organisation id", "number"),
        .init(.siteStatusChanged, #"{"status":"announced","users":["a",""]}"#, .dataFieldFormat, "/data/users/1", "organisation id", #""""#),
        .init(.siteStatusChanged, #"{"status":"announced","users":"a"}"#, .dataFieldType, "/data/users", "array", "string"),
        .init(.siteStatusChanged, #"{"status":"announced","latitude":91}"#, .dataFieldRange, "/data/latitude", "-90 to 90", "91"),
        .init(.siteStatusChanged, #"{"status":"announced","parent_site":"some-id"}"#, .dataRuleSelfReference, "/data/parent_site",
            "parent_site other than the subject", #""some-id""#),
        .init(.siteCapacityReported, "{}", .dataRuleAtLeastOne, "/data",
            "at least one of facility_power_mw, it_power_mw, h100e, capital_cost_usd, buildings", "none"),
        .init(.siteCapacityReported, #"{"facility_power_mw":-1}"#, .dataFieldRange, "/data/facility_power_mw", "0 to 10000000", "-1"),
        .init(.siteChipsReported, #"{"chip":"h100","units":9007199254740993}"#, .dataFieldRange, "/data/units",
            "0 to 1000000000000", "9007199254740992.0"),
        .init(.observationRecorded, #"{"quantity":"q","value":9007199254740993}"#, .dataFieldPrecision, "/data/value",
            "at most 2^53 as an integer", "9007199254740992.0"),
        .init(.powerContractChanged, "{\(contract),\"firm\":\"yes\"}", .dataFieldType, "/data/firm", "boolean", "string"),
        .init(.powerContractChanged, "{\(contract),\"starts_on\":\"2027-01-02\",\"ends_on\":\"2027-01-01\"}", .dataRuleOrder, "/data/starts_on",
            "starts_on not after ends_on", "2027-01-02 after 2027-01-01"),
        .init(.powerContractChanged, "{\(contract),\"part_of\":\"some-id\"}", .dataRuleSelfReference, "/data/part_of",
            "part_of other than the subject", #""some-id""#),
        .init(.capitalCommitted, #"{"period":"2026"}"#, .dataRuleValueOrRange, "/data", "either usd, or usd_low and usd_high", "none"),
        .init(.capitalCommitted, #"{"period":"2026","usd_low":1}"#, .dataRuleValueOrRange, "/data", "either usd, or usd_low and usd_high", "usd_low"),
        .init(.capitalCommitted, #"{"period":"2026","usd":1,"usd_low":1,"usd_high":2}"#, .dataRuleValueOrRange, "/data",
            "either usd, or usd_low and usd_high", "usd, usd_low, usd_high"),
        .init(.capitalCommitted, #"{"period":"2026","usd_low":2,"usd_high":1}"#, .dataRuleOrder, "/data/usd_low", "usd_low ≤ usd_high", "2 > 1"),
        .init(.capitalCommitted, #"{"period":"2026Q5","usd":1}"#, .dataFieldFormat, "/data/period", Period.grammar, #""2026Q5""#),
        .init(.gridHourReported, #"{"by_fuel_mw":{"gas":"1"}}"#, .dataFieldType, "/data/by_fuel_mw/gas", "number", "string"),
        .init(.gridHourReported, #"{"by_fuel_mw":[1]}"#, .dataFieldType, "/data/by_fuel_mw", "object", "array"),
        .init(.policyChanged, #"{"jurisdiction":"US","kind":"permit","affects":{"countries":["ZZ"]}}"#, .dataFieldFormat,
            "/data/affects/countries/0", "country (ISO 3166-1 alpha-2)", #""ZZ""#),
        .init(.securityIncidentReported, #"{"severity":5}"#, .dataFieldRange, "/data/severity", "1 to 4", "5"),
        .init(.alertAcknowledged, #"{"started_at":"yesterday"}"#, .dataFieldFormat, "/data/started_at", "RFC 3339 instant", #""yesterday""#),
        .init(.silenceCreated, #"{"matchers":[],"starts_at":"2026-01-01T00:00:00Z","ends_at":"2026-01-02T00:00:00Z"}"#, .dataRuleNotEmpty,
            "/data/matchers", "at least one element in matchers", "none"),
        .init(.silenceCreated, #"{"matchers":[{"name":"a"}],"starts_at":"2026-01-01T00:00:00Z","ends_at":"2026-01-02T00:00:00Z"}"#,
            .dataFieldMissing, "/data/matchers/0/value", "text", "missing"),
        .init(.silenceCreated, #"{"matchers":[{"name":"a","value":"b"}],"starts_at":"2026-01-02T00:00:00Z","ends_at":"2026-01-02T00:00:00Z"}"#,
            .dataRuleOrder, "/data/starts_at", "starts_at before ends_at", "2026-01-02T00:00:00Z not before 2026-01-02T00:00:00Z"),
        .init(.rulePublished, #"{"rule":[]}"#, .dataFieldType, "/data/rule", "object", "array"),
        .init(.siteTelemetry, "[]", .dataType, "/data", "object", "array"),
        .init(.siteTelemetry, "null", .dataMissing, "/data", "object", "missing"),
    ]

    @Test(arguments: brokenData) func `broken data are named by code, pointer, expected and actual`(broken: BrokenData) throws {
        #expect(try violations(event(broken.type, broken.data)) == [broken.expected])
    }

    @Test func `an event tells all that is wrong with it, up to a limit`() throws {
        let two = try violations(event(.siteTelemetry, #"{"power_kw":"a","gpus":"b"}"#))
        #expect(two.map(\.pointer) == ["/data/power_kw", "/data/gpus"])
        let many = (0..<100).map { "\"k\($0)\":\"\\u0000\"" }.joined(separator: ",")
        #expect(try violations(event(.siteTelemetry, "{\"power_kw\":1,\(many)}")).count == Limits.violations)
    }

    @Test func `an object with thousands of keys is checked for doubles without quadratic time`() throws {
        let keys = (0..<5000).map { "\"k\($0)\":1" }.joined(separator: ",")
        #expect(try violations(event(.siteTelemetry, "{\"power_kw\":1,\(keys)}")) == [])
        #expect(try violations(event(.siteTelemetry, "{\"power_kw\":1,\(keys),\"k17\":1}")).map(\.pointer) == ["/data/k17"])
    }

    @Test func `what JSON can say in two ways is accepted in both`() throws {
        #expect(try violations(event(.siteTelemetry, #"{"power_kw":1e3,"gpus":200000.0,"pue":null,"unknown":{"a":[1,null]}}"#)) == [])
    }

    static let subjects: [(EventType, String, Bool)] = [
        (.electricityYearReported, "US", true), (.electricityYearReported, "us", false), (.gridHourReported, "ERCO", true),
        (.gridHourReported, "a region", true), (.gridHourReported, " a", false), (.gridHourReported, "a ", false),
    ]
    @Test(arguments: subjects) func `a subject has the form of what it names`(type: EventType, subject: String, isGood: Bool) throws {
        let found = try violations(event(type, type.example.json, subject: subject))
        #expect(found.map(\.code) == (isGood ? [] : [.subjectFormat]))
        if !isGood { #expect(found.first?.pointer == "/subject") }
    }

    @Test func `a fact in the future is a projection, a reading in the future is refused`() throws {
        let (data, ahead) = (#"{"facility_power_mw":1}"#, "2026-11-24T12:05:01Z")
        #expect(try violations(event(.siteCapacityReported, data, time: "2026-11-24T12:05:00Z")) == [])
        #expect(try violations(event(.siteCapacityReported, data, time: ahead)) == [
            Violation(.timeProjected, at: "/assertion", expected: "projected, as the time lies in the future", actual: "missing")
        ])
        #expect(try violations(event(.siteCapacityReported, data, time: ahead, #""assertion":"projected""#)) == [])
        let early = try violations(event(.siteTelemetry, #"{"power_kw":1}"#, time: ahead, #""assertion":"projected""#))
        #expect(early == [
            Violation(.timeTooFarAhead, at: "/time", expected: "at most 300 s after 2026-11-24T12:00:00Z", actual: ahead)
        ])
        // Behind the door the broker's clock decides, which may lag: what was accepted is not refused there.
        let type = try violations(event(.siteTelemetry, #"{"power_kw":1}"#, time: ahead), place: .log)
        #expect(type == [])
    }

    @Test func `a fact cannot be known after its acceptance`() throws {
        let late = event(.siteCapacityReported, #"{"facility_power_mw":1}"#, #""knownat":"2026-11-24T12:00:00.000001Z""#)
        #expect(try violations(late) == [
            Violation(
                .knownAtAfterAcceptance, at: "/knownat", expected: "at most 2026-11-24T12:00:00Z", actual: "2026-11-24T12:00:00.000001Z")
        ])
        #expect(try violations(late, place: .log) == [])
        #expect(try violations(event(.siteCapacityReported, #"{"h100e":1}"#, #""knownat":"2026-11-24T12:00:00Z""#)) == [])
    }

    @Test func `an unknown type and an unknown version differ`() throws {
        func code(_ type: String) throws -> [ErrorCode] {
            try violations(#"{"specversion":"1.0","id":"1","source":"s","type":"\#(type)","subject":"x","time":"2026-01-01T00:00:00Z"}"#).map(\.code)
        }
        #expect(try code("site.telemetry.v2") == [.typeVersionUnknown])
        #expect(try code("site.telemetry") == [.typeVersionUnknown])
        #expect(try code("site.telemetries.v1") == [.typeUnknown])
    }
}
