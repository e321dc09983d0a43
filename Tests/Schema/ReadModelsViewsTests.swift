// What stands over the models: the ops views, their functions with clocks, the metrics of the deriver.

import Testing

@Suite struct ReadModelsViewsTests {
    private func world() throws -> History {
        let history = try History()
        try history.say("region.registered", "PJM", at: "2020-01-01", #"{"name": "PJM", "country": "US"}"#)
        try history.say("region.registered", "PJM-DOM", at: "2020-01-01", #"{"name": "Dominion", "parent": "PJM"}"#)
        try history.say(
            "site.status.changed", "alpha", at: "2026-01-01", #"{"status": "energized", "owner": "acme", "country": "US", "region": "PJM-DOM"}"#)
        try history.say("site.capacity.reported", "alpha", at: "2026-01-02", #"{"facility_power_mw": 100}"#)
        try history.say(
            "power.contract.changed", "grid", at: "2026-01-01",
            #"{"status": "contracted", "buyer": "acme", "site": "alpha", "power_mw": 90, "role": "interconnection", "ends_on": "2098-12-31"}"#)
        return history
    }

    @Test func `every ops view answers, for the reader too, and says the unit of each column`() throws {
        let history = try world()
        let views = try history.table("SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'ops'::regnamespace AND c.relkind = 'v' ORDER BY 1")
        #expect(views.count >= 38)
        try history.connection.run("SET ROLE gigawatch_reader")
        for view in views { _ = try history.connection.query("SELECT * FROM ops.\(view) LIMIT 3") }
        try history.connection.run("RESET ROLE")
        #expect(
            try history.table(
                """
                SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
                WHERE c.relnamespace = 'ops'::regnamespace AND c.relkind = 'v' AND col_description(c.oid, a.attnum) IS NULL
                """) == [])
        #expect(try history.table("SELECT site, facility_power_mw FROM ops.sites_at(as_of => '2026-01-01T12:00:00Z')") == ["alpha|-"])
        #expect(try history.table("SELECT site, facility_power_mw FROM ops.sites") == ["alpha|100"])
    }

    @Test func `ops events holds facts and readings alike`() throws {
        let history = try world()
        try history.connection.run(
            """
            INSERT INTO gigawatch.reading (source, id, subject, occurred_at, known_at, accepted_at, partition, record_offset, power_kw, gpus, rest)
            VALUES ('meter', 'r1', 'alpha', '2026-03-01', '2026-03-01', '2026-03-01', 3, 7, 95000.5, 8, '{"data": {"cooling": "liquid"}}')
            """)
        #expect(
            try history.table("SELECT id, type, data, partition, record_offset FROM ops.events WHERE source = 'meter'")
                == [#"r1|site.telemetry.v1|{"gpus": 8, "cooling": "liquid", "power_kw": 95000.5}|3|7"#])
        #expect(try history.table("SELECT count(*) FROM ops.events") == ["6"])
    }

    @Test func `telemetry meets the declared level and the limit`() throws {
        let history = try world()
        try history.connection.run(
            """
            INSERT INTO gigawatch.telemetry_hour (subject, bucket, count, power_kw_min, power_kw_max, power_milliwatts_sum, last_at, last_power_kw,
              utilization_count, utilization_billionths_sum, energy_count)
            VALUES ('alpha', '2026-03-01T10:00:00Z', 2, 40000, 99000, 139000000000, '2026-03-01T10:59:00Z', 99000, 0, 0, 0)
            """)
        #expect(
            try history.row("SELECT power_kw_mean, declared_mw, load_factor, site_limit_mw, limit_share FROM gigawatch.telemetry(NULL, NULL, NULL)")
                == ["69500", "100", "0.695", "90", "1.1"])
        #expect(try history.row("SELECT power_kw_mean, load_factor, limit_share FROM ops.telemetry_hour") == ["69500", "0.695", "1.1"])
    }

    @Test func `metrics are the models' figures, and a fact reaches what stands above it`() throws {
        let history = try world()
        #expect(
            try history.table(
                "SELECT metric, value, labels ->> 'region' FROM gigawatch.metric_values('site', ARRAY['alpha']) WHERE metric ~ 'mw$' ORDER BY metric")
                == [
                    "contracts.behind_the_meter_mw|-|PJM-DOM", "contracts.delivery_mw|90|PJM-DOM", "contracts.site_limit_mw|90|PJM-DOM",
                    "sites.facility_power_mw|100|PJM-DOM", "sites.it_power_mw|-|PJM-DOM", "sites.planned_facility_power_mw|-|PJM-DOM",
                ])
        let reached = try history.table("SELECT kind, entity FROM gigawatch.affected('site', 'alpha')")
        for entity in ["site|alpha", "region|PJM-DOM", "region|PJM", "country|US", "scenario|largest_site_power_mw", "world|world"] {
            #expect(reached.contains(entity), "\(entity) is not reached")
        }
        #expect(try history.table("SELECT kind, entity FROM gigawatch.affected('contract', 'grid')").contains("site|alpha"))
        for kind in ["site", "contract", "plant", "region", "organization", "country", "scenario", "world", "policy"] {
            _ = try history.connection.query(
                "SELECT * FROM gigawatch.metric_values('\(kind)', ARRAY['alpha', 'PJM', 'US', 'acme', 'world', 'ai_run_rate_usd'])")
            _ = try history.connection.query("SELECT * FROM gigawatch.next_change('\(kind)', ARRAY['alpha', 'PJM', 'US', 'acme'])")
            _ = try history.connection.query("SELECT * FROM gigawatch.affected('\(kind)', 'alpha')")
        }
    }

    @Test func `a contract that ends and a level that is planned say when the figure changes next`() throws {
        let history = try world()
        #expect(
            try history.table("SELECT kind, entity, at::date FROM gigawatch.next_change('site', ARRAY['alpha', 'nobody'])") == [
                "site|alpha|2099-01-01"
            ])
        try history.say(
            "site.capacity.reported", "alpha", at: "2097-05-01", known: "2026-01-01", #"{"facility_power_mw": 900}"#, assertion: "projected")
        #expect(try history.table("SELECT at::date FROM gigawatch.next_change('site', ARRAY['alpha'])") == ["2097-05-01"])
        #expect(try history.table("SELECT at::date FROM gigawatch.next_change('region', ARRAY['PJM'])") == ["2097-05-01"])
    }
}
