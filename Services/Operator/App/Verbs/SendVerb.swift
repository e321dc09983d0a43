// `gigawatch send`: events from files or standard input, one JSON document a line, in batches to ingestion. A repeat is applied once, so every
// doubt is answered by sending again: 429 and 503 with their Retry-After, a broken connection, an outcome that is unknown.

import Glibc
import HTTPClient
import Models
import OperatorCore
import QueryCore

enum SendVerb {
    static let verb = Verb(
        command: Command(
            "send", "Send events to ingestion: files or standard input, one CloudEvent a line",
            details:
                "Sends in batches and again where the answer says so; sending the same file twice changes nothing.\nExit code 4 when some events were refused.",
            positionals: [Positional("FILE", required: false, repeats: true, "files of events (NDJSON); '-' or none is standard input")],
            options: [
                CommandOption("batch", "N", "events a request (default 500)"),
                CommandOption("retries", "N", "attempts a batch before giving up (default 20)"),
                CommandOption("rejected", "FILE", "write refused events with their reasons to this file"),
                CommandOption("quiet", short: "q", "only problems and the sum"),
            ],
            examples: [
                .init("gigawatch send facts.jsonl", "a file"), .init("jq -c '.[]' facts.json | gigawatch send", "from another program"),
                .init("gigawatch send facts.jsonl --rejected refused.jsonl", "keep what was refused, with the reasons"),
            ])
    ) { session, arguments in
        let files = arguments.positionals.isEmpty ? ["-"] : arguments.positionals
        var sender = try BatchSender(session, arguments)
        defer { sender.close() }
        for file in files { try sender.send(file: file) }
        return sender.finish()
    }
}

/// Collects events into batches, posts them, and keeps the account.
struct BatchSender {
    private let session: Session
    private let batchSize: Int
    private let attempts: Int
    private let isQuiet: Bool
    private var rejectedFile: UnsafeMutablePointer<FILE>?
    private var batch: [[UInt8]] = []
    private var batchBytes = 0
    private var bar: ProgressBar
    private let started = ContinuousClock.now
    private(set) var accepted = 0
    private(set) var rejected = 0
    private(set) var sent = 0
    /// The last position per topic and partition, for `at_least`.
    private(set) var positions: [String: Int64] = [:]
    private var complaints = 0
    private var bytesRead: Int64 = 0
    private let reader = BatchAnswerReader()

    init(_ session: Session, _ arguments: Arguments, total: Int64 = 0) throws {
        self.session = session
        batchSize = try Self.number("batch", arguments, 500, 1...10_000)
        attempts = try Self.number("retries", arguments, 20, 1...10_000)
        isQuiet = arguments.has("quiet")
        bar = ProgressBar(session.terminal, total: total, unit: "sending")
        if let path = arguments.value("rejected") {
            guard let file = fopen(path, "w") else { throw Failure("cannot write \(path): \(String(cString: strerror(errno)))") }
            rejectedFile = file
        }
    }

    func close() { if let rejectedFile { fclose(rejectedFile) } }

    static func number(_ name: String, _ arguments: Arguments, _ fallback: Int, _ range: ClosedRange<Int>) throws -> Int {
        guard let text = arguments.value(name) else { return fallback }
        guard let value = Int(text), range.contains(value) else {
            throw UsageProblem("--\(name): expected a whole number from \(range.lowerBound) to \(range.upperBound), found '\(text)'")
        }
        return value
    }

    /// Every line of a file; blank ones are skipped.
    mutating func send(file path: String) throws {
        let file = path == "-" ? fdopen(dup(0), "r") : fopen(path, "r")
        guard let file else { throw Failure("cannot read \(path): \(String(cString: strerror(errno))). Is the path right?") }
        defer { fclose(file) }
        var status = stat()
        if path != "-", stat(path, &status) == 0, status.st_size > 0 { bar = ProgressBar(session.terminal, total: Int64(status.st_size), unit: path) }
        bytesRead = 0
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        while true {
            let count = getline(&line, &capacity, file)
            guard count >= 0, let line else { break }
            bytesRead += Int64(count)
            var bytes = Array(UnsafeRawBufferPointer(start: line, count: count))
            while let last = bytes.last, last == 0x0A || last == 0x0D || last == 0x20 || last == 0x09 { bytes.removeLast() }
            if bytes.isEmpty { continue }
            try add(bytes)
        }
        if ferror(file) != 0 { throw Failure("reading \(path) failed: \(String(cString: strerror(errno)))") }
        try flush()
    }

    mutating func add(_ event: [UInt8]) throws {
        batch.append(event)
        batchBytes += event.count
        if batch.count >= batchSize || batchBytes > 2 << 20 { try flush() }
    }

    mutating func flush() throws {
        guard !batch.isEmpty else { return }
        let (events, first) = (batch, sent)
        sent += batch.count
        batch.removeAll(keepingCapacity: true)
        batchBytes = 0
        try deliver(events, Array(first..<sent))
    }

