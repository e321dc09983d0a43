// Delivers one receiver's notifications, in order, each again and again until the receiver has it or it is dead. A thread, a connection and an
// HTTP client per receiver, so that a slow or dead one delays nobody else. Signs as Standard Webhooks asks
// (https://www.standardwebhooks.com): `webhook-id` is the delivery's, the same in every attempt.

import AlertingCore
import Crypto
import HTTPClient
import Models
import Operations
import Postgres
import Streaming
import Synchronization

final class Deliverer: Sendable {
    let receiver: ReceiverDefinition
    private let settings: AlertingSettings
    private let signals: AlertingSignals
    private let isStopped = Atomic<Bool>(false)
    private let thread = Mutex<OwnThread?>(nil)

    init(_ receiver: ReceiverDefinition, _ settings: AlertingSettings, signals: AlertingSignals) {
        (self.receiver, self.settings, self.signals) = (receiver, settings, signals)
        let own = OwnThread("deliver \(receiver.name)") { [weak self] in self?.run() }
        thread.withLock { $0 = own }
    }

    /// Asks the thread to end; it does after the attempt that is under way.
    func stop() { isStopped.store(true, ordering: .relaxed) }

    private var isOver: Bool { isStopped.load(ordering: .relaxed) || settings.shutdown.isRequested }

    private func run() {
        let client = HTTPClient()
        let schedule = RetrySchedule()
        var pause = OutagePause()
        var connection: Connection?
        while !isOver {
            do {
                let current = try connection ?? Connection(settings.conninfo, applicationName: "gigawatch deliver")
                if current.isBroken { try current.reconnect() }
                if connection == nil { try current.listen("gigawatch_deliveries") }
                connection = current
                if try !deliverNext(client, schedule, on: current) { _ = try current.notifications(within: .milliseconds(100)) }
                pause.reset()
            } catch {
                settings.log.warning("deliveries wait", ["receiver": .text(receiver.name), "reason": .text("\(error)")])
                _ = settings.shutdown.wait(seconds: Double(pause.next()) / 1000)
            }
        }
        connection?.close()
    }

    /// Makes the attempt that is due. False when none is.
    private func deliverNext(_ client: HTTPClient, _ schedule: RetrySchedule, on connection: Connection) throws -> Bool {
        let rows = try connection.query(
            """
            SELECT id, body, attempts, next_at <= clock_timestamp(), extract(epoch FROM clock_timestamp() - created_at)
            FROM gigawatch.delivery WHERE receiver = $1 AND state = 'pending' ORDER BY ordinal LIMIT 1
            """, [.text(receiver.name)])
        // The first one that waits holds the others back: the order per alert is the receiver's to rely on.
        guard let id = rows.text(0, 0), let body = rows.bytes(0, 1), let attempts = rows.int64(0, 2), rows.bool(0, 3) == true else { return false }
        let started = monotonicSeconds()
        let (outcome, status, problem) = attempt(client, id: id, body: body)
        let seconds = monotonicSeconds() - started
        let number = Int(attempts) + 1
        let verdict = schedule.verdict(outcome, attempt: number, age: rows.double(0, 4) ?? 0, jitter: Double.random(in: 0..<1))
        var state = "pending"
        var wait = 0.0
        switch verdict {
        case .delivered:
            state = "delivered"
            signals.delivered.add()
        case .retry(let pause):
            wait = pause
            signals.retried.add()
        case .dead:
            state = "dead"
            signals.refused.add()
            signals.dead.add()
            settings.log.error("a notification was given up", ["receiver": .text(receiver.name), "id": .text(id), "reason": .text(problem ?? "status \(status ?? 0)")])
        }
        try connection.transaction { connection in
            try connection.query(
                """
                UPDATE gigawatch.delivery SET attempts = $2, state = $3, next_at = clock_timestamp() + make_interval(secs => $4),
                  last_status = $5::bigint, last_error = $6, done_at = CASE WHEN $3 <> 'pending' THEN clock_timestamp() END WHERE id = $1
                """,
                [
                    .text(id), .int(Int64(number)), .text(state), .double(wait), .int(orNull: status.map(Int64.init)), .text(orNull: problem),
                ])
            try connection.query(
                """
                INSERT INTO gigawatch.delivery_attempt (delivery, attempt, status, error, seconds) VALUES ($1, $2, $3::bigint, $4, $5)
                ON CONFLICT (delivery, attempt) DO NOTHING
                """, [.text(id), .int(Int64(number)), .int(orNull: status.map(Int64.init)), .text(orNull: problem), .double(seconds)])
        }
        return true
    }

