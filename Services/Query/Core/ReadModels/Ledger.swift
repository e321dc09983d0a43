// What stands in the ledger itself: the facts, the records that could not be applied, and how far each consumer has come.

extension ReadModel {
    public static let events = ReadModel(
        name: "events", path: "/v1/events", meaning: "The facts in the ledger, the newest in the ledger first, with who said so.",
        source: """
            (SELECT f.fact_id, f.source, f.id, f.type, f.subject, f.occurred_at, f.known_at, f.accepted_at, f.topic, f.partition, f.record_offset,
               f.supersedes, f.confidence, f.assertion, f.evidence, f.accepted_by, f.data, f.extensions,
               EXISTS (SELECT FROM gigawatch.correction c WHERE c.victim_source = f.source AND c.victim_id = f.id)
                 AND (f.source, f.id) IN (SELECT v.source, v.id FROM gigawatch.void_facts({as_known}, {as_recorded}) v) AS void
             FROM gigawatch.fact f
             WHERE f.occurred_at <= coalesce({as_of}, 'infinity') AND f.known_at <= coalesce({as_known}, 'infinity')
               AND f.accepted_at <= coalesce({as_recorded}, 'infinity'))
            """,
        hasClocks: true,
        columns: [
            Column("fact_id", .identifier, "Number in the ledger."),
            Column("occurred_at", .instant, heading: "when", "When it was true in the world."),
            Column("type", .text, heading: "type", "Event type with its version."),
            Column("subject", .identifier, heading: "subject", "The entity that it is about."),
            Column("data", .json, heading: "data", "What was said."),
            Column("known_at", .instant, heading: "known", "When we were told."),
            Column("accepted_at", .instant, "When the log took it."),
            Column("source", .text, "Who says so."),
            Column("id", .text, heading: "id", "The event's id at its source."),
            Column("supersedes", .text, "Id of the event that it corrects."),
            Column("confidence", .text, "high, medium or low."),
            Column("assertion", .text, "reported, extracted, calculated, inferred or projected."),
            Column("evidence", .text, "URI of the evidence."),
            Column("accepted_by", .text, "Name of the token that posted it."),
            Column("topic", .text, "Kafka topic."),
            Column("partition", .identifier, "Kafka partition."),
            Column("record_offset", .identifier, "Kafka offset."),
            Column("void", .boolean, "Corrected or withdrawn by a later fact."),
            Column("extensions", .json, "CloudEvents extensions that Gigawatch does not read."),
        ],
        filters: [
            .anyOf("type", "One of these event types (site.status.changed.v1)."), .anyOf("subject", "About one of these entities."),
            Filter("source", .anyOf, "r.source = ?::text", "From this source."), Filter("id", .anyOf, "r.id = ?::text", "With this id."),
            Filter("from", .instant(throughEnd: false), "r.occurred_at >= ?::timestamptz", "True at or after this day or instant."),
            Filter("to", .instant(throughEnd: true), "r.occurred_at <= ?::timestamptz", "True at or before this day or instant."),
            Filter("void", .boolean, "r.void = ?::boolean", "false: only facts that count; true: only corrected and withdrawn ones."),
        ],
        sort: [SortKey("r.fact_id", "bigint", descending: true)])

    private static let quarantineColumns: [Column] = [
        Column("quarantine_id", .identifier, heading: "number", "Number of the entry."),
        Column("kind", .text, heading: "kind", "quarantined, or unapplied: a type that this release does not know."),
        Column("state", .text, heading: "state", "open, replayed or discarded."),
        Column("code", .text, heading: "code", "Entry of docs/errors.md."),
        Column("pointer", .text, heading: "pointer", "Where in the record."),
        Column("expected", .text, heading: "expected", "What was expected there."),
        Column("actual", .text, heading: "actual", "What was found."),
        Column("reason", .text, heading: "reason", "The reason in words."),
        Column("sqlstate", .text, "PostgreSQL's code, where it refused."),
        Column("topic", .text, heading: "topic", "Kafka topic."),
        Column("partition", .identifier, heading: "partition", "Kafka partition."),
        Column("record_offset", .identifier, heading: "offset", "Kafka offset."),
        Column("accepted_at", .instant, heading: "accepted", "When the log took it."),
        Column("created_at", .instant, "When it was put aside."),
        Column("state_reason", .text, "Why it was replayed or discarded."),
        Column("state_at", .instant, "When."),
        Column("key", .text, "The record's key, as text."),
        Column("value", .text, "The record's value, as text (up to 4 KiB here)."),
        Column("value_bytes", .integer, unit: "bytes", "Length of the value."),
        Column("headers", .json, "The record's headers."),
    ]

