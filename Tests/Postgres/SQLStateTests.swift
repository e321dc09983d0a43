// Errors by code, and what they may say.

import Models
import Testing

@testable import Postgres

@Suite struct SQLStateTests {
    @Test(arguments: [
        ("08006", FailureKind.retry), ("08001", .retry), ("08007", .outcomeUnknown), ("08P01", .fatal), ("53100", .retry), ("53300", .retry),
        ("53400", .configuration), ("57P01", .retry), ("57P02", .retry), ("57P03", .retry), ("57P04", .configuration), ("57014", .retry),
        ("40001", .retry), ("40P01", .retry), ("40003", .outcomeUnknown), ("55P03", .retry), ("25006", .retry), ("25P02", .fatal), ("25P03", .retry),
        ("58030", .retry), ("22003", .quarantine), ("22021", .quarantine), ("22P02", .quarantine), ("22P04", .fatal), ("23505", .quarantine),
        ("23514", .quarantine), ("28P01", .configuration), ("28000", .configuration), ("3D000", .configuration), ("42501", .configuration),
        ("42P01", .configuration), ("42601", .fatal), ("21000", .fatal), ("XX000", .fatal), ("P0001", .fatal), ("ZZZZZ", .fatal), ("", .fatal),
    ])
    func `a code has one kind`(code: String, kind: FailureKind) {
        #expect(SQLState.kind(of: code) == kind)
    }

    @Test func `the code of a refused connection is found in libpq's verbose text`() {
        let text =
            "connection to server at \"127.0.0.1\", port 1 failed: FATAL:  28P01: password authentication failed for user \"x\"\nLOCATION:  auth_failed"
        #expect(PostgresError.code(inVerbose: text) == "28P01")
        #expect(PostgresError.code(inVerbose: "could not connect: Connection refused") == nil)
        #expect(PostgresError.code(inVerbose: "") == nil)
    }

    @Test func `names and texts that cannot be parameters are quoted`() {
        #expect(quotedIdentifier("a\"b") == "\"a\"\"b\"")
        #expect(quotedLiteral("it's") == "'it''s'")
    }
}

@Suite struct TextFormTests {
    @Test func `arrays are read as PostgreSQL writes them`() {
        func read(_ text: String) -> [String?]? { Array(text.utf8).withUnsafeBytes { ArrayText.elements($0) } }
        #expect(read("{}") == [])
        #expect(read(#"{a,"b c",NULL,"NULL","say \"hi\" \\ ,","",é}"#) == ["a", "b c", nil, "NULL", #"say "hi" \ ,"#, "", "é"])
        for wrong in ["", "{", "a", "{{1},{2}}", "{\"a}", "{\"a\"b}"] { #expect(read(wrong) == nil, "\(wrong)") }
    }

    @Test func `the statement used longest ago is given back`() {
        var cache = StatementCache(limit: 2)
        for key in ["a", "b"] { cache.insert(key, name: key.uppercased()) }
        #expect(cache.evict() == nil)
        #expect(cache.find("a") == "A")
        cache.insert("c", name: "C")
        #expect(cache.evict() == "B")
        #expect(cache.find("b") == nil && cache.count == 2)
    }
}
