// Public data through the whole path: the importer of the command line, ingestion, Kafka, projection, the read model.
import Foundation
import Kafka
import Models
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
        var counts: [String?] = []
        for round in 1...2 {
            let imported = try system.gigawatch("import", "epoch-data-centers", folder, "--known-at", "2026-07-19", seconds: 180)
            #expect(imported.status == 0, "round \(round): \(imported.output)")
            // Everything that is in the log has been taken, and nothing was set aside.
            TestProcess.poll(seconds: 60, every: 200) { (try? isSettled(system)) == true }
            counts.append(try system.value("SELECT count(*) FROM gigawatch.fact"))
        }
        #expect(counts[0] == counts[1] && counts[0] != "0", "the second import added nothing: \(counts)")
        #expect(try system.value("SELECT count(*) FROM ops.quarantine") == "0")
        let totals = try system.value("""
            SELECT concat_ws(' ', sites_seen, sites_energized, round(facility_power_mw::numeric, 1), round(it_power_mw::numeric, 1), round(h100e::numeric, 1), round(capital_cost_usd::numeric / 1e9, 2))
            FROM gigawatch.site_totals('2025-12-31T23:59:59.999999Z', NULL, NULL)
            """)
        #expect(totals == "73 37 7359.4 5788.3 5335308.5 219.27")
        try system.stop()
    }

    /// Whether projection has read to the end of the topic of facts.
    private func isSettled(_ system: RunningSystem) throws -> Bool {
        let admin = try Admin(TestKafka.configuration)
        defer { admin.close() }
        let topic = TopicName.events.fullName(prefix: system.prefix)
        let places = (0..<(try admin.partitionCount(of: topic) ?? 0)).map { TopicPartition(topic: topic, partition: $0) }
        let ends = try admin.endOffsets(of: places).values.reduce(0, +)
        return try system.value("SELECT coalesce(sum(next_offset), 0) FROM ops.positions WHERE consumer = 'projection' AND topic = '\(topic)'") == String(ends)
    }
}
