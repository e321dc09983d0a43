// Settings, log, metrics, health and shutdown, without servers except one on a loopback port.

import Glibc
import HTTP
import HTTPClient
import Operations
import Synchronization
import Testing

@Suite struct ConfigurationTests {
    @Test func `a setting has its default, its value, or stops with its name`() throws {
        #expect(try Configuration([:])(Keys.replicationFactor) == 1)
        #expect(try Configuration(["GIGAWATCH_REPLICATION_FACTOR": ""])(Keys.replicationFactor) == 1)
        #expect(try Configuration(["GIGAWATCH_REPLICATION_FACTOR": "3"])(Keys.replicationFactor) == 3)
        for wrong in ["0", "three", "99", "3 "] {
            #expect {
                _ = try Configuration(["GIGAWATCH_REPLICATION_FACTOR": wrong])(Keys.replicationFactor)
            } throws: { ($0 as? ConfigurationError)?.description.contains("GIGAWATCH_REPLICATION_FACTOR") == true }
        }
    }

    @Test func `an unknown name is a warning with the nearest known one`() {
        let warnings = Configuration(["GIGAWATCH_TOPIC_PREFIXX": "x", "GIGAWATCH_KAFKA_SASL_USERNAME": "u", "PATH": "/bin"]).warnings()
        #expect(warnings.count == 1)
        #expect(warnings.first?.contains("GIGAWATCH_TOPIC_PREFIX?") == true)
    }

    @Test func `a secret comes from a file and is not shown`() throws {
        let path = "/tmp/gigawatch-secret-\(getpid())"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        try #require(descriptor >= 0)
        _ = write(descriptor, "hush\n", 5)
        close(descriptor)
        defer { unlink(path) }
        #expect(try Configuration(["GIGAWATCH_TOKEN_FILE": path]).optional(Keys.token) == "hush")
        #expect(throws: ConfigurationError.self) { try Configuration(["GIGAWATCH_TOKEN": "a", "GIGAWATCH_TOKEN_FILE": path]).optional(Keys.token) }
        #expect(throws: ConfigurationError.self) { try Configuration(["GIGAWATCH_TOKEN_FILE": "/does/not/exist"]).optional(Keys.token) }
        let properties = try Configuration(["GIGAWATCH_KAFKA_SASL_PASSWORD_FILE": path, "GIGAWATCH_KAFKA_SECURITY_PROTOCOL": "SASL_SSL"]).kafkaProperties()
        #expect(properties == ["sasl.password": "hush", "security.protocol": "SASL_SSL"])
    }
}

@Suite struct LogAndMetricsTests {
    @Test func `a line is JSON with its fields, and lesser levels are not written`() {
        let lines = Mutex<[String]>([])
        let log = Log(service: "test", minimum: .info, writesText: false) { line in lines.withLock { $0.append(line) } }
        log.debug("not this")
        log.info("this", ["count": 3, "name": "a\"b", "share": 0.5, "flag": true])
        let written = lines.withLock { $0 }
        #expect(written.count == 1)
        #expect(written[0].contains(#""level":"info","service":"test","message":"this","count":3,"name":"a\"b","share":0.5,"flag":true}"#))
    }

    @Test func `metrics are written in Prometheus' text format`() {
        let metrics = Metrics()
        let counter = MetricDeclaration("test_things_total", .counter, "Things.", labels: ["kind"])
        metrics.counter(counter, "a\"b\n").add(2)
        metrics.counter(counter, "a\"b\n").add()
        metrics.gauge(MetricDeclaration("test_level", .gauge, "Level.")).set(1.5)
        let histogram = metrics.histogram(MetricDeclaration("test_seconds", .histogram([0.1, 1]), "Time."))
        for value in [0.05, 0.1, 0.5, 3] { histogram.observe(value) }
        metrics.observe(MetricDeclaration("test_read", .gauge, "Read.", labels: ["x"])) { [Metrics.Sample(7, labels: ["y"])] }
        let text = metrics.text()
        for line in [
            "# HELP test_things_total Things.\n# TYPE test_things_total counter\ntest_things_total{kind=\"a\\\"b\\n\"} 3\n", "test_level 1.5\n",
            "test_seconds_bucket{le=\"0.1\"} 2\n", "test_seconds_bucket{le=\"1\"} 3\n", "test_seconds_bucket{le=\"+Inf\"} 4\n", "test_seconds_sum 3.65\n",
            "test_seconds_count 4\n", "test_read{x=\"y\"} 7\n", "process_resident_memory_bytes ",
        ] { #expect(text.contains(line), "\(line) in\n\(text)") }
    }

    @Test func `a service is ready when it has started and every check says so`() {
        let health = Health()
        #expect(!health.isReady)
        let fine = Mutex(false)
        health.add("work") { fine.withLock { $0 } ? .ready : .notReady("no batch for 30 s") }
        health.started()
        #expect(health.statuses.map(\.status) == [.notReady("no batch for 30 s")])
        fine.withLock { $0 = true }
        #expect(health.isReady)
        health.stopping()
        #expect(!health.isReady)
    }

    @Test func `a request to stop wakes whoever waits, and runs its actions once`() {
        let shutdown = Shutdown()
        let count = Mutex(0)
        shutdown.onRequest { count.withLock { $0 += 1 } }
        #expect(!shutdown.wait(seconds: 0))
        shutdown.request()
        shutdown.request()
        shutdown.wait()
        #expect(count.withLock { $0 } == 1)
    }

    @Test func `the three questions are answered on a port`() throws {
        let health = Health()
        let server = try ServiceEndpoint(health: health, metrics: Metrics()).serve(on: ListenAddress(host: "127.0.0.1", port: 0))
        defer { server.stop(deadlineSeconds: 1) }
        let client = HTTPClient()
        let base = "http://127.0.0.1:\(server.port)"
        #expect(try client.send(HTTPRequest(url: base + "/livez")).status == 200)
        let starting = try client.send(HTTPRequest(url: base + "/readyz"))
        #expect(starting.status == 503 && starting.text.contains("starting"))
        health.started()
        #expect(try client.send(HTTPRequest(url: base + "/readyz")).status == 200)
        #expect(try client.send(HTTPRequest(url: base + "/metrics")).header("content-type")?.hasPrefix("text/plain; version=0.0.4") == true)
        #expect(try client.send(HTTPRequest(method: "POST", url: base + "/livez")).status == 405)
        #expect(try client.send(HTTPRequest(url: base + "/else")).status == 404)
    }
}
