// `gigawatch simulate`: a meter stream from a seed that passes the site's limit and comes back. Its source marks it as simulated.

import Glibc
import Models
import OperatorCore
import QueryCore

enum SimulateVerb {
    static let verb = Verb(
        command: Command(
            "simulate", "Send the readings of a simulated site that passes its limit and comes back",
            details: "The readings end now and begin --minutes ago, or come as time passes with --live. Their source is \(SimulatedSite.source).",
            options: [
                CommandOption("site", "SITE", "the site (default simulated-campus)"),
                CommandOption("seed", "N", "the same seed makes the same readings (default 1)"),
                CommandOption("limit-mw", "MW", "the limit that the load passes (default 100)"),
                CommandOption("minutes", "N", "how long one rise and fall takes (default 50)"),
                CommandOption("interval", "SECONDS", "between readings (default 10)"), CommandOption("live", "as time passes, until Ctrl-C"),
                CommandOption("dry-run", "print the events instead of sending them"), CommandOption("batch", "N", "events a request (default 500)"),
                CommandOption("retries", "N", "attempts a batch before giving up (default 20)"), CommandOption("quiet", short: "q", "only problems"),
            ],
            examples: [
                .init("gigawatch simulate --site simulated-campus --limit-mw 100 --minutes 50", "fifty minutes that end now"),
                .init("gigawatch simulate --live --interval 1 --minutes 5", "a rise and fall every five minutes, live"),
                .init("gigawatch simulate --dry-run | head", "see what would be sent"),
            ])
    ) { session, arguments in
        let site = arguments.value("site") ?? "simulated-campus"
        let minutes = try positive("minutes", arguments, 50)
        let interval = try positive("interval", arguments, 10)
        let limit = try positive("limit-mw", arguments, 100)
        guard let seed = UInt64(arguments.value("seed") ?? "1") else {
            throw UsageProblem("--seed: expected a whole number from 0, found '\(arguments.value("seed") ?? "")'")
        }
        let isLive = arguments.has("live")
        // Whole seconds, so that ids and times read well.
        let now = Instant(microseconds: Session.now().microseconds / 1_000_000 * 1_000_000)
        let start = isLive ? now : now.adding(-minutes * 60)
        let meter = SimulatedSite(site: site, seed: seed, limitMegawatts: limit, spanSeconds: minutes * 60, intervalSeconds: interval, start: start)
        if isLive { return try live(session, arguments, meter) }
        let steps = meter.arrivals(count: Int(minutes * 60 / interval) + 1)
        if arguments.has("dry-run") {
            for step in steps { session.out(meter.event(step) + [UInt8(ascii: "\n")]) }
            return .done
        }
        try waitForLimit(session, site)
        var sender = try BatchSender(session, arguments)
        for step in steps { try sender.add(meter.event(step)) }
        try sender.flush()
        return sender.finish()
    }

    private static func positive(_ name: String, _ arguments: Arguments, _ fallback: Double) throws -> Double {
        guard let text = arguments.value(name) else { return fallback }
        guard let value = Double(text), value > 0, value <= 1e7 else { throw UsageProblem("--\(name): expected a number above 0, found '\(text)'") }
        return value
    }

    /// Readings that come before the site's limit is known cannot be compared with it, so a rule on it would stay silent: give a limit that
    /// was just sent a moment to become a figure. Without a query service, or without such a contract, the readings go out all the same.
    private static func waitForLimit(_ session: Session, _ site: String) throws {
        for attempt in 0..<60 {
            guard let reply = try? session.ask("/v1/metrics", [("metric", "contracts.site_limit_mw"), ("entity", site), ("limit", "1")]) else {
                return
            }
            if reply.text.contains("\"metric\":\"contracts.site_limit_mw\"") {
                // Published through the outbox a moment after it was stored.
                if attempt > 0 { usleep(1_500_000) }
                return
            }
            if attempt == 8, (try? session.ask("/v1/limits", [("site", site)]))?.text.contains("\"site\":\"\(site)\"") != true { return }
            usleep(250_000)
        }
        session.note("no limit of \(site) is published yet; sending all the same")
    }

    private static func live(_ session: Session, _ arguments: Arguments, _ meter: SimulatedSite) throws -> ExitCode {
        var sender = try BatchSender(session, arguments)
        var step = 0
        while true {
            let due = meter.reading(step).at
            let now = Session.now()
            if due > now { usleep(UInt32(min(1e9, due.seconds(since: now) * 1e6))) }
            try sender.add(meter.event(step))
            try sender.flush()
            if session.terminal.isTerminal, !arguments.has("quiet") {
                let megawatts = meter.reading(step).powerKilowatts / 1_000
                let share = megawatts / meter.limitMegawatts
                let percent = NumberText.write(share * 100, decimals: 1)
                let text = "\(due)  \(NumberText.write(megawatts, decimals: 1)) MW  \(percent) % of the limit"
                session.out((share > 1 ? CellStyle.bad : .plain).apply(text, colours: session.terminal.hasColours) + "\n")
            }
            step += 1
        }
    }
}
