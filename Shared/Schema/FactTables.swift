// The typed fact tables, generated from the catalogue of event types: one table a type (its versions share it), one column a field. They grow by
// ADD COLUMN IF NOT EXISTS and never shrink. Waits for Models.Catalogue; until then the list is empty.

/// The typed fact tables.
public enum FactTables {
    /// One object per table, applied before the functions that read it.
    static let objects: [SQLObject] = []
}
