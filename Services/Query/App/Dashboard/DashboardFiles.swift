// The dashboard's files, served by this program alone: page, style and script are in the binary (one file each beside this one), Chart.js comes
// from the folder that Debian's libjs-chart.js fills, read once at start. The content security policy allows this origin and nothing else, and
// no inline code, so data can never become script. Immutable after `init`; any thread.

import HTTP
import Operations

struct DashboardFiles: Sendable {
    private let files: [String: HTTPResponse]

    /// Everything from this origin; styles set through the DOM's own properties need no exception.
    static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    init(chartFolder: String, log: Log) {
        let chart = readFile(chartFolder + "/chart.min.js", limitBytes: 4 * 1024 * 1024)
        if chart == nil { log.warning("Chart.js is not there, the dashboard has tables but no charts", ["folder": .text(chartFolder)]) }
        files = [
            "/": Self.file(DashboardPage.text, "text/html; charset=utf-8"),
            "/dashboard.css": Self.file(DashboardStyle.text, "text/css; charset=utf-8"),
            "/dashboard.js": Self.file(DashboardScript.text, "text/javascript; charset=utf-8"),
            "/icon.svg": Self.file(DashboardPage.icon, "image/svg+xml"),
            // An empty script instead of a 404: the page then says that charts are missing, and the console stays clean.
            "/chart.js": Self.file(chart ?? [], "text/javascript; charset=utf-8", cache: "max-age=86400"),
        ]
    }

    func response(_ path: String) -> HTTPResponse? { files[path] }

    private static func file(_ text: String, _ type: String) -> HTTPResponse { file(Array(text.utf8), type) }

    private static func file(_ bytes: [UInt8], _ type: String, cache: String = "no-cache") -> HTTPResponse {
        HTTPResponse(
            status: 200,
            headers: [
                ("Content-Type", type), ("Content-Security-Policy", policy), ("X-Content-Type-Options", "nosniff"),
                ("Referrer-Policy", "no-referrer"), ("Cache-Control", cache),
            ],
            body: bytes)
    }
}
