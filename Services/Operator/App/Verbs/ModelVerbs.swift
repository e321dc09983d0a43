// The verbs that ask for read models, all made from the models' declarations: each filter is an option, the clocks and paging are the same
// everywhere, tables come from the columns. A new read model becomes a verb with one line here.

import Glibc
import JSON
import Models
import OperatorCore
import QueryCore

enum ModelVerbs {
    static let asking: [Verb] = [
        list(
            "sites", .sites, item: .site,
            examples: [
                ("gigawatch sites", "all sites, the largest first"),
                ("gigawatch sites --as-of 2025-12-31 --as-known 2026-07-19", "as of a day, as known on another"),
                ("gigawatch sites --country US --min-power-mw 500 --csv", "large American sites for a spreadsheet"),
                ("gigawatch sites colossus-2", "one site in full"),
            ]),
        list("timeline", .siteTimeline, argument: "SITE", examples: [("gigawatch timeline colossus-2", "the steps of one site")]),
        list("contracts", .contracts, examples: [("gigawatch contracts --buyer microsoft --in-force true", "what Microsoft has in force")]),
        list("limits", .siteLimits, examples: [("gigawatch limits", "what each site may draw")]),
        list("commitments", .plantCommitments, examples: [("gigawatch commitments", "plants whose megawatts were sold twice come first")]),
        list(
            "regions", .regions, item: .region,
            examples: [("gigawatch regions --as-of 2028-12-31 --short true", "who is short of power at the end of 2028")]),
        list(
            "scenario", .scenario,
            examples: [("gigawatch scenario", "months ahead of the ladder or behind it"), ("gigawatch scenario --as-of 2024-06-30", "as of a day")]),
        list("capital", .capital, examples: [("gigawatch capital --year 2026", "one year's capital")]),
        list("revenue", .revenue, examples: [("gigawatch revenue --kind ai", "AI run rates and how fast they double")]),
        list("electricity", .electricity, examples: [("gigawatch electricity --country US", "generation and the AI load on it")]),
        list("fleet", .fleet, examples: [("gigawatch fleet --owner meta", "one owner's chips by stage")]),
        list("compute", .compute, examples: [("gigawatch compute --frontier true", "runs that were the largest so far")]),
        list("targets", .targets, examples: [("gigawatch targets", "who raised a target, and by how much")]),
        list("slippage", .slippage, examples: [("gigawatch slippage", "dates that moved, the worst first")]),
        list("security", .security, examples: [("gigawatch security --asset weights", "incidents with model weights")]),
        list("sovereignty", .sovereignty, examples: [("gigawatch sovereignty --dimension location", "who has the compute")]),
        list("changes", .changes, examples: [("gigawatch changes --from 2026-10-24", "what we learned since a day")]),
        list("telemetry", .telemetry, examples: [("gigawatch telemetry --site colossus-2 --resolution hour", "a site's load by hour")]),
        list(
            "events", .events,
            examples: [
                ("gigawatch events --subject colossus-2", "all facts about one site"),
                ("gigawatch events --type target.set.v1 --json", "for a program"),
            ]),
        list("metrics", .metrics, examples: [("gigawatch metrics --model regions", "the published figures of the regions")]),
    ]

    static let alerts: [Verb] = [
        list("alerts list", .alerts, examples: [("gigawatch alerts --state firing", "what fires now")]),
        list(
            "alerts show", .alert, argument: "FINGERPRINT",
            examples: [("gigawatch alerts show 5f1c0e9ab3d24477", "why an alert fired, with the events that decided")]),
        list(
            "alerts history", .transitions, examples: [("gigawatch alerts history --rule site-load-above-contract", "every transition of one rule")]),
    ]

    static let rules: [Verb] = [list("rules list", .rules, examples: [("gigawatch rules list", "the rules in force")])]

    static let operating: [Verb] = [
        list("quarantine list", .quarantine, examples: [("gigawatch quarantine --state open", "records that wait for a decision")]),
        list("quarantine show", .quarantined, argument: "NUMBER", examples: [("gigawatch quarantine show 12", "one record whole, with its reason")]),
    ]

    // MARK: parts

    /// - Parameters:
    ///   - item: the model of one entity; then an argument asks for it.
    ///   - argument: the name of the path's placeholder in help, when the model needs it.
    static func list(_ words: String, _ model: ReadModel, item: ReadModel? = nil, argument: String? = nil, examples: [(String, String)]) -> Verb {
        var options = model.filters.map { filter in
            CommandOption(optionName(filter.name), placeholder(filter.kind), filter.meaning)
        }
        if model.hasClocks {
            options += [
                CommandOption("as-of", "DAY", "facts that were true by this day or instant"),
                CommandOption("as-known", "DAY", "what was known by this day or instant"),
                CommandOption("as-recorded", "DAY", "what this system had recorded by then"),
            ]
        }
        if model.shape == .list {
            options += [
                CommandOption("limit", "N", "at most so many rows (default \(model.limitDefault))"),
                CommandOption("cursor", "TEXT", "where the page before ended"),
            ]
        }
        options.append(CommandOption("at-least", "TOPIC/PARTITION/OFFSET", repeats: true, "wait until this position is applied"))
        var positionals: [Positional] = []
        if let argument { positionals = [Positional(argument, "which one")] }
        if item != nil { positionals = [Positional("ID", required: false, "one of them, in full")] }
        let command = Command(
            words, model.meaning, positionals: positionals, options: options, examples: examples.map { Command.Example($0.0, $0.1) })
        return Verb(command: command) { session, arguments in
            var model = model
            if let item, !arguments.positionals.isEmpty { model = item }
            return try ask(session, arguments, model)
        }
    }

