// docs/configuration.md and docs/metrics.md say what the declarations say. `GIGAWATCH_TEST_WRITE_DOCS=1` writes them anew.

import Glibc
import Operations
import Testing

@Suite struct DeclarationDocumentsTests {
    @Test func `docs/configuration.md is the documentation of the declared settings`() throws {
        var text = """
            # Configuration

            Every setting is an environment variable. A wrong value stops a program at its start with the variable's name; an unknown `GIGAWATCH_*` name is a
            warning with the nearest known one. An empty variable counts as not set. A setting marked *secret* may come as `<NAME>_FILE`, a path whose
            content (without the last line break) is the value; secrets are never printed. This page is written from the declarations in
            `Shared/Operations/Declared`, and a test compares the two.

            `GIGAWATCH_KAFKA_<PROPERTY>` passes a librdkafka property through: upper case, dots as underscores, for example
            `GIGAWATCH_KAFKA_SECURITY_PROTOCOL=SASL_SSL`; `GIGAWATCH_KAFKA_SASL_PASSWORD_FILE` reads the value from a file.

            """
        for (title, keys) in Keys.sections {
            text += "\n## \(title)\n| variable | default | value | meaning |\n|---|---|---|---|\n"
            for key in keys {
                let value = key.expected + (key.unit.map { " (\($0))" } ?? "") + (key.isSecret ? ", *secret*" : "")
                let shown = key.shownDefault.map { $0 == "none" ? "none" : "`\($0)`" } ?? "none"
                text += "| `\(key.name)` | \(shown) | \(value) | \(key.meaning) |\n"
            }
        }
        try compare(text, "docs/configuration.md")
    }

    @Test func `docs/metrics.md is the documentation of the declared metrics`() throws {
        var text = """
            # Metrics

            Every service answers `/metrics` on its own port in Prometheus' text format. Times are in seconds, sizes in bytes; a histogram has `_bucket`, `_sum`
            and `_count`. This page is written from the declarations in `Shared/Operations/Declared`, and a test compares the two.

            """
        for (title, metrics) in DeclaredMetrics.sections {
            text += "\n## \(title)\n"
            guard !metrics.isEmpty else { text += "None of its own.\n"; continue }
            text += "| metric | kind | labels | meaning |\n|---|---|---|---|\n"
            for metric in metrics {
                text += "| `\(metric.name)` | \(metric.kind.name) | \(metric.labels.map { "`\($0)`" }.joined(separator: ", ")) | \(metric.meaning) |\n"
            }
        }
        try compare(text, "docs/metrics.md")
    }

    @Test func `each setting and each metric is declared once, and named by the rules`() {
        let names = Keys.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.hasPrefix("GIGAWATCH_") })
        let metrics = DeclaredMetrics.all.map(\.name)
        #expect(Set(metrics).count == metrics.count)
        for metric in DeclaredMetrics.all where metric.kind.name == "counter" { #expect(metric.name.hasSuffix("_total"), "\(metric.name)") }
    }

    private func compare(_ text: String, _ path: String) throws {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        let file = "\(root)/\(path)"
        if getenv("GIGAWATCH_TEST_WRITE_DOCS") != nil {
            let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
            try #require(descriptor >= 0)
            defer { close(descriptor) }
            let bytes = Array(text.utf8)
            #expect(write(descriptor, bytes, bytes.count) == bytes.count)
            return
        }
        let found = try #require(readFile(file, limitBytes: 1 << 20), "\(path) is missing: write it with GIGAWATCH_TEST_WRITE_DOCS=1")
        #expect(String(decoding: found, as: UTF8.self) == text, "\(path) is not what the declarations say: write it with GIGAWATCH_TEST_WRITE_DOCS=1")
    }
}