    private func attempt(_ client: HTTPClient, id: String, body: [UInt8]) -> (AttemptOutcome, status: Int?, problem: String?) {
        let webhook = receiver.webhook
        let timestamp = String(wallClock().microseconds / 1_000_000)
        var headers = [
            (name: "content-type", value: "application/json"), (name: "user-agent", value: "Gigawatch"),
            (name: "webhook-id", value: id), (name: "webhook-timestamp", value: timestamp),
        ]
        let secrets: [[UInt8]]
        do { secrets = try WebhookSecrets.read(webhook) } catch {
            // A secret that cannot be read may be there in a moment (a mounted file): unsigned is never an answer.
            return (.failed(isRetryable: true), nil, "\(error)")
        }
        if !secrets.isEmpty {
            headers.append((name: "webhook-signature", value: WebhookSecrets.signature(id: id, timestamp: timestamp, body: body, secrets: secrets)))
        }
        let seconds = Double(webhook.timeout) / 1e6
        let request = HTTPRequest(
            method: "POST", url: webhook.url, headers: headers, body: body, connectTimeoutSeconds: min(5, seconds), totalTimeoutSeconds: seconds,
            responseLimitBytes: 64 * 1024, allowsPrivateAddresses: webhook.allowsPrivateAddress)
        do {
            let reply = try client.send(request)
            let retryAfter = reply.header("retry-after").flatMap { Self.retryAfter($0) }
            return (.answered(status: reply.status, retryAfter: retryAfter), reply.status, nil)
        } catch { return (.failed(isRetryable: error.isRetryable), nil, "\(error)") }
    }

    /// Seconds, as a number; a date is rare there and counts as none.
    static func retryAfter(_ text: String) -> Double? { Double(text).flatMap { $0.isFinite && $0 >= 0 ? $0 : nil } }
}

enum WebhookSecrets {
    /// The secrets of a webhook: first the one in force. Base64, with or without `whsec_`; other texts are used as they are.
    static func read(_ webhook: ReceiverDefinition.Webhook) throws -> [[UInt8]] {
        var texts = webhook.secrets
        for path in webhook.secretFiles {
            guard let bytes = readFile(path, limitBytes: 4096) else { throw SecretError(description: "the secret file \(path) cannot be read") }
            texts.append(String(decoding: bytes, as: UTF8.self))
        }
        return try texts.map { text in
            let trimmed = text.split(whereSeparator: { $0 == "\n" || $0 == "\r" || $0 == " " }).first.map(String.init) ?? ""
            guard !trimmed.isEmpty else { throw SecretError(description: "a webhook secret is empty") }
            if trimmed.hasPrefix("whsec_") {
                guard let key = Base64.decode(String(trimmed.dropFirst(6))) else { throw SecretError(description: "a webhook secret is no base64") }
                return key
            }
            // The libraries of Standard Webhooks take any secret as base64, with or without the prefix; what is none is used as it is.
            return Base64.decode(trimmed) ?? Array(trimmed.utf8)
        }
    }

    /// One signature per secret, separated by blanks.
    static func signature(id: String, timestamp: String, body: [UInt8], secrets: [[UInt8]]) -> String {
        let message = Array("\(id).\(timestamp).".utf8) + body
        return secrets.map { "v1,\(Base64.encode(SHA256.hmac(key: $0, message: message)))" }.joined(separator: " ")
    }
}

struct SecretError: Error, CustomStringConvertible {
    let description: String
}
