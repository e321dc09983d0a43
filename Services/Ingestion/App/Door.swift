// From an HTTP request to records in Kafka and an answer. Reading and checking happen on a server thread; then the exchange waits, suspended,
// until the producer's thread has brought the last delivery report. Bytes in flight are bounded: over the bound the answer is 503 at once.
// Nothing here sleeps or queues. Read next: PendingRequest.swift, IngestionCore/EventGate.swift.

internal import Glibc
internal import HTTP
internal import IngestionCore
internal import JSON
internal import Kafka
internal import Models
internal import Operations
internal import Synchronization

/// `@unchecked Sendable`: `topics` is written before `isOpen` is released and read only after it was seen; all else is immutable or atomic.
final class Door: @unchecked Sendable {
    private let gate: EventGate
    private let producer: Producer
    private let pending: PendingTable
    private let topicPrefix: String
    private var topics: [TopicName: Producer.Topic] = [:]
    private let topicNames: [TopicName: [UInt8]]
    private let flow: Flow
    private let parsers = ParserPool()
    private let templates = Mutex<[String: RecordHeaders]>([:])
    private let signals: IngestionSignals
    /// Set once the topics are there.
    private let isOpen = Atomic(false)
    private let isStopping = Atomic(false)

    init(gate: EventGate, producer: Producer, pending: PendingTable, prefix: String, flow: Flow, signals: IngestionSignals) {
        self.gate = gate
        self.producer = producer
        self.pending = pending
        self.flow = flow
        self.signals = signals
        topicNames = Answer.topicNames(prefix: prefix)
        topicPrefix = prefix
    }

    /// The topics are there. Not before: a producer that asks for a topic that is missing makes the broker create it, with one partition and
    /// none of the planned settings.
    func open() {
        topics = Dictionary(uniqueKeysWithValues: [TopicName.events, .telemetry, .control].map { ($0, producer.topic($0.fullName(prefix: topicPrefix))) })
        isOpen.store(true, ordering: .releasing)
    }
    func stop() { isStopping.store(true, ordering: .releasing) }
    /// Nil when events can be taken; else why not.
    var obstacle: Refusal? {
        if isStopping.load(ordering: .relaxed) { return .stopping }
        guard isOpen.load(ordering: .acquiring), producer.isAvailable else { return .brokerAway }
        return flow.isStalled(at: monotonicNanoseconds()) ? .brokerStalled : nil
    }
    var requestsInFlight: Int { pending.inUse }

    /// Answers a request whose body is complete. `grant` is what its sender may do.
    func take(_ exchange: HTTPExchange, grant: Grant) {
        do throws(Refusal) {
            try read(exchange, grant)
        } catch {
            refuse(exchange, error)
        }
    }

    func refuse(_ exchange: HTTPExchange, _ refusal: Refusal) {
        signals.refused(refusal)
        exchange.respond(Door.response(refusal))
    }

    static func response(_ refusal: Refusal) -> HTTPResponse {
        .problem(status: refusal.status, code: refusal.code.rawValue, detail: refusal.detail, retryAfter: refusal.retryAfter)
    }

    // MARK: Reading

    private func read(_ exchange: HTTPExchange, _ grant: Grant) throws(Refusal) {
        let began = monotonicNanoseconds()
        if let obstacle { throw obstacle }
        if let encoding = exchange.header("Content-Encoding"), encoding.lowercased() != "identity" {
            throw Refusal(415, .contentEncodingUnsupported, "The body is encoded as \(encoding.prefix(40)); send it as it is.")
        }
        let eventHeaders = exchange.header("ce-id") != nil || exchange.header("ce-specversion") != nil || exchange.header("ce-type") != nil
        let mode: RequestMode
        switch exchange.withHeader("Content-Type", { RequestMode.of(contentType: $0, hasEventHeaders: eventHeaders) })
            ?? RequestMode.of(contentType: nil, hasEventHeaders: eventHeaders)
        {
        case .success(let found): mode = found
        case .failure(let refusal): throw refusal
        }
        let byteCount = exchange.body.count
        guard byteCount > 0 || mode == .binary else { throw Refusal(400, .bodyEmpty, "The request has no body.") }
        guard flow.charge(byteCount) else { throw .buffersFull }
        let request: PendingRequest
        do throws(Refusal) {
            let parser = parsers.take()
            defer { parsers.give(back: parser) }
            request = try handOver(exchange, mode, grant, parser, began)
        } catch {
            flow.release(byteCount)
            throw error
        }
        if request.settle() { answer(request) }
    }

