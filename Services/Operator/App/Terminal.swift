// What standard output and error are: a terminal with a width and perhaps colours, or a pipe. Decided once; NO_COLOR wins.

import Glibc

struct Terminal: Sendable {
    let isTerminal: Bool
    let errorIsTerminal: Bool
    let hasColours: Bool
    let errorHasColours: Bool
    /// Columns; nil for a pipe.
    let width: Int?

    init() {
        isTerminal = isatty(1) == 1
        errorIsTerminal = isatty(2) == 1
        let isPlain = (getenv("NO_COLOR").map { $0.pointee != 0 } ?? false) || (getenv("TERM").map { strcmp($0, "dumb") == 0 } ?? false)
        hasColours = isTerminal && !isPlain
        errorHasColours = errorIsTerminal && !isPlain
        var size = winsize()
        width = isTerminal && ioctl(1, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : isTerminal ? 80 : nil
    }

    /// Writes all of it. A reader that has gone (`| head`) ends the program quietly, as other tools do.
    static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                start += count
                continue
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EPIPE { exit(0) }
            return
        }
    }
}

/// A bar on standard error for long work; silent when that is no terminal.
struct ProgressBar {
    private let isShown: Bool
    private let total: Int64
    private let unit: String
    private var shown: Int64 = -1

    init(_ terminal: Terminal, total: Int64, unit: String) {
        isShown = terminal.errorIsTerminal
        self.total = total
        self.unit = unit
    }

    mutating func update(_ done: Int64, _ note: String = "") {
        guard isShown else { return }
        let share = total > 0 ? min(1, Double(done) / Double(total)) : 0
        let tick = total > 0 ? Int64(share * 200) : done
        guard tick != shown else { return }
        shown = tick
        let filled = Int(share * 30)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
        let percent = total > 0 ? " \(bar) \(Int(share * 100)) %" : ""
        Terminal.write(Array("\r\u{1B}[K\(unit)\(percent) \(note)".utf8), to: 2)
    }

    func finish() { if isShown { Terminal.write(Array("\r\u{1B}[K".utf8), to: 2) } }
}
