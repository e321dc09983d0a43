// The power balance of regions: past, present and planned.

import Testing

@Suite struct ReadModelsRegionsTests {
    private func region() throws -> History {
        let history = try History()
        try history.say(
            "region.registered", "PJM", at: "2020-01-01", #"{"name": "PJM Interconnection", "country": "US", "kind": "balancing_authority"}"#)
        try history.say("grid.hour.reported", "PJM", at: "2025-07-01T17:00:00Z", #"{"demand_mw": 1000}"#)
        try history.say("grid.hour.reported", "PJM", at: "2025-12-01T17:00:00Z", #"{"demand_mw": 800}"#)
        try history.say(
            "generation.changed", "n1", at: "2020-01-01",
            #"{"status": "operating", "plant": "lake", "region": "PJM", "fuel": "nuclear", "power_mw": 1200}"#)
        try history.connection.run(
            "UPDATE gigawatch.capacity_credit SET credit = 0.5 WHERE fuel = 'nuclear'; UPDATE gigawatch.parameter SET value = 0.1 WHERE name = 'reserve_margin'"
        )
        return history
    }

    private func gap(_ history: History, _ asOf: String? = nil, asKnown: String? = nil) throws -> Double? {
        try history.figure("round(gap_mw::numeric, 6)", "regions", where: "region = 'PJM'", asOf: asOf, asKnown: asKnown)
    }

    @Test func `the gap is need with its reserve less what is firm`() throws {
        let history = try region()
        #expect(try gap(history) == 500)
        #expect(
            try history.row("SELECT peak_demand_mw, peak_at::date, need_mw, firm_mw FROM gigawatch.regions(NULL, NULL, NULL) WHERE region = 'PJM'")
                == ["1000", "2025-07-01", "1000", "600"])
    }

    @Test func `load that was already in the peak does not count again`() throws {
        let history = try region()
        try history.say("site.status.changed", "old", at: "2025-01-01", #"{"status": "energized", "region": "PJM"}"#)
        try history.say("site.capacity.reported", "old", at: "2025-01-02", #"{"facility_power_mw": 100}"#)
        try history.say("site.capacity.reported", "old", at: "2025-10-01", #"{"facility_power_mw": 130}"#)
        try history.say(
            "site.status.changed", "new", at: "2026-01-01",
            #"{"status": "announced", "region": "PJM", "planned_facility_power_mw": 300, "expected_energized_on": "2030-01-01"}"#)
        #expect(
            try history.row(
                "SELECT load_mw, load_energized_mw, load_announced_mw, load_later_mw, added_load_mw FROM gigawatch.regions(NULL, NULL, NULL) WHERE region = 'PJM'"
            )
                == ["430", "130", "300", "300", "330"])
        #expect(try gap(history) == 863)
        try history.say("site.status.changed", "new", at: "2026-02-01", #"{"status": "cancelled"}"#)
        #expect(try gap(history) == 533)
    }

    @Test func `units retire and start on their day, also in years to come`() throws {
        let history = try region()
        try history.say(
            "generation.changed", "n1", at: "2025-06-01",
            #"{"status": "retiring", "plant": "lake", "region": "PJM", "fuel": "nuclear", "power_mw": 1200, "effective_on": "2090-01-01"}"#)
        try history.say(
            "generation.changed", "n2", at: "2025-06-01",
            #"{"status": "under_construction", "plant": "lake", "region": "PJM", "fuel": "nuclear", "power_mw": 400, "effective_on": "2085-01-01"}"#)
        try history.say(
            "generation.changed", "n3", at: "2019-06-01",
            #"{"status": "planned", "plant": "lake", "region": "PJM", "fuel": "nuclear", "power_mw": 400, "effective_on": "2020-01-01"}"#)
        let firm = { try history.figure("firm_mw", "regions", where: "region = 'PJM'", asOf: $0) }
        #expect(try firm("2026-01-01") == 600)
        #expect(try firm("2085-01-01") == 800)
        #expect(try firm("2090-01-01") == 200)
    }

    @Test func `what lies inside a region counts for it, once`() throws {
        let history = try region()
        try history.say("region.registered", "PJM-DOM", at: "2020-01-01", #"{"name": "Dominion", "kind": "zone", "parent": "PJM"}"#)
        try history.say("grid.hour.reported", "PJM-DOM", at: "2025-07-01T17:00:00Z", #"{"demand_mw": 300}"#)
        try history.say(
            "generation.changed", "d1", at: "2020-01-01",
            #"{"status": "operating", "plant": "dam", "region": "PJM-DOM", "fuel": "nuclear", "power_mw": 200}"#)
        #expect(
            try history.table("SELECT region, peak_demand_mw, firm_mw FROM gigawatch.regions(NULL, NULL, NULL) ORDER BY region") == [
                "PJM|1000|700", "PJM-DOM|300|100",
            ])
        try history.say("region.registered", "EAST", at: "2020-01-01", #"{"name": "East", "kind": "country"}"#)
        try history.say("region.registered", "PJM", at: "2020-02-01", #"{"name": "PJM Interconnection", "parent": "EAST"}"#)
        #expect(
            try history.table("SELECT region, peak_demand_mw, firm_mw FROM gigawatch.regions(NULL, NULL, NULL) WHERE region = 'EAST'") == [
                "EAST|1000|700"
            ])
        #expect(try history.figure("regions", "region_totals") == 1)
    }

    @Test func `a region of which no demand is known has no gap`() throws {
        let history = try History()
        try history.say(
            "generation.changed", "n1", at: "2020-01-01",
            #"{"status": "operating", "plant": "lake", "region": "ERCO", "fuel": "nuclear", "power_mw": 1200}"#)
        try history.say(
            "generation.changed", "m1", at: "2020-01-01",
            #"{"status": "operating", "plant": "lake", "region": "ERCO", "fuel": "magic", "power_mw": 1200}"#)
        #expect(try history.row("SELECT need_mw, gap_mw, unknown_firm_mw FROM gigawatch.regions(NULL, NULL, NULL)") == [nil, nil, "1"])
    }

    @Test func `a corrected hour, a spike of low confidence and an old year do not make the peak`() throws {
        let history = try region()
        let spike = try history.say("grid.hour.reported", "PJM", at: "2025-08-01T17:00:00Z", #"{"demand_mw": 9000}"#)
        #expect(try history.figure("peak_demand_mw", "regions", where: "region = 'PJM'") == 9000)
        try history.say("grid.hour.reported", "PJM", at: "2025-08-01T17:00:00Z", known: "2025-09-01", #"{"demand_mw": 900}"#, supersedes: spike)
        try history.say("grid.hour.reported", "PJM", at: "2025-09-01T17:00:00Z", #"{"demand_mw": 7000}"#, confidence: "low")
        try history.say("grid.hour.reported", "PJM", at: "2024-07-01T17:00:00Z", #"{"demand_mw": 5000}"#)
        #expect(try history.figure("peak_demand_mw", "regions", where: "region = 'PJM'") == 1000)
        #expect(try history.figure("peak_demand_mw", "regions", where: "region = 'PJM'", asOf: "2025-10-01", asKnown: "2025-08-15") == 9000)
        #expect(try history.figure("peak_demand_mw", "regions", where: "region = 'PJM'", asOf: "2024-12-31") == 5000)
    }
}
