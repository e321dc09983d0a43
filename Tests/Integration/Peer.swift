// Other people's programs, run by the tests: Python peers beside this file (with the packages that infra/local/setup fetched) and commands on PATH.
import Foundation
import TestServers

enum Peer {
    private static var folder: String { URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Peers").path }
    private static var environment: [String: String] {
        ["PYTHONPATH": ProcessInfo.processInfo.environment["GIGAWATCH_TEST_PYTHONPATH"] ?? "", "PYTHONUNBUFFERED": "1"]
    }

    static func start(_ script: String, _ arguments: String...) throws -> TestProcess {
        try TestProcess("/usr/bin/env", ["python3", "\(folder)/\(script)"] + arguments, environment: environment)
    }

    static func run(_ script: String, _ arguments: String...) throws -> (status: Int32, output: String) {
        try finish(TestProcess("/usr/bin/env", ["python3", "\(folder)/\(script)"] + arguments, environment: environment))
    }

    static func command(_ program: String, _ arguments: String...) throws -> (status: Int32, output: String) {
        try finish(TestProcess("/usr/bin/env", [program] + arguments))
    }

    private static func finish(_ process: TestProcess) throws -> (status: Int32, output: String) {
        let status = process.wait(seconds: 60)
        if status == nil { process.killHard() }
        return (status ?? -1, process.log)
    }
}
