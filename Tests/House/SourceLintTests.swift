// The lint of the house: what the compiler cannot say about Core targets, file headers, traps and lengths. Each rule names its reason, and
// each finding its file and line, so that a failure reads as an instruction.
import Foundation
import Testing

/// A pattern that must not occur in code (comments and string literals are passed over), and why.
private struct Ban {
    let pattern: String
    let reason: String
}

@Suite struct `Source lint` {
    @Test func `Core targets import nothing but Models and other Cores`() throws {
        let cores = try Checkout.swiftFiles(below: "Services").filter { $0.path.contains("/Core/") } + Checkout.swiftFiles(below: "Shared/Models")
        #expect(!cores.isEmpty)
        for source in cores {
            for (number, line) in source.lines.enumerated() {
                let words = line.split(separator: " ").drop { ["public", "internal", "package", "private", "fileprivate", "@testable", "@preconcurrency"].contains($0) }
                guard words.first == "import", let module = words.dropFirst().first.map(String.init) else { continue }
                #expect(module == "Models" || module.hasSuffix("Core"), "\(source.path):\(number + 1): a Core target is pure and imports no \(module)")
            }
        }
    }

    @Test func `Core targets read no clock, no environment and do no input or output`() throws {
        let bans = [
            Ban(pattern: #"\b(ContinuousClock|SuspendingClock|DispatchTime|Date\(\)|clock_gettime|gettimeofday|mach_absolute_time)\b"#, reason: "a Core never reads a clock: time is an argument"),
            Ban(pattern: #"\b(getenv|ProcessInfo|CommandLine)\b"#, reason: "a Core never reads its surroundings"),
            Ban(pattern: #"\b(print|fputs|fopen|socket|FileManager|FileHandle|readLine)\("#, reason: "a Core does no input or output"),
            Ban(pattern: #"\b(SystemRandomNumberGenerator|\.random\(in: [^)]*\)(?!.*using))"#, reason: "randomness is an argument"),
            Ban(pattern: #"\b(Task|Thread|DispatchQueue|actor|async|await)\b"#, reason: "a Core starts no thread and no task"),
            Ban(pattern: #"\bHasher\(|\.hashValue\b"#, reason: "Swift's hash is seeded a process: what is stored or compared must be the same everywhere"),
        ]
        let cores = try Checkout.swiftFiles(below: "Services").filter { $0.path.contains("/Core/") } + Checkout.swiftFiles(below: "Shared/Models")
        expectNone(of: bans, in: cores)
    }

    @Test func `nothing in the product traps on data, and no async work stands on the hot path`() throws {
        let bans = [
            Ban(pattern: #"\btry!"#, reason: "an error is a value, not a trap"),
            Ban(pattern: #"\bas!"#, reason: "a failed cast must not trap"),
            Ban(pattern: #"\bDispatchQueue\b|\bTask\s*(\.detached)?\s*\{"#, reason: "worker threads are synchronous: no queues, no tasks"),
            Ban(pattern: #"^import Foundation\b"#, reason: "Foundation is not for these programs (start-up time, slow coders)"),
        ]
        expectNone(of: bans, in: try Checkout.swiftFiles(below: "Services", "Shared"))
    }

    @Test func `every file opens with its role`() throws {
        for source in try Checkout.swiftFiles(below: "Services", "Shared") where source.lines.count > 12 {
            let header = source.lines.prefix { $0.hasPrefix("//") }.count
            #expect(header >= 1, "\(source.path): a file opens with two to five sentences: its role, the invariant it keeps, its thread, what to read next")
        }
    }

    @Test func `no file is longer than a reader can hold, and no line wider than 170 columns`() throws {
        for source in try Checkout.swiftFiles(below: "Services", "Shared") {
            let holdsText = source.text.contains("\"\"\"")   // SQL, HTML and the like in multi-line strings may be long
            if !holdsText { #expect(source.lines.count <= 600, "\(source.path) has \(source.lines.count) lines: split it by topic") }
            for (number, line) in source.lines.enumerated() where line.count > 170 && !holdsText {
                Issue.record("\(source.path):\(number + 1) is \(line.count) columns wide")
            }
        }
    }

    @Test func `no type is called after nothing`() throws {
        let bans = [Ban(pattern: #"\b(class|struct|enum|protocol|actor)\s+\w*(Utils|Util|Helper|Helpers|Manager|Common|Misc)\b"#, reason: "name it after what it is")]
        expectNone(of: bans, in: try Checkout.swiftFiles(below: "Services", "Shared"))
    }

    private func expectNone(of bans: [Ban], in sources: [Checkout.Source]) {
        #expect(!sources.isEmpty)
        for source in sources {
            var insideRawString = false
            for (number, line) in source.lines.enumerated() {
                if line.components(separatedBy: "\"\"\"").count % 2 == 0 { insideRawString.toggle(); continue }
                if insideRawString { continue }
                let code = withoutCommentsAndStrings(line)
                for ban in bans where code.range(of: ban.pattern, options: .regularExpression) != nil {
                    Issue.record("\(source.path):\(number + 1): \(ban.reason): \(line.trimmingCharacters(in: .whitespaces))")
                }
            }
        }
    }

    private func withoutCommentsAndStrings(_ line: String) -> String {
        let withoutStrings = line.replacingOccurrences(of: #""(\\.|[^"\\])*""#, with: "\"\"", options: .regularExpression)
        return withoutStrings.components(separatedBy: "//")[0]
    }
}
