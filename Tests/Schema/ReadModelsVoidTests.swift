// is_void decides for one fact what void_facts decides for all: they must agree on any web of corrections, circles among them, at any clock.

import Testing

@Suite struct ReadModelsVoidTests {
    @Test func `one fact asked alone is as void as in the list of all, whatever corrects what`() throws {
        let history = try History()
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        var random = SplitMix(state: seed)
        let facts = 60
        // Each fact corrects at most one other, mostly near ones, sometimes later ones: chains, stars and circles.
        for number in 0..<facts {
            let victim = Int(random.next() % UInt64(facts))
            let corrects = random.next() % 4 != 0 && victim != number
            try history.say(
                "site.capacity.reported", "s\(number)", at: "2026-01-01", known: "2026-01-0\(1 + random.next() % 9)", #"{"facility_power_mw": 1}"#,
                id: "f\(number)", supersedes: corrects ? "f\(victim)" : nil)
        }
        for day in 1...9 {
            let difference = try history.table(
                """
                SELECT f.id, gigawatch.is_void(f.source, f.id, '2026-01-0\(day)', NULL), v.id IS NOT NULL
                FROM gigawatch.fact f LEFT JOIN gigawatch.void_facts('2026-01-0\(day)', NULL) v ON v.source = f.source AND v.id = f.id
                WHERE gigawatch.is_void(f.source, f.id, '2026-01-0\(day)', NULL) <> (v.id IS NOT NULL)
                """)
            #expect(difference == [], "seed \(seed), known on day \(day)")
        }
        #expect(try history.row("SELECT count(*) > 0 FROM gigawatch.void_facts(NULL, NULL)") == ["t"])
    }

    @Test func `a chain of a thousand restatements is judged without recursion`() throws {
        let history = try History()
        try history.connection.run(
            """
            INSERT INTO gigawatch.fact (source, id, type, subject, occurred_at, known_at, accepted_at, topic, partition, record_offset, digest)
              SELECT 'test', 'v' || n, 'x', 's', '2026-01-01', '2026-01-01', '2026-01-01', 't', 0, n, '' FROM generate_series(0, 1000) n;
            INSERT INTO gigawatch.correction SELECT f.fact_id, 'supersedes', 'test', 'v' || f.record_offset - 1, 'test', f.id, f.known_at, f.accepted_at
              FROM gigawatch.fact f WHERE f.record_offset > 0
            """)
        #expect(
            try history.row(
                "SELECT gigawatch.is_void('test', 'v0', NULL, NULL), gigawatch.is_void('test', 'v1', NULL, NULL), gigawatch.is_void('test', 'v1000', NULL, NULL)"
            )
                == ["f", "t", "f"])
    }
}

/// Sebastiano Vigna's SplitMix64: small, seeded, the same everywhere.
struct SplitMix {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
