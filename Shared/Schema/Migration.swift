// One numbered step of the schema. Its text is frozen once a release has applied it: the runner stores the text's digest and refuses a
// database whose recorded text differs, because a step that was edited afterwards means two databases with one number and two shapes.
// Values only; read next: Migrations.swift (the runner), then the numbered files in order.

/// A numbered step, applied once in a transaction of its own.
public struct Migration: Sendable {
    /// Its place in the order; ranges belong to areas (1-19 ledger and telemetry, 20-39 projection and read models, 40-59 alerting, 60 on query).
    public let version: Int
    /// A few words that `gigawatch doctor` shows.
    public let name: String
    /// One or more statements. No BEGIN or COMMIT inside.
    public let sql: String

    public init(_ version: Int, _ name: String, _ sql: String) {
        (self.version, self.name, self.sql) = (version, name, sql)
    }
}

/// A function or view whose text may change from release to release: applied after the numbered steps whenever its text is not the one
/// that the database holds. The text must be repeatable (CREATE OR REPLACE; where a signature changes, DROP … CASCADE first: whatever stands
/// later in the list is applied again too, so what the cascade took comes back).
public struct SQLObject: Sendable {
    /// Unique among all objects, such as `void_facts`.
    public let name: String
    public let sql: String

    public init(_ name: String, _ sql: String) {
        (self.name, self.sql) = (name, sql)
    }
}
