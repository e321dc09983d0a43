// `gigawatch import`: public data sets as events. The ledger is asked what it holds of the data set, so that only what is new, changed or gone is
// sent: the same file twice changes nothing, and a newer vintage supersedes and withdraws. Adding a data set: a pure reader in Core/Import and a
// case here.

import Glibc
import JSON
import Models
import Operations
import OperatorCore
import QueryCore

enum ImportVerb {
    static let verb = Verb(
        command: Command(
            "import", "Import a public data set as events",
            details: """
                Data sets:
                  epoch-data-centers DIR   Epoch AI's data_centers.csv and data_center_timelines.csv (and data_center_chip_quantities.csv when there)
                --known-at is the vintage's date: figures as known before it stay what they were. Rows after it become projections.
                """,
            positionals: [Positional("DATASET", "epoch-data-centers"), Positional("DIR", "the folder with its files")],
            options: [
                CommandOption("known-at", "DAY", "the vintage's date (required)"), CommandOption("dry-run", "say what would be sent, send nothing"),
                CommandOption("print", "with --dry-run: print the events, one a line"),
                CommandOption("empty-ledger", "do not ask what the ledger holds: everything counts as new"),
                CommandOption("batch", "N", "events a request (default 500)"),
                CommandOption("retries", "N", "attempts a batch before giving up (default 20)"),
                CommandOption("rejected", "FILE", "write refused events with their reasons to this file"),
                CommandOption("quiet", short: "q", "no notes on what was left out"),
            ],
            examples: [
                .init("gigawatch import epoch-data-centers ../shared/data/epoch-2026-07 --known-at 2026-07-19", "a vintage"),
                .init("gigawatch import epoch-data-centers NEWER --known-at 2026-10-01 --dry-run", "what a newer vintage would change"),
            ])
    ) { session, arguments in
        guard arguments.positionals[0] == "epoch-data-centers" else {
            throw UsageProblem("there is no data set '\(arguments.positionals[0])'; known: epoch-data-centers")
        }
        guard let text = arguments.value("known-at") else {
            throw UsageProblem("--known-at is missing: the day on which this vintage was published, as in --known-at 2026-07-19")
        }
        guard let knownOn = Day(text) else { throw UsageProblem("--known-at: expected a day as in 2026-07-19, found '\(text)'") }
        guard knownOn.start <= Session.now() else {
            throw UsageProblem("--known-at: \(text) lies in the future; nothing can be known before it is said")
        }
        let folder = arguments.positionals[1]
        let result = try EpochDataCenters.facts(
            centers: try file(folder, "data_centers.csv"), timelines: try file(folder, "data_center_timelines.csv"),
            chips: readFile(folder + "/data_center_chip_quantities.csv", limitBytes: 1 << 28), knownOn: knownOn)
        if !arguments.has("quiet") { for note in result.notes { session.note(note) } }
        let known = arguments.has("empty-ledger") ? [] : try ledger(session, EpochDataCenters.source)
        let plan = VintagePlan(source: EpochDataCenters.source, facts: result.facts, ledger: known, knownOn: knownOn)
        if arguments.has("dry-run"), arguments.has("print") {
            for event in plan.events { session.out(event + [UInt8(ascii: "\n")]) }
            return .done
        }
        let sum =
            "\(result.facts.count) facts in the vintage: \(plan.added) new, \(plan.changed) changed, \(plan.unchanged) unchanged, \(plan.withdrawn) gone"
        if arguments.has("dry-run") {
            session.out("\(sum). Nothing was sent.\n")
            return .done
        }
        var sender = try BatchSender(session, arguments)
        defer { sender.close() }
        for event in plan.events { try sender.add(event) }
        try sender.flush()
        if !session.wantsJSON { session.out("\(sum)\n") }
        if plan.events.isEmpty {
            session.out(
                session.wantsJSON ? "{\"accepted\":0,\"rejected\":0,\"positions\":{}}\n" : "the ledger holds all of it already; nothing was sent\n")
            return .done
        }
        let code = sender.finish()
        session.note(EpochDataCenters.attribution)
        return code
    }

    private static func file(_ folder: String, _ name: String) throws -> [UInt8] {
        guard let bytes = readFile(folder + "/" + name, limitBytes: 1 << 28) else {
            throw Failure(
                "cannot read \(folder)/\(name): \(String(cString: strerror(errno))). DIR must hold data_centers.csv and data_center_timelines.csv.")
        }
        return bytes
    }

    /// The living facts of a source, page by page.
    private static func ledger(_ session: Session, _ source: String) throws -> [LedgerFact] {
        var facts: [LedgerFact] = []
        var cursor: String?
        let parser = JSONParser(depthLimit: 64)
        repeat {
            var parameters = [("source", source), ("void", "false"), ("limit", "2000")]
            if let cursor { parameters.append(("cursor", cursor)) }
            let reply = try session.ask("/v1/events", parameters)
            cursor = nil
            try parser.withParsed(reply.body) { view in
                for item in view["items"].map({ Array($0.elements) }) ?? [] {
                    guard let id = item["id"]?.string, let type = item["type"]?.string, type != "fact.withdrawn.v1",
                        let subject = item["subject"]?.string,
                        let at = item["occurred_at"]?.string.flatMap({ Instant($0) })
                    else { continue }
                    facts.append(LedgerFact(id: id, type: type, subject: subject, occurredAt: at))
                }
                cursor = view["next"]?.string
            }
        } while cursor != nil
        return facts
    }
}