    /// Bytes that are no UTF-8 are shown in PostgreSQL's escape form, so that nothing here can fail on a broken record.
    private static let quarantineRows = """
        SELECT q.quarantine_id, q.kind, q.state, q.code, q.pointer, q.expected, q.actual, q.reason, q.sqlstate, q.topic, q.partition, q.record_offset,
          q.accepted_at, q.created_at, q.state_reason, q.state_at, encode(substring(q.key from 1 for 1024), 'escape') AS key,
          encode(substring(q.value from 1 for {value_bytes}), 'escape') AS value, length(q.value) AS value_bytes, q.headers
        FROM gigawatch.quarantine q
        """

    public static let quarantine = ReadModel(
        name: "quarantine", path: "/v1/quarantine", meaning: "Records that could not be applied, the newest first, each with its reason.",
        source: "(" + quarantineRows.replacing("{value_bytes}", with: "4096") + ")", hasClocks: false, columns: quarantineColumns,
        filters: [
            Filter("state", .oneOf(["open", "replayed", "discarded"]), "r.state = ?::text", "open, replayed or discarded."),
            Filter("kind", .oneOf(["quarantined", "unapplied"]), "r.kind = ?::text", "quarantined or unapplied."),
            .anyOf("code", "With one of these codes."), .anyOf("topic", "From one of these topics."),
        ],
        sort: [SortKey("r.quarantine_id", "bigint", descending: true)],
        totals: "SELECT json_build_object('open', count(*) FILTER (WHERE state = 'open'), 'all', count(*)) FROM gigawatch.quarantine",
        totalColumns: [
            Column("open", .integer, heading: "open", "Entries that wait for a decision."),
            Column("all", .integer, heading: "in all", "All entries."),
        ])

    public static let quarantined = ReadModel(
        name: "quarantined", path: "/v1/quarantine/{id}", shape: .item, meaning: "One record that could not be applied, whole.",
        source: "(" + quarantineRows.replacing("{value_bytes}", with: "1048576") + " WHERE q.quarantine_id::text = {id})", hasClocks: false,
        columns: quarantineColumns, sort: [SortKey("r.quarantine_id", "bigint")])

    public static let audit = ReadModel(
        name: "audit", path: "/v1/audit", meaning: "What each consumer did with every record it read, per partition.",
        source: """
            (SELECT p.consumer, p.topic, p.partition, p.first_offset, p.next_offset, p.read, p.applied, p.duplicate, p.quarantined, p.unapplied, p.ignored,
               l.lost AS accepted_loss, p.next_offset - p.first_offset - p.read - l.lost AS unaccounted, p.halted_reason, p.updated_at, p.owner,
               p.read = p.applied + p.duplicate + p.quarantined + p.unapplied + p.ignored
                 AND p.next_offset - p.first_offset = p.read + l.lost AND p.halted_reason IS NULL AS holds
             FROM gigawatch.stream_position p
             CROSS JOIN LATERAL (SELECT coalesce(sum(a.to_offset - a.from_offset), 0)::bigint AS lost FROM gigawatch.accepted_loss a
               WHERE a.consumer = p.consumer AND a.topic = p.topic AND a.partition = p.partition) l)
            """,
        hasClocks: false,
        columns: [
            Column("consumer", .text, heading: "consumer", "Who reads."),
            Column("topic", .text, heading: "topic", "Kafka topic."),
            Column("partition", .integer, heading: "partition", "Kafka partition."),
            Column("first_offset", .integer, heading: "first", "First offset of the accounting."),
            Column("next_offset", .integer, heading: "next", "Next offset to read."),
            Column("read", .integer, unit: "records", heading: "read", "Records read."),
            Column("applied", .integer, unit: "records", heading: "applied", "Records applied."),
            Column("duplicate", .integer, unit: "records", heading: "duplicate", "Repeats, applied once."),
            Column("quarantined", .integer, unit: "records", heading: "quarantined", "Records put aside with a reason."),
            Column("unapplied", .integer, unit: "records", heading: "unapplied", "Records that wait for a release that knows their type."),
            Column("ignored", .integer, unit: "records", heading: "ignored", "Records that are none of its business."),
            Column("accepted_loss", .integer, unit: "records", heading: "lost", "Records whose loss somebody accepted."),
            Column("unaccounted", .integer, unit: "records", heading: "unaccounted", "Offsets that no counter explains: 0, or something is wrong."),
            Column("holds", .boolean, heading: "holds", "The account holds."),
            Column("halted_reason", .text, heading: "halted", "Why the partition is halted."),
            Column("updated_at", .instant, "Last stored batch."),
            Column("owner", .text, "The worker that owns it."),
        ],
        filters: [.anyOf("consumer", "One of these consumers."), .anyOf("topic", "One of these topics.")],
        sort: [SortKey("r.consumer", "text"), SortKey("r.topic", "text"), SortKey("r.partition", "integer")],
        totals: """
            SELECT json_build_object('read', coalesce(sum(read), 0), 'applied', coalesce(sum(applied), 0), 'duplicate', coalesce(sum(duplicate), 0),
              'quarantined', coalesce(sum(quarantined), 0), 'unapplied', coalesce(sum(unapplied), 0), 'ignored', coalesce(sum(ignored), 0))
            FROM gigawatch.stream_position
            """)
}
