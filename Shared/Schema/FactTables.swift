// The typed fact tables, generated from the catalogue: one table a type of fact (its versions share it), one column a field, comments with units. A
// table grows by ADD COLUMN IF NOT EXISTS and never shrinks, so an event type that gains a field needs no migration. Invariant: a column's SQL
// type follows from the field's kind alone (`columnType`), and money is `numeric`. Values only; Migrations.swift applies them.

public import Models
internal import Postgres

/// The typed fact tables.
public enum FactTables {
    /// Columns that every fact table has, before those of its fields. A field of the same name gets the prefix `data_`.
    public static let commonColumns = ["fact_id", "source", "id", "subject", "occurred_at", "known_at", "accepted_at", "confidence", "assertion"]

    /// One object per table, applied before the functions that read it.
    static let objects: [SQLObject] = names.map { name in
        SQLObject(name, sql(for: name, Catalogue.facts.filter { tableName(of: $0) == name }))
    }

    /// Names of all tables, in the catalogue's order: `fact_site_status_changed`.
    public static let names: [String] = Catalogue.facts.reduce(into: []) { names, type in
        if !names.contains(tableName(of: type)) { names.append(tableName(of: type)) }
    }

    public static func tableName(of type: EventType) -> String { "fact_\(type.sqlName)" }

    /// The column of a field; not quoted (`case` is a column of electricity.year.reported).
    public static func columnName(of field: Field) -> String {
        commonColumns.contains(field.name) ? "data_\(field.name)" : field.name
    }

    /// How PostgreSQL holds a field of this kind.
    public static func columnType(of kind: FieldKind) -> String {
        switch kind {
        case .text, .identifier, .enumeration, .country, .period: #"text COLLATE "C""#
        case .number, .share: "double precision"
        case .integer: "bigint"
        case .money: "numeric"
        case .boolean: "boolean"
        case .date: "date"
        case .instant: "timestamptz"
        case .textList, .identifierList, .countryList: "text[]"
        case .numberMap, .object, .objectList, .document: "jsonb"
        }
    }

    private static func sql(for table: String, _ types: [EventType]) -> String {
        var sql = """
            CREATE TABLE IF NOT EXISTS gigawatch.\(table) (
                fact_id bigint PRIMARY KEY,
                source text COLLATE "C" NOT NULL,
                id text COLLATE "C" NOT NULL,
                subject text COLLATE "C" NOT NULL,
                occurred_at timestamptz NOT NULL,
                known_at timestamptz NOT NULL,
                accepted_at timestamptz NOT NULL,
                confidence text,
                assertion text
            );
            CREATE INDEX IF NOT EXISTS \(table)_subject ON gigawatch.\(table) (subject, occurred_at DESC, known_at DESC);
            COMMENT ON TABLE gigawatch.\(table) IS \(quotedLiteral(types.last?.meaning ?? ""));
            COMMENT ON COLUMN gigawatch.\(table).fact_id IS 'The row of gigawatch.fact.';
            COMMENT ON COLUMN gigawatch.\(table).occurred_at IS 'When it was true in the world.';
            COMMENT ON COLUMN gigawatch.\(table).known_at IS 'When it became known.';
            COMMENT ON COLUMN gigawatch.\(table).accepted_at IS 'When the log took it.';

            """
        var seen: Set<String> = []
        for field in types.reversed().flatMap(\.fields) where seen.insert(field.name).inserted {
            let column = quotedIdentifier(columnName(of: field))
            let comment = field.meaning + (field.unit.map { ", \($0)" } ?? "")
            sql += "ALTER TABLE gigawatch.\(table) ADD COLUMN IF NOT EXISTS \(column) \(columnType(of: field.kind));\n"
            sql += "COMMENT ON COLUMN gigawatch.\(table).\(column) IS \(quotedLiteral(comment));\n"
        }
        return sql
    }
}
