// The registry of the `ops` views, for people and Grafana. Each calls a read model at now and COMMENTs each column with its unit.

public enum Views {
    /// In order of application: what a later one uses stands earlier; the comments come last.
    public static let all: [SQLObject] = models + rollups + alerts + [events, quarantine, positions, metrics, assumptions, columnComments]
}
