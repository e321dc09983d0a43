// Sites under all clocks: what was, what we knew, what was recorded; carried levels, corrections, phases, chips, the unknown.

import Testing

@Suite struct ReadModelsSitesTests {
    private func power(_ history: History, asOf: String? = nil, asKnown: String? = nil, asRecorded: String? = nil) throws -> Double? {
        try history.figure("facility_power_mw", "sites", where: "site = 'alpha'", asOf: asOf, asKnown: asKnown, asRecorded: asRecorded)
    }

    @Test func `a corrected level changes what we know, not what we knew`() throws {
        let history = try History()
        let first = try history.say("site.capacity.reported", "alpha", at: "2026-01-10", #"{"facility_power_mw": 100}"#)
        try history.say("site.capacity.reported", "alpha", at: "2026-01-10", known: "2026-03-01", #"{"facility_power_mw": 80}"#, supersedes: first)
        #expect(try power(history) == 80)
        #expect(try power(history, asOf: "2026-01-31", asKnown: "2026-02-01") == 100)
        #expect(try power(history, asOf: "2026-01-31", asKnown: "2026-03-02") == 80)
        #expect(try power(history, asOf: "2026-01-09") == nil)
    }

    @Test func `withdrawing the correction revives what it corrected`() throws {
        let history = try History()
        let first = try history.say("site.capacity.reported", "alpha", at: "2026-01-10", #"{"facility_power_mw": 100}"#)
        let second = try history.say(
            "site.capacity.reported", "alpha", at: "2026-01-10", known: "2026-03-01", #"{"facility_power_mw": 80}"#, supersedes: first)
        try history.withdraw(second, known: "2026-04-01")
        #expect(try power(history) == 100)
        #expect(try power(history, asKnown: "2026-03-15") == 80)
        try history.withdraw(first, known: "2026-05-01")
        #expect(try history.figure("sites_seen", "site_totals") == 0)
        #expect(try history.figure("sites_seen", "site_totals", asKnown: "2026-04-15") == 1)
    }

    @Test func `what arrived late counts as known then, and as recorded only now`() throws {
        let history = try History()
        try history.say(
            "site.capacity.reported", "alpha", at: "2026-01-10", known: "2026-01-11", accepted: "2026-06-01", #"{"facility_power_mw": 100}"#)
        #expect(try power(history, asKnown: "2026-02-01") == 100)
        #expect(try power(history, asRecorded: "2026-02-01") == nil)
        #expect(try power(history, asRecorded: "2026-06-02") == 100)
    }

    @Test func `levels are carried forward field by field and may fall`() throws {
        let history = try History()
        try history.say("site.status.changed", "alpha", at: "2026-01-01", #"{"status": "under_construction", "owner": "acme", "country": "US"}"#)
        try history.say("site.capacity.reported", "alpha", at: "2026-01-10", #"{"facility_power_mw": 100, "h100e": 50000}"#)
        try history.say("site.capacity.reported", "alpha", at: "2026-02-10", #"{"h100e": 60000}"#)
        try history.say("site.status.changed", "alpha", at: "2026-02-11", #"{"status": "energized"}"#)
        try history.say("site.capacity.reported", "alpha", at: "2026-03-10", #"{"facility_power_mw": 70}"#)
        #expect(
            try history.row("SELECT status, owner, facility_power_mw, h100e, energized FROM gigawatch.sites('2026-02-20', NULL, NULL)")
                == ["energized", "acme", "100", "60000", "t"])
        #expect(
            try history.table("SELECT at::date, status, facility_power_mw, h100e FROM gigawatch.site_timeline(NULL, NULL, NULL) ORDER BY at") == [
                "2026-01-01|under_construction|-|-", "2026-01-10|under_construction|100|50000", "2026-02-10|under_construction|100|60000",
                "2026-02-11|energized|100|60000", "2026-03-10|energized|70|60000",
            ])
    }

    @Test func `of two facts of one time the one known later wins, then the greater source and id`() throws {
        let history = try History()
        try history.say("site.capacity.reported", "alpha", at: "2026-01-10", known: "2026-01-12", #"{"facility_power_mw": 2}"#)
        try history.say("site.capacity.reported", "alpha", at: "2026-01-10", known: "2026-01-11", #"{"facility_power_mw": 1}"#)
        #expect(try power(history) == 2)
        try history.say("site.capacity.reported", "alpha", at: "2026-01-10", known: "2026-01-12", #"{"facility_power_mw": 3}"#, source: "zzz")
        #expect(try power(history) == 3)
    }

    @Test func `a plan is not yet, and shows as projected on its day`() throws {
        let history = try History()
        try history.say("site.capacity.reported", "alpha", at: "2026-01-10", #"{"facility_power_mw": 100}"#, assertion: "reported")
        try history.say(
            "site.capacity.reported", "alpha", at: "2099-01-01", known: "2026-01-10", #"{"facility_power_mw": 900}"#, assertion: "projected")
        #expect(try power(history) == 100)
        #expect(try history.row("SELECT facility_power_mw, assertion FROM gigawatch.sites('2099-01-02', NULL, NULL)") == ["900", "projected"])
        #expect(try history.row("SELECT facility_power_mw, assertion FROM gigawatch.sites(NULL, NULL, NULL)") == ["100", "reported"])
    }

    @Test func `a cancelled site counts zero from that day`() throws {
        let history = try History()
        try history.say("site.capacity.reported", "alpha", at: "2026-01-10", #"{"facility_power_mw": 100}"#)
        try history.say("site.status.changed", "alpha", at: "2026-02-01", #"{"status": "cancelled"}"#)
        #expect(try history.figure("facility_power_mw", "site_totals", asOf: "2026-01-31") == 100)
        #expect(try history.figure("facility_power_mw", "site_totals", asOf: "2026-02-02") == 0)
        #expect(try history.figure("sites_energized", "site_totals", asOf: "2026-02-02") == 0)
    }

    @Test func `a campus hides its phases where its own level is known, else their sum counts`() throws {
        let history = try History()
        try history.say("site.status.changed", "campus", at: "2026-01-01", #"{"status": "energized"}"#)
        for phase in ["one", "two"] {
            try history.say("site.status.changed", phase, at: "2026-01-01", #"{"status": "energized", "parent_site": "campus"}"#)
            try history.say("site.capacity.reported", phase, at: "2026-01-02", #"{"facility_power_mw": 60, "h100e": 1000}"#)
        }
        #expect(try history.figure("facility_power_mw", "site_totals") == 120)
        #expect(try history.figure("unknown_facility_power_mw", "site_totals") == 0)
        try history.say("site.capacity.reported", "campus", at: "2026-01-03", #"{"facility_power_mw": 150}"#)
        #expect(try history.figure("facility_power_mw", "site_totals") == 150)
        #expect(try history.figure("h100e", "site_totals") == 2000)
    }

    @Test func `sites that are each other's parent by mistake are both counted`() throws {
        let history = try History()
        for (site, parent) in [("one", "two"), ("two", "one")] {
            try history.say("site.status.changed", site, at: "2026-01-01", #"{"status": "energized", "parent_site": "\#(parent)"}"#)
            try history.say("site.capacity.reported", site, at: "2026-01-02", #"{"facility_power_mw": 60}"#)
        }
        #expect(try history.figure("facility_power_mw", "site_totals") == 120)
    }

    @Test func `chips give the H100 equivalents of a site that never reported them, under any of their names`() throws {
        let history = try History()
        try history.say("chip.specified", "b200", at: "2024-03-01", #"{"name": "NVIDIA B200", "ops_8bit": 3.958e15, "aliases": ["B200"]}"#)
        try history.say("chip.specified", "v100", at: "2018-03-01", #"{"name": "V100", "ops_16bit": 1.979e14}"#)
        try history.say("site.chips.reported", "alpha", at: "2026-01-01", #"{"chip": "B200", "units": 1000}"#)
        try history.say("site.chips.reported", "alpha", at: "2026-02-01", #"{"chip": "B200", "units": 3000}"#)
        try history.say("site.chips.reported", "alpha", at: "2026-02-01", #"{"chip": "v100", "units": 100}"#)
        try history.say("site.chips.reported", "alpha", at: "2026-02-01", #"{"chip": "mystery", "units": 5}"#)
        #expect(try history.row("SELECT h100e, h100e_basis, chips_unknown FROM gigawatch.sites(NULL, NULL, NULL)") == ["6010", "chips", "1"])
        try history.say("site.capacity.reported", "alpha", at: "2026-01-15", #"{"h100e": 7000}"#)
        #expect(try history.row("SELECT h100e, h100e_basis FROM gigawatch.sites(NULL, NULL, NULL)") == ["7000", "reported"])
    }

    @Test func `what nobody said is null, and totals say how many`() throws {
        let history = try History()
        try history.say("site.status.changed", "alpha", at: "2026-01-01", #"{"status": "announced"}"#, confidence: "low", assertion: "extracted")
        try history.say("site.capacity.reported", "beta", at: "2026-01-01", #"{"facility_power_mw": 5}"#, confidence: "high", assertion: "reported")
        #expect(
            try history.row(
                """
                SELECT sites_seen, sites_energized, facility_power_mw, unknown_facility_power_mw, h100e, unknown_h100e, confidence, assertion
                FROM gigawatch.site_totals(NULL, NULL, NULL)
                """) == ["2", "1", "5", "1", nil, "2", "low", "extracted"])
    }
}
