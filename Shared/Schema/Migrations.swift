// The runner: lands in the next step. The steps themselves are in MigrationList.swift.

/// Brings a database to the schema that this program knows.
public enum Migrations {
    /// The highest numbered step.
    public static var latest: Int { all.last?.version ?? 0 }
}