    static func optionName(_ parameter: String) -> String { String(parameter.map { $0 == "_" ? "-" : $0 }) }

    private static func placeholder(_ kind: Filter.Kind) -> String {
        switch kind {
        case .anyOf: "VALUE"
        case .oneOf(let choices): choices.joined(separator: "|")
        case .number, .integer: "N"
        case .boolean: "true|false"
        case .instant: "DAY"
        }
    }

    static func ask(_ session: Session, _ arguments: Arguments, _ model: ReadModel) throws -> ExitCode {
        var path = model.path
        var parameters: [(String, String)] = []
        if let open = path.firstIndex(of: "{"), let close = path.firstIndex(of: "}") {
            path = path[..<open] + Session.escaped(arguments.positionals.first ?? "") + path[path.index(after: close)...]
        }
        let names = model.filters.map(\.name) + ModelRequest.clockNames + ["limit", "cursor", "at_least"]
        for name in names {
            for value in arguments.values[optionName(name)] ?? [] { parameters.append((name, value)) }
        }
        // Checked here with the service's own reader, so that a slip costs no request and reads the same.
        do {
            _ = try ModelRequest(model, pathValues: [:], parameters: parameters.map { (name: $0.0, value: $0.1) })
        } catch {
            throw UsageProblem("--\(optionName(error.parameter)): \(error.message)")
        }
        if session.wantsCSV { parameters.append(("format", "csv")) }
        let reply = try session.ask(path, parameters)
        if session.wantsCSV {
            session.out(reply.body)
            if let next = reply.header("Gigawatch-Next-Cursor") { session.note("more rows: --cursor \(next)") }
            return reply.body.split(separator: UInt8(ascii: "\n"), maxSplits: 2).count > 1 ? .done : .nothingFound
        }
        if session.wantsJSON {
            session.out(reply.body + [UInt8(ascii: "\n")])
            var isEmpty = false
            try JSONParser().withParsed(reply.body) { isEmpty = model.shape == .list && $0["items"]?.elements.first(where: { _ in true }) == nil }
            return isEmpty ? .nothingFound : .done
        }
        var code = ExitCode.done
        try JSONParser(depthLimit: 64).withParsed(reply.body) { view in
            switch model.shape {
            case .list: code = table(session, model, view)
            case .item: session.out(sheet(session, model, view))
            }
        }
        return code
    }

    private static func table(_ session: Session, _ model: ReadModel, _ view: JSONView) -> ExitCode {
        let colours = session.terminal.hasColours
        guard let items = view["items"], items.elements.first(where: { _ in true }) != nil else {
            session.note("nothing found")
            return .nothingFound
        }
        // A column that nothing fills would only push the others apart.
        let columns = model.tableColumns.filter { column in items.elements.contains { !($0.member(named: column.name)?.isNull ?? true) } }
        session.out(TextTable(columns, items: items).text(width: session.terminal.width, colours: colours))
        if let totals = view["totals"], totals.kind == .object, !model.totalColumns.isEmpty {
            let parts = model.totalColumns.compactMap { column -> String? in
                let cell = Cell(totals, column.name)
                if column.name.hasPrefix("unknown"), cell == .integer(0) || cell == .null { return nil }
                let unit = column.shownUnit.map { " \($0)" } ?? ""
                return "\(column.heading ?? column.name) " + CellStyle.strong.apply(cell.shown(in: column), colours: colours) + unit
            }
            session.out("\n" + parts.joined(separator: "  ·  ") + "\n")
        }
        if let asOf = view["as_of"]?.string, let asKnown = view["as_known"]?.string {
            session.note("as of \(short(asOf)), as known \(short(asKnown))")
        }
        if let next = view["next"]?.string { session.note("more rows: raise --limit, or --cursor \(next)") }
        return .done
    }

    private static func short(_ text: String) -> String { String(text.prefix(16)) }

    /// One entity: a line per column that is known, tables for lists of objects.
    private static func sheet(_ session: Session, _ model: ReadModel, _ view: JSONView) -> String {
        let colours = session.terminal.hasColours
        let width = model.columns.map(\.name.count).max() ?? 0
        var text = ""
        for column in model.columns {
            guard let value = view.member(named: column.name), !value.isNull else { continue }
            let label = column.name + String(repeating: " ", count: width - column.name.count)
            if value.kind == .array, value.elements.first(where: { _ in true })?.kind == .object {
                text += "\n" + CellStyle.strong.apply(column.name, colours: colours) + "\n"
                text += objects(value).text(width: session.terminal.width, colours: colours)
                continue
            }
            let shown = Cell(value).shown(in: column)
            if shown.isEmpty { continue }
            let unit = column.format == .share ? "" : column.shownUnit.map { " \($0)" } ?? ""
            text += CellStyle.dim.apply(label, colours: colours) + "  " + TextTable.wordStyle(shown).apply(shown, colours: colours) + unit + "\n"
        }
        return text
    }

    /// A list of objects without a declaration: their own names as headings, columns without any value left out.
    private static func objects(_ list: JSONView) -> TextTable {
        var names: [String] = []
        for row in list.elements {
            for (key, value) in row.members where !value.isNull {
                let name = String(decoding: key, as: UTF8.self)
                if !names.contains(name), name != "confidence", name != "assertion" { names.append(name) }
            }
        }
        let columns = names.map { name in
            let isNumber = list.elements.contains { $0.member(named: name)?.kind == .number }
            let isTime = name.hasSuffix("_at")
            return Column(name, isTime ? .instant : isNumber && name != "record_offset" ? .number(decimals: 3) : .text, heading: name, "")
        }
        return TextTable(columns, items: list)
    }
}
