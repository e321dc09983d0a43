// The registry of read models: one file of this folder each, one SQL function of (as_of, as_known, as_recorded) each. There is no second
// definition of a figure anywhere: the API, the ops views, the metrics and the dashboard call these. Adding one is a file and a line here.

public enum ReadModels {
    /// In order of application: what a later one uses stands earlier.
    public static let all: [SQLObject] = []
}

extension Migrations {
    /// M020-M039: tables that the projection and the read models need.
    static let readModelSteps: [Migration] = [M021TelemetryRollups.step]
}
