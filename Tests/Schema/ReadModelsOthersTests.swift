// The smaller models: fleet, compute, capital, revenue, targets, sovereignty, security, slippage, changes.

import Testing

@Suite struct ReadModelsOthersTests {
    @Test func `a batch that is delivered in parts stands partly in each stage, and is late once its day has passed`() throws {
        let history = try History()
        try history.say("chip.specified", "h100", at: "2022-03-01", #"{"name": "H100", "ops_8bit": 1.979e15}"#)
        for (stage, day, units) in [("ordered", "01", 100), ("delivered", "11", 40), ("installed", "15", 10), ("cancelled", "16", 20)] {
            try history.say(
                "gpu.batch.moved", "b1", at: "2026-01-\(day)",
                #"{"stage": "\#(stage)", "owner": "acme", "chip": "h100", "units": \#(units), "due_on": "2026-02-01"}"#)
        }
        #expect(
            try history.table("SELECT stage, units, h100e, late_batches FROM gigawatch.fleet('2026-01-20', NULL, NULL) ORDER BY stage")
                == ["cancelled|20|20|0", "delivered|30|30|0", "installed|10|10|0", "ordered|40|40|0"])
        #expect(try history.row("SELECT late FROM gigawatch.fleet_batches('2026-02-02', NULL, NULL)") == ["t"])
        #expect(try history.figure("ordered_to_delivered_median_days", "fleet", where: "stage = 'ordered'") == 10)
    }

    @Test func `the frontier grows by orders of magnitude a year`() throws {
        let history = try History()
        try history.say("model.trained", "one", at: "2022-01-01", #"{"organization": "acme", "training_flop": 1e24}"#)
        try history.say("model.trained", "small", at: "2022-06-01", #"{"organization": "acme", "training_flop": 1e20}"#)
        try history.say("model.trained", "two", at: "2024-01-01", #"{"organization": "acme", "training_flop": 1e26}"#)
        #expect(
            try history.row(
                "SELECT models, frontier_model, round(orders_per_year::numeric, 2), round(doubling_days) FROM gigawatch.compute_totals(NULL, NULL, NULL)"
            )
                == ["3", "two", "1.00", "110"])
        #expect(try history.figure("frontier_flop", "compute_totals", asOf: "2023-01-01") == 1e24)
    }

    @Test func `a period is spread over its days, new guidance replaces the old, a contract told by both sides counts once`() throws {
        let history = try History()
        try history.say("capital.committed", "acme", at: "2025-01-01", #"{"usd": 60e9, "period": "2025", "nature": "guidance"}"#)
        try history.say(
            "capital.committed", "acme", at: "2025-06-01", #"{"usd_low": 64e9, "usd_high": 72e9, "period": "2025", "nature": "guidance"}"#)
        try history.say(
            "capital.committed", "acme", at: "2025-06-01", #"{"usd": 40e9, "period": "2025-2028", "nature": "contract", "counterparty": "cloud"}"#)
        try history.say(
            "capital.committed", "cloud", at: "2025-07-01", #"{"usd": 40e9, "period": "2025-2028", "nature": "contract", "counterparty": "acme"}"#)
        #expect(
            try history.row("SELECT guidance_low_usd, guidance_high_usd FROM gigawatch.capital_totals(NULL, NULL, NULL) WHERE year = 2025")
                == ["64000000000.00", "72000000000.00"])
        #expect(try history.figure("guidance_high_usd", "capital_totals", where: "year = 2025", asOf: "2025-03-01") == 60e9)
        let total = try history.connection.double("SELECT sum(committed_high_usd)::float8 FROM gigawatch.capital_totals(NULL, NULL, NULL)")
        #expect(abs((total ?? 0) - 40e9) < 1)  // each year is rounded to a cent
        #expect(
            try history.table(
                "SELECT period, gigawatch.period_days(period) FROM unnest(ARRAY['2026','FY2026Q1','2026H2','2026-12','2025-2029','soon']) period")
                == [
                    "2026|[2026-01-01,2027-01-01)", "FY2026Q1|[2026-01-01,2026-04-01)", "2026H2|[2026-07-01,2027-01-01)",
                    "2026-12|[2026-12-01,2027-01-01)",
                    "2025-2029|[2025-01-01,2030-01-01)", "soon|-",
                ])
    }

    @Test func `revenue doubles, and covers a share of the year's capital`() throws {
        let history = try History()
        for (day, rate) in [("2024-01-01", "1e9"), ("2024-07-01", "2e9"), ("2024-12-30", "4e9")] {
            try history.say("revenue.reported", "lab", at: day, #"{"run_rate_usd": \#(rate), "kind": "ai"}"#)
        }
        try history.say("capital.spent", "lab", at: "2024-12-31", #"{"usd": 16e9, "period": "2024"}"#)
        #expect(
            try history.row("SELECT run_rate_usd, points, round(doubling_days) FROM gigawatch.revenue(NULL, NULL, NULL)") == [
                "4000000000", "3", "182",
            ])
        #expect(try history.figure("coverage", "revenue_totals", asOf: "2024-12-31T12:00:00Z") == 0.25)
    }

    @Test func `a target raised tenfold in half a year is one order of magnitude per half year`() throws {
        let history = try History()
        try history.say("target.set", "acme", at: "2025-01-01", #"{"quantity": "facility_power_mw", "value": 1000}"#)
        try history.say("target.set", "acme", at: "2025-07-02", #"{"quantity": "facility_power_mw", "value": 10000}"#)
        #expect(
            try history.row(
                "SELECT factor, days_between, round(log10_per_half_year::numeric, 2), latest FROM gigawatch.targets(NULL, NULL, NULL) WHERE latest")
                == ["10", "182", "1.00", "t"])
    }

    @Test func `a country's share has bounds while some owner's home is unknown`() throws {
        let history = try History()
        try history.say("organization.registered", "acme", at: "2020-01-01", #"{"name": "Acme", "country": "US"}"#)
        for (site, owner, country, h100e) in [("a", "acme", "US", 600), ("b", "acme", "AE", 200), ("c", "nobody", "US", 200)] {
            try history.say(
                "site.status.changed", site, at: "2026-01-01", #"{"status": "energized", "owner": "\#(owner)", "country": "\#(country)"}"#)
            try history.say("site.capacity.reported", site, at: "2026-01-01", #"{"h100e": \#(h100e)}"#)
        }
        #expect(
            try history.table(
                "SELECT dimension, h100e_share, h100e_share_low, h100e_share_high FROM gigawatch.sovereignty(NULL, NULL, NULL) WHERE country = 'US' ORDER BY 1"
            )
                == ["location|0.8|0.8|0.8", "owner|1|0.8|1"])
    }

    @Test func `compute is exposed where the level is unknown or low`() throws {
        let history = try History()
        for site in ["a", "b"] {
            try history.say("site.status.changed", site, at: "2026-01-01", #"{"status": "energized", "owner": "acme"}"#)
            try history.say("site.capacity.reported", site, at: "2026-01-01", #"{"h100e": 100}"#)
        }
        try history.say("security.posture.assessed", "acme", at: "2026-01-01", #"{"level": 2}"#)
        try history.say("security.posture.assessed", "b", at: "2026-01-01", #"{"level": 4}"#)
        try history.say("security.incident.reported", "i1", at: "2026-02-01", #"{"severity": 3, "site": "a", "asset": "weights"}"#)
        #expect(
            try history.table(
                "SELECT site, security_level, exposed_h100e, open_incidents FROM gigawatch.site_security('2026-03-01', NULL, NULL) ORDER BY site")
                == ["a|2|100|1", "b|4|0|0"])
        try history.say("security.incident.reported", "i1", at: "2026-02-05", #"{"severity": 4, "status": "closed"}"#)
        #expect(
            try history.row("SELECT severity, status, asset, at::date FROM gigawatch.security(NULL, NULL, NULL)") == [
                "4", "closed", "weights", "2026-02-01",
            ])
    }

    @Test func `a site slips from its first promise to the day it ran`() throws {
        let history = try History()
        try history.say(
            "site.status.changed", "a", at: "2025-01-01", #"{"status": "announced", "owner": "acme", "expected_energized_on": "2025-12-01"}"#)
        try history.say("site.status.changed", "a", at: "2025-06-01", #"{"status": "under_construction", "expected_energized_on": "2026-02-01"}"#)
        try history.say("site.capacity.reported", "a", at: "2026-01-01", #"{"facility_power_mw": 10}"#)
        #expect(try history.figure("slip_days", "slippage", asOf: "2025-03-01") == 0)
        #expect(try history.figure("slip_days", "slippage", asOf: "2025-07-01") == 62)
        #expect(try history.figure("slip_days", "slippage") == 31)
        try history.say(
            "site.status.changed", "b", at: "2025-01-01", #"{"status": "announced", "owner": "acme", "expected_energized_on": "2025-12-01"}"#)
        try history.say("site.status.changed", "b", at: "2025-02-01", #"{"status": "cancelled"}"#)
        #expect(try history.row("SELECT sites, cancelled, median_days FROM gigawatch.slippage_totals(NULL, NULL, NULL)") == ["2", "1", "31"])
    }

    @Test func `between two known days facts were added, restated and withdrawn`() throws {
        let history = try History()
        let one = try history.say("site.capacity.reported", "a", at: "2026-01-01", #"{"facility_power_mw": 10}"#)
        let two = try history.say("site.capacity.reported", "b", at: "2026-01-01", #"{"facility_power_mw": 10}"#)
        try history.say("site.capacity.reported", "a", at: "2026-01-01", known: "2026-02-10", #"{"facility_power_mw": 12}"#, supersedes: one)
        try history.withdraw(two, known: "2026-02-11")
        try history.say("site.capacity.reported", "c", at: "2026-01-01", known: "2026-02-12", #"{"facility_power_mw": 1}"#)
        #expect(
            try history.table("SELECT change, subject, data, previous_data FROM gigawatch.changes('2026-02-01', '2026-03-01') ORDER BY known_at") == [
                #"restated|a|{"facility_power_mw": 12}|{"facility_power_mw": 10}"#, #"withdrawn|b|-|{"facility_power_mw": 10}"#,
                #"added|c|{"facility_power_mw": 1}|-"#,
            ])
        #expect(try history.table("SELECT change FROM gigawatch.changes('2026-03-01', NULL)") == [])
    }
}
