// One of our executables, run by a test: started with an environment of its own, its output kept in a file, signalled, killed, waited for. Nothing
// is left behind: the child dies with the test process (PR_SET_PDEATHSIG, set by util-linux' setpriv, because Swift may not fork). That signal is
// tied to the thread that spawned, so all children are spawned by one thread that lives as long as the process.

internal import Glibc
internal import Synchronization

public final class TestProcess: Sendable {
    public let name: String
    public let processID: Int32
    private let logPath: String
    private let folder: TestFolder
    private let exit = Mutex<Int32?>(nil)

    /// Starts an executable product of this package (`ingestion`, `projection`, `gigawatch` …) or any program when `name` holds a slash.
    /// - Parameter environment: added to PATH, HOME, TMPDIR and LD_LIBRARY_PATH; GIGAWATCH_* names of the test's own environment are not passed on.
    public init(_ name: String, _ arguments: [String] = [], environment: [String: String] = [:]) throws {
        let program = name.contains("/") ? name : try TestProcess.executable(name)
        self.name = name.split(separator: "/").last.map { String($0) } ?? name
        folder = try TestFolder("process")
        logPath = folder.file("log")
        var complete = environment
        for inherited in ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "TZ", "LANG"] where complete[inherited] == nil {
            complete[inherited] = TestEnvironment.value(inherited)
        }
        let command = ["setpriv", "--pdeathsig", "KILL", "--", program] + arguments
        let variables = complete.map { "\($0.key)=\($0.value)" }
        processID = try Spawner.shared.spawn(command, variables, output: logPath)
    }

    deinit {
        if exitStatus == nil {
            signal(SIGKILL)
            _ = wait(seconds: 5)
        }
    }

    /// All that the process has written so far, standard output and error.
    public var log: String { TestFolder.read(logPath) }

    /// True until the process has ended.
    public var isRunning: Bool { exitStatus == nil }

    /// Exit code, or 128 + signal; nil while it runs.
    public var exitStatus: Int32? {
        exit.withLock { known in
            if known != nil { return known }
            var status: Int32 = 0
            guard waitpid(processID, &status, WNOHANG) == processID else { return nil }
            known = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
            return known
        }
    }

    /// Sends a signal, such as SIGTERM or SIGSTOP.
    public func signal(_ number: Int32) { if exitStatus == nil { kill(processID, number) } }

    /// SIGKILL, and waits until it is gone.
    public func killHard() {
        signal(SIGKILL)
        _ = wait(seconds: 10)
    }

    /// SIGTERM, and the exit status. Fails when it has not ended in time.
    @discardableResult
    public func terminate(seconds: Double = 30) throws -> Int32 {
        signal(SIGTERM)
        guard let status = wait(seconds: seconds) else { throw failure("has not ended \(seconds) s after SIGTERM") }
        return status
    }

    /// Waits for the end; nil when it still runs after that time.
    @discardableResult
    public func wait(seconds: Double) -> Int32? {
        TestProcess.poll(seconds: seconds) { exitStatus != nil }
        return exitStatus
    }

    /// Waits until the log holds this text. Fails, with the log, when the process ends first or time runs out.
    public func waitForLog(_ text: String, seconds: Double = 30) throws {
        var found = false
        TestProcess.poll(seconds: seconds) {
            let hadEnded = exitStatus != nil
            found = log.split(separator: text, maxSplits: 1, omittingEmptySubsequences: false).count > 1
            return found || hadEnded
        }
        guard found else { throw failure(exitStatus.map { "ended (\($0)) before it wrote" } ?? "did not write in \(seconds) s", text) }
    }

    /// Waits until `/readyz` of its port answers 200.
    public func waitUntilReady(port: Int, seconds: Double = 60) throws {
        var ready = false
        TestProcess.poll(seconds: seconds) {
            ready = TestSocket.get(port: port, "/readyz")?.status == 200
            return ready || exitStatus != nil
        }
        guard ready else { throw failure(exitStatus.map { "ended (\($0)) before it was ready" } ?? "was not ready in \(seconds) s") }
    }

    /// Asks again and again, with short pauses, until the condition holds; false when time has run out.
    @discardableResult
    public static func poll(seconds: Double, every milliseconds: UInt32 = 20, _ condition: () throws -> Bool) rethrows -> Bool {
        let deadline = ContinuousClock.now + .milliseconds(Int64(seconds * 1000))
        while true {
            if try condition() { return true }
            guard ContinuousClock.now < deadline else { return false }
            usleep(milliseconds * 1000)
        }
    }

    /// The path of an executable product: it stands beside the test bundle.
    public static func executable(_ name: String) throws -> String {
        var folders: [String] = []
        if let given = TestEnvironment.value("GIGAWATCH_TEST_BIN") { folders.append(given) }
        var path = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let length = readlink("/proc/self/exe", &path, path.count - 1)
        if length > 0 { folders.append(parent(of: String(decoding: path[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self))) }
        // Under a helper program the bundle is an argument.
        for argument in CommandLine.arguments where argument.hasSuffix(".xctest") { folders.append(parent(of: argument)) }
        for folder in folders where access("\(folder)/\(name)", X_OK) == 0 { return "\(folder)/\(name)" }
        throw TestServerMissing(description: "no executable \(name) in \(folders); build it (swift build) or set GIGAWATCH_TEST_BIN")
    }

    private static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    private func failure(_ what: String, _ text: String = "") -> TestServerMissing {
        TestServerMissing(description: "\(name) \(what)\(text.isEmpty ? "" : " \"\(text)\""). Its log:\n\(log.suffix(4000))")
    }
}

/// The thread that spawns.
private final class Spawner: Sendable {
    static let shared = Spawner()

    private struct Request: Sendable {
        let command: [String], environment: [String], output: String
    }
    private struct State {
        var request: Request?
        var answer: Result<Int32, TestServerMissing>?
        var isStarted = false
    }
    private let state = Mutex(State())
    /// One request at a time.
    private let turn = Mutex(())

    func spawn(_ command: [String], _ environment: [String], output: String) throws -> Int32 {
        try turn.withLock { _ in
            let mustStart = state.withLock { state in
                state.request = Request(command: command, environment: environment, output: output)
                state.answer = nil
                defer { state.isStarted = true }
                return !state.isStarted
            }
            if mustStart {
                var thread = pthread_t()
                pthread_create(&thread, nil, { _ in Spawner.shared.serve() }, nil)
            }
            while true {
                if let answer = state.withLock({ $0.answer }) { return try answer.get() }
                usleep(1000)
            }
        }
    }

    private func serve() -> Never {
        while true {
            let request = state.withLock { state in
                defer { state.request = nil }
                return state.request
            }
            if let request {
                let answer = start(request)
                state.withLock { $0.answer = answer }
            }
            usleep(1000)
        }
    }

    private func start(_ request: Request) -> Result<Int32, TestServerMissing> {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, request.output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // A test runner blocks signals of its own; a service must get its SIGTERM.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let arguments = request.command.map { strdup($0) } + [nil]
        let variables = request.environment.map { strdup($0) } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var process: pid_t = 0
        let code = posix_spawnp(&process, request.command[0], &actions, &attributes, arguments, variables)
        guard code == 0 else {
            return .failure(TestServerMissing(description: "cannot start \(request.command): \(String(cString: strerror(code)))"))
        }
        return .success(process)
    }
}
