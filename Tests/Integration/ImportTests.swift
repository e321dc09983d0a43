// Public data through the whole path: the importer of the command line, ingestion, Kafka, projection, the read model.
import Foundation
import TestServers
import Testing

/// The public data, where a checkout has it beside it; the tests that need it say so in their name when they are passed over.
private let data = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("../shared/data").standardizedFileURL.path

@Suite(.serialized) struct `Imports` {
    @Test(.enabled(if: FileManager.default.fileExists(atPath: data + "/epoch-2026-07/data_centers.csv"), "needs ../shared/data/epoch-2026-07"))
    func `the Epoch vintage of July 2026 gives the stated totals as of the end of 2025, and the same file twice changes nothing`() throws {
        let system = try RunningSystem(partitions: 4)
        try system.start(["ingestion", "projection", "query"])
        let folder = data + "/epoch-2026-07"
        for round in 1...2 {
            let imported = try system.gigawatch("import", "epoch-data-centers", folder, "--known-at", "2026-07-19", seconds: 180)
            #expect(imported.status == 0, "round \(round): \(imported.output)")
        }
        let audit = "SELECT sum(read) - sum(applied) - sum(duplicate) FROM gigawatch.stream_position WHERE consumer = 'projection'"
        #expect(try system.wait(audit, toBe: "0") == "0")
        #expect(try system.wait("SELECT (SELECT count(*) FROM gigawatch.fact) = (SELECT sum(duplicate) FROM gigawatch.stream_position WHERE consumer = 'projection')", toBe: "t") == "t", "the second import added nothing")
        let totals = try system.value("""
            SELECT concat_ws(' ', sites_seen, sites_energized, round(facility_power_mw::numeric, 1), round(it_power_mw::numeric, 1), round(h100e::numeric, 1), round(capital_cost_usd::numeric / 1e9, 2))
            FROM gigawatch.site_totals('2025-12-31T23:59:59.999999Z', NULL, NULL)
            """)
        #expect(totals == "73 37 7359.4 5788.3 5335308.5 219.27")
        try system.stop()
    }
}
