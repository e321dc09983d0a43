// The registry of read models: one file of this folder each, one SQL function of (as_of, as_known, as_recorded) each. There is no second
// definition of a figure anywhere: the API, the ops views, the metrics and the dashboard call these. Adding one is a file and a line here.

public enum ReadModels {
    /// In order of application: what a later one uses stands earlier.
    public static let all: [SQLObject] = [
        indexes, isVoid, periods, periodShare,
        chips, chipRates, sites, siteTotals, siteTimeline,
        contracts, contractTotals, siteLimits, units, plantCommitments,
        regionTree, regionPeaks, meteredRegions, regions, regionTotals,
        capitalItems, capital, capitalTotals, revenue, revenueTotals, electricity,
        ladderSegments, ladderAt, ladderValue, scenario,
        telemetryMinutes, telemetryHours, telemetry,
        slippage, slippageTotals, security, securityTotals, siteSecurity, targets, marketValue, compute, computeTotals, fleetBatches, fleet,
        sovereignty, changes,
        metricValues, affected, nextChange,
    ]
}

extension SQLObject {
    /// A function of the three clocks. It is dropped first, because PostgreSQL cannot replace a function whose columns have changed; the views
    /// on it go with it and come back, since they stand later in the list.
    init(model name: String, _ sql: String) {
        self.init(name, "DROP FUNCTION IF EXISTS gigawatch.\(name)(timestamptz, timestamptz, timestamptz) CASCADE;\n" + sql)
    }
}

extension Migrations {
    /// M020-M039: tables that the projection and the read models need.
    static let readModelSteps: [Migration] = [M020Assumptions.step, M021TelemetryRollups.step, M039QuarantineReplay.step]
}
