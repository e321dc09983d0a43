// Contracts: what is in force on a day, frameworks, a site's limit, the same megawatts sold twice.

import Testing

@Suite struct ReadModelsContractsTests {
    @Test func `a site's limit is its delivery contracts in force and what it has behind the meter, from the first to the last day`() throws {
        let history = try History()
        try history.say(
            "power.contract.changed", "grid", at: "2026-01-01",
            #"{"status": "contracted", "buyer": "acme", "site": "alpha", "power_mw": 100, "role": "interconnection", "starts_on": "2026-02-01", "ends_on": "2026-12-31"}"#
        )
        try history.say(
            "power.contract.changed", "turbines", at: "2026-01-01",
            #"{"status": "energized", "buyer": "acme", "site": "alpha", "power_mw": 40, "role": "behind_the_meter"}"#)
        try history.say(
            "power.contract.changed", "solar", at: "2026-01-01",
            #"{"status": "contracted", "buyer": "acme", "site": "alpha", "power_mw": 500, "role": "ppa"}"#)
        try history.say(
            "power.contract.changed", "hope", at: "2026-01-01",
            #"{"status": "proposed", "buyer": "acme", "site": "alpha", "power_mw": 900, "role": "grid_service"}"#)
        let limit = { try history.figure("site_limit_mw", "site_limits", where: "site = 'alpha'", asOf: $0) }
        #expect(try limit("2026-01-31T23:00:00Z") == 40)
        #expect(try limit("2026-02-01T00:00:00Z") == 140)
        #expect(try limit("2026-12-31T23:59:59Z") == 140)
        #expect(try limit("2027-01-01T00:00:00Z") == 40)
        #expect(try history.figure("site_limit_mw", "site_limits", where: "site = 'beta'") == nil)
    }

    @Test func `the members of a framework count within it`() throws {
        let history = try History()
        try history.say(
            "power.contract.changed", "frame", at: "2026-01-01",
            #"{"status": "proposed", "buyer": "acme", "power_mw": 500, "role": "ppa", "framework": true}"#)
        try history.say(
            "power.contract.changed", "member", at: "2026-01-02",
            #"{"status": "contracted", "buyer": "acme", "power_mw": 50, "role": "ppa", "part_of": "frame"}"#)
        #expect(
            try history.table(
                "SELECT value, power_mw FROM gigawatch.contract_totals(NULL, NULL, NULL) WHERE dimension IN ('all', 'status') ORDER BY value")
                == ["all|500", "contracted|50", "proposed|450"])
        try history.say(
            "power.contract.changed", "member", at: "2026-01-03", #"{"status": "terminated", "buyer": "acme", "power_mw": 50, "role": "ppa"}"#)
        #expect(try history.figure("power_mw", "contract_totals", where: "dimension = 'all'") == 500)
        #expect(try history.figure("power_mw", "contract_totals", where: "dimension = 'all'", asOf: "2026-01-02T12:00:00Z") == 500)
    }

    @Test func `one plant sold twice is a double commitment on the days on which both hold`() throws {
        let history = try History()
        try history.say(
            "generation.changed", "unit-1", at: "2020-01-01",
            #"{"status": "operating", "plant": "lake", "region": "PJM", "fuel": "nuclear", "power_mw": 1000}"#)
        try history.say(
            "power.contract.changed", "a", at: "2026-01-01",
            #"{"status": "contracted", "buyer": "acme", "plant": "lake", "power_mw": 800, "firm": true, "role": "ppa"}"#)
        try history.say(
            "power.contract.changed", "b", at: "2026-02-01",
            #"{"status": "contracted", "buyer": "beta", "plant": "lake", "power_mw": 500, "firm": true, "role": "behind_the_meter", "starts_on": "2026-03-01"}"#
        )
        try history.say(
            "power.contract.changed", "c", at: "2026-02-01",
            #"{"status": "contracted", "buyer": "beta", "plant": "lake", "power_mw": 500, "role": "ppa"}"#)
        let double = { try history.figure("double_commitment_mw", "plant_commitments", where: "plant = 'lake'", asOf: $0) }
        #expect(try double("2026-02-15") == 0)
        #expect(try double("2026-03-01") == 300)
        try history.say(
            "generation.changed", "unit-1", at: "2026-04-01",
            #"{"status": "outage", "plant": "lake", "region": "PJM", "fuel": "nuclear", "power_mw": 1000}"#)
        #expect(try double("2026-04-02") == 1300)
        #expect(try history.figure("unknown_firmness", "plant_commitments", where: "plant = 'lake'", asOf: "2026-03-01") == 1)
    }

    @Test func `a plant without known units has no double commitment figure, not zero`() throws {
        let history = try History()
        try history.say(
            "power.contract.changed", "a", at: "2026-01-01",
            #"{"status": "contracted", "buyer": "acme", "plant": "lake", "power_mw": 800, "firm": true, "role": "ppa"}"#)
        #expect(try history.row("SELECT firm_mw, double_commitment_mw FROM gigawatch.plant_commitments(NULL, NULL, NULL)") == ["800", nil])
    }
}