    /// Parses, checks and produces. The request answered still holds its reader's count.
    private func handOver(_ exchange: HTTPExchange, _ mode: RequestMode, _ grant: Grant, _ parser: JSONParser, _ began: UInt64) throws(Refusal) -> PendingRequest {
        let acceptedAt = wallClock()
        switch mode {
        case .structured:
            return try one(exchange, exchange.body, grant, parser, began, acceptedAt)
        case .binary:
            if !exchange.body.isEmpty { _ = try parse(exchange.body, parser) }     // the data alone must be JSON before it becomes part of a document
            return try one(exchange, try structured(exchange), grant, parser, began, acceptedAt)
        case .batch:
            return try batch(exchange, grant, parser, began, acceptedAt)
        case .lines:
            throw Refusal(415, .contentTypeUnsupported, "application/x-ndjson is not taken yet; send application/cloudevents-batch+json.")
        }
    }

    private func parse(_ bytes: [UInt8], _ parser: JSONParser) throws(Refusal) -> JSONView {
        let parsed = bytes.withUnsafeBytes { text -> Result<JSONView, JSONError> in
            do throws(JSONError) { return .success(try parser.parse(text)) } catch { return .failure(error) }
        }
        switch parsed {
        case .success(let root): return root
        case .failure(let error): throw Refusal(400, error.errorCode, "The body is not JSON: \(error.message)")
        }
    }

    private func structured(_ exchange: HTTPExchange) throws(Refusal) -> [UInt8] {
        // The bytes of all names and values in one buffer: the pure code reads views.
        var text: [UInt8] = []
        var ranges: [(name: Range<Int>, value: Range<Int>)] = []
        for header in exchange.headers {
            let name = text.count..<(text.count + header.name.utf8.count)
            text.append(contentsOf: header.name.utf8)
            let value = text.count..<(text.count + header.value.utf8.count)
            text.append(contentsOf: header.value.utf8)
            ranges.append((name, value))
        }
        let result = text.withUnsafeBytes { text in
            let headers: [EnvelopeReader.Header] = ranges.map {
                (UnsafeRawBufferPointer(rebasing: text[$0.name]), UnsafeRawBufferPointer(rebasing: text[$0.value]))
            }
            return exchange.body.withUnsafeBytes { BinaryEvent.structured(headers: headers, body: $0) }
        }
        switch result {
        case .success(let event): return event
        case .failure(let violation): throw Refusal(422, violation.code, "\(violation)")
        }
    }

    private func one(
        _ exchange: HTTPExchange, _ event: [UInt8], _ grant: Grant, _ parser: JSONParser, _ began: UInt64, _ acceptedAt: Instant
    ) throws(Refusal) -> PendingRequest {
        let root = try parse(event, parser)
        let request = PendingRequest(exchange: exchange, count: 1, byteCount: exchange.body.count, began: began)
        switch gate.decide(root, byteCount: event.count, grant: grant, acceptedAt: acceptedAt) {
        case .reject(let id, let violations): request.refuse(0, id: id, violations)
        case .accept(let topic, let id, let key):
            request.admit(0, id: id, topic: topic)
            begin(request, events: 1)
            event.withUnsafeBytes { produce(request, 0, topic, key, $0, template(grant)) }
        }
        return request
    }