    private mutating func deliver(_ events: [[UInt8]], _ eventNumbers: [Int]) throws {
        var (waiting, numbers) = (events, eventNumbers)
        var attempt = 0
        while !waiting.isEmpty {
            attempt += 1
            var pause = min(10, 0.2 * Double(1 << min(attempt, 6)))
            var reason = ""
            do {
                let reply = try session.post(Self.joined(waiting), contentType: "application/cloudevents-batch+json")
                switch reply.status {
                case 202, 207, 422:
                    let outcome = try reader.read(reply.body, count: waiting.count)
                    accepted += outcome.accepted
                    for (place, offset) in outcome.positions { positions[place] = max(positions[place] ?? -1, offset) }
                    for refusal in outcome.rejected where !refusal.retryable { refuse(waiting[refusal.index], numbers[refusal.index], refusal) }
                    let again = outcome.rejected.filter(\.retryable).map(\.index)
                    if let one = outcome.rejected.first(where: \.retryable) { reason = one.code }
                    (waiting, numbers) = (again.map { waiting[$0] }, again.map { numbers[$0] })
                case 400, 413:
                    // One line that is no JSON makes the whole batch none, and a batch may be too large: halve it until the culprit stands alone.
                    guard waiting.count > 1 else {
                        let detail = session.failure(reply, from: "ingestion").description
                        refuse(
                            waiting[0], numbers[0],
                            BatchAnswer.Refusal(
                                index: 0, id: nil, code: reply.status == 400 ? "json.malformed" : "event.too_large", pointer: "",
                                expected: "an event",
                                actual: detail, retryable: false))
                        return
                    }
                    let half = waiting.count / 2
                    try deliver(Array(waiting[..<half]), Array(numbers[..<half]))
                    return try deliver(Array(waiting[half...]), Array(numbers[half...]))
                case 408, 429, 500, 502, 503, 504:
                    reason = session.failure(reply, from: "ingestion").description
                    if let seconds = reply.header("Retry-After").flatMap({ Double($0) }) { pause = max(0.05, min(60, seconds)) }
                default:
                    throw session.failure(reply, from: "ingestion")
                }
            } catch let error as HTTPClientError {
                reason = "ingestion at \((try? session.ingestionURL()) ?? "?") does not answer (\(error))"
                if attempt == 1, sent == waiting.count, attempts > 3 { session.note("\(reason); trying again") }
            }
            bar.update(bytesRead, "\(accepted) accepted" + (rejected > 0 ? ", \(rejected) refused" : ""))
            guard !waiting.isEmpty else { return }
            guard attempt < attempts else {
                throw Failure(
                    "gave up after \(attempts) attempts: \(reason). \(accepted) events were accepted; "
                        + "send the file again when ingestion is back, a repeat changes nothing."
                )
            }
            usleep(UInt32(pause * 1_000_000))
        }
    }

    private mutating func refuse(_ event: [UInt8], _ number: Int, _ refusal: BatchAnswer.Refusal) {
        rejected += 1
        if let rejectedFile {
            var writer = JSONWriter()
            writer.object { writer in
                writer.member("code", refusal.code)
                writer.member("pointer", refusal.pointer)
                writer.member("expected", refusal.expected)
                writer.member("actual", refusal.actual)
                writer.member("event", String(decoding: event, as: UTF8.self))
            }
            fputs(writer.text + "\n", rejectedFile)
        }
        complaints += 1
        guard complaints <= 20 else { return }
        bar.finish()
        let place = refusal.pointer.isEmpty ? "" : " at \(refusal.pointer)"
        session.complain(
            "event \(number + 1)\(refusal.id.map { " (\($0))" } ?? ""): \(refusal.code)\(place): expected \(refusal.expected), found \(refusal.actual)"
        )
        if complaints == 20 { session.note("(further refusals are counted, and kept with --rejected FILE)") }
    }

    /// The sum, and the exit code.
    mutating func finish() -> ExitCode {
        bar.finish()
        let seconds = (ContinuousClock.now - started).components
        let elapsed = Double(seconds.seconds) + Double(seconds.attoseconds) / 1e18
        if session.wantsJSON {
            var writer = JSONWriter()
            writer.object { writer in
                writer.member("accepted", accepted)
                writer.member("rejected", rejected)
                writer.key("positions")
                writer.object { writer in for (place, offset) in positions.sorted(by: { $0.key < $1.key }) { writer.member(place, Int64(offset)) } }
            }
            session.out(writer.text + "\n")
        } else {
            session.out("\(accepted) accepted, \(rejected) refused in \(NumberText.write(elapsed, decimals: 2)) s\n")
        }
        return rejected == 0 ? .done : accepted > 0 ? .partlyDone : .failed
    }

    static func joined(_ events: [[UInt8]]) -> [UInt8] {
        var body: [UInt8] = [UInt8(ascii: "[")]
        body.reserveCapacity(events.reduce(2) { $0 + $1.count + 1 })
        for (index, event) in events.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            body.append(contentsOf: event)
        }
        body.append(UInt8(ascii: "]"))
        return body
    }
}
