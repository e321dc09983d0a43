// What a failure asks of the code that meets it. One table in each face (Kafka, Postgres) maps the library's codes to these; nobody
// above decides by message text. Read next: Streaming, whose worker acts on them.

/// The kind of a failure, which decides what happens next.
public enum FailureKind: String, Sendable, Hashable, CaseIterable {
    /// An outage or a lost race: try again, for ever, with growing pauses.
    case retry
    /// This record can never be applied: set it aside and go on.
    case quarantine
    /// Another owner has taken over: write nothing, read the position again.
    case fenced
    /// A person must change something (address, permission, missing topic): stop and say what.
    case configuration
    /// A broken assumption: stop.
    case fatal
    /// It may or may not have happened: read back before doing anything.
    case outcomeUnknown = "outcome_unknown"
}
