// Where the servers of a test run are. `make test` sets both variables; a test that needs a server and finds none fails with a sentence, it does
// not skip: a suite that skips is green on a machine that tested nothing.

internal import Glibc

/// Why a test cannot run.
public struct TestServerMissing: Error, CustomStringConvertible {
    public let description: String
}

enum TestEnvironment {
    static func value(_ name: String) -> String? {
        guard let text = getenv(name) else { return nil }
        let value = String(cString: text)
        return value.isEmpty ? nil : value
    }

    static func required(_ name: String, _ example: String) throws -> String {
        guard let value = value(name) else {
            throw TestServerMissing(
                description: "\(name) is not set, and this test needs the server. Run `make test`, or: export \(name)=\"\(example)\"")
        }
        return value
    }

    /// Unique on this machine for as long as this process lives, and telling whose it is.
    static func uniqueName(_ counter: UInt64) -> String {
        "\(getpid())_\(counter)_\(String(UInt32.random(in: .min ... .max), radix: 36))"
    }

    /// True while a process of this number runs here.
    static func isAlive(_ process: Int32) -> Bool { kill(process, 0) == 0 || errno == EPERM }
}
