// The reference ladder and the distance from it.

import Testing

@Suite struct ReadModelsScenarioTests {
    @Test(arguments: [
        (100.0, "2024-07-02", false), (1000, "2026-07-02", false), (316.22776601683796, "2025-07-02", false), (100_000, "2030-07-02", false),
        (1_000_000, "2032-07-01", true), (1, "2020-07-02", true),
    ])
    func `a value has its day on the ladder, log-linear between the points`(value: Double, day: String, extrapolated: Bool) throws {
        let history = try History()
        let row = try history.row(
            """
            SELECT abs(extract(epoch FROM at - '\(day)'::timestamptz)) < 86400 * 1.5, extrapolated FROM gigawatch.ladder_at('largest_site_power_mw', \(value))
            """)
        #expect(row == ["t", extrapolated ? "t" : "f"])
    }

    @Test func `a value without a logarithm has no day, and the ladder has a value on every day`() throws {
        let history = try History()
        #expect(try history.row("SELECT * FROM gigawatch.ladder_at('largest_site_power_mw', 0)") == [])
        #expect(try history.row("SELECT * FROM gigawatch.ladder_at('largest_site_power_mw', NULL)") == [])
        #expect(
            try history.row("SELECT round(value), extrapolated FROM gigawatch.ladder_value('largest_site_power_mw', '2028-07-02')") == ["10000", "f"])
        #expect(try history.row("SELECT extrapolated FROM gigawatch.ladder_value('largest_site_power_mw', '2031-07-02')") == ["t"])
    }

    @Test func `the largest site, its own compute and the money stand against the ladder`() throws {
        let history = try History()
        try history.say("site.capacity.reported", "big", at: "2025-12-30", #"{"facility_power_mw": 1000, "h100e": 100000}"#)
        try history.say("site.capacity.reported", "dense", at: "2025-12-30", #"{"facility_power_mw": 10, "h100e": 900000}"#)
        try history.say(
            "capital.committed", "acme", at: "2026-01-02", #"{"usd_low": 400e9, "usd_high": 600e9, "period": "2026", "nature": "guidance"}"#)
        try history.say("revenue.reported", "acme", at: "2024-02-15", #"{"run_rate_usd": 1e9, "kind": "ai"}"#)
        try history.say("revenue.reported", "beta", at: "2024-02-15", #"{"run_rate_usd": 1e9, "kind": "ai"}"#)
        func ahead(_ series: String, _ asOf: String) throws -> Double? {
            try history.figure("round(months_ahead::numeric, 1)", "scenario", where: "series = '\(series)'", asOf: asOf)
        }
        #expect(
            try history.row("SELECT entity, observed_value FROM gigawatch.scenario(NULL, NULL, NULL) WHERE series = 'largest_site_h100e'") == [
                "big", "100000",
            ])
        #expect(try ahead("largest_site_power_mw", "2026-01-01T12:00:00Z") == 6.0)
        #expect(try ahead("largest_site_power_mw", "2027-01-01T12:00:00Z") == -6.0)
        #expect(try ahead("annual_capital_usd", "2026-03-01") == 0)
        #expect(try ahead("ai_run_rate_usd", "2024-02-15") == 0)
        #expect(try history.figure("observed_value", "scenario", where: "series = 'us_electricity_share'") == nil)
    }

    @Test func `the share of electricity is the load times its load factor over the last observed year`() throws {
        let history = try History()
        try history.say("electricity.year.reported", "US", at: "2025-12-31", #"{"year": 2025, "generation_twh": 4000, "ai_twh": 30}"#)
        try history.say("site.status.changed", "big", at: "2025-01-01", #"{"status": "energized", "country": "US"}"#)
        try history.say("site.capacity.reported", "big", at: "2025-01-02", #"{"facility_power_mw": 10000}"#)
        #expect(try history.figure("round(observed_value::numeric, 5)", "scenario", where: "series = 'us_electricity_share'") == 0.01752)
        #expect(
            try history.row("SELECT observed_year, ai_load_mw, assertion FROM gigawatch.electricity(NULL, NULL, NULL)") == [
                "2025", "10000", "calculated",
            ])
    }
}