    private func batch(
        _ exchange: HTTPExchange, _ grant: Grant, _ parser: JSONParser, _ began: UInt64, _ acceptedAt: Instant
    ) throws(Refusal) -> PendingRequest {
        let root = try parse(exchange.body, parser)
        guard root.kind == .array else { throw Refusal(400, .batchNotArray, "A batch is a JSON array of events; this is \(root.kind.rawValue).") }
        let count = root.elements.reduce(into: 0) { count, _ in count += 1 }
        guard count > 0 else { throw Refusal(422, .batchEmpty, "The batch holds no event.") }
        guard count <= gate.limits.batchEvents else {
            throw Refusal(413, .batchTooLarge, "The batch holds \(count) events; \(gate.limits.batchEvents) are taken at once. Send it in parts.")
        }
        let request = PendingRequest(exchange: exchange, count: count, byteCount: exchange.body.count, began: began)
        let headers = template(grant)
        exchange.body.withUnsafeBytes { text in
            // Decide on all before the first goes out: then the whole request is counted before a report can come.
            var decided: [(index: Int, topic: TopicName, key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)] = []
            decided.reserveCapacity(count)
            var splitter = BatchSplitter(text)
            var index = 0
            for element in root.elements {
                guard let slice = splitter.next() else { break }
                switch gate.decide(element, byteCount: slice.count, grant: grant, acceptedAt: acceptedAt) {
                case .reject(let id, let violations): request.refuse(index, id: id, violations)
                case .accept(let topic, let id, let key):
                    request.admit(index, id: id, topic: topic)
                    decided.append((index, topic, key, slice))
                }
                index += 1
            }
            guard !decided.isEmpty else { return }
            begin(request, events: decided.count)
            for event in decided { produce(request, event.index, event.topic, event.key, event.value, headers) }
        }
        return request
    }

    private func begin(_ request: PendingRequest, events: Int) {
        request.expect(events)
        request.slot = pending.insert(request)
        flow.began(events, at: request.beganAtNanoseconds)
    }

    private func produce(
        _ request: PendingRequest, _ index: Int, _ topic: TopicName, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer,
        _ headers: RecordHeaders
    ) {
        guard let slot = request.slot else { return undo(request, index, .bufferFull, "too many requests wait for Kafka") }
        guard let handle = topics[topic] else { return undo(request, index, .internalFailure, "no topic for \(topic.rawValue)") }
        do {
            try producer.produce(topic: handle, key: key, value: value, headers: headers, token: PendingTable.token(slot: slot, index: index))
        } catch {
            undo(request, index, PendingRequest.code(of: error), error.message)
        }
    }

    private func undo(_ request: PendingRequest, _ index: Int, _ code: ErrorCode, _ reason: String) {
        request.fail(index, code, reason)
        flow.ended(1)
        // The reader's own count is still there, so this is never the last.
        _ = request.settle()
    }

    private func template(_ grant: Grant) -> RecordHeaders {
        templates.withLock { known in
            if let found = known[grant.name] { return found }
            let made = RecordHeaders([(name: "content-type", value: "application/cloudevents+json"), (name: "acceptedby", value: grant.name)])
            known[grant.name] = made
            return made
        }
    }

    // MARK: Answering

    /// A delivery report (the producer's thread, which must keep up with all of them: the answer is built by the server's).
    func deliver(_ delivery: Delivery) {
        let (slot, index) = PendingTable.parts(of: delivery.token)
        guard let request = pending.request(slot) else { return }
        flow.ended(1)
        if case .stored = delivery.outcome { flow.moved(at: monotonicNanoseconds()) }
        if request.settle(index, delivery.outcome) { answer(request) }
    }

    private func answer(_ request: PendingRequest) {
        if let slot = request.slot { pending.remove(slot) }
        flow.release(request.byteCount)
        request.exchange.respond { [signals, topicNames] in
            let answer = request.answer(topicNames: topicNames)
            signals.answered(request, answer)
            var response = HTTPResponse(
                status: answer.status, headers: [("Content-Type", answer.isProblem ? "application/problem+json" : "application/json")], body: answer.body())
            if let seconds = answer.retryAfter { response.headers.append(("Retry-After", String(seconds))) }
            return response
        }
    }
}

/// Parsers for the server's threads: as many as are at work at once.
private final class ParserPool: @unchecked Sendable {     // a parser is in the list or with one thread, never both
    private let lock: UnsafeMutablePointer<pthread_mutex_t> = {
        let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
        return lock
    }()
    private var idle: [JSONParser] = []

    func take() -> JSONParser {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return idle.popLast() ?? JSONParser()
    }

    func give(back parser: JSONParser) {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        idle.append(parser)
    }

    deinit {
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }
}

func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

func wallClock() -> Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
}
