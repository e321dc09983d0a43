// Named places at which a test can make the process die, so that it walks all of them and compares the database with an uninterrupted run.
// `GIGAWATCH_FAILPOINT=worker.commit.before:kill` dies at the first passage, `…:kill:3` at the third. Without it a passage costs one load.
// Names: worker.begin.before, worker.begin.after, worker.write.after, worker.position.after, worker.commit.after, worker.mirror.after,
// outbox.publish.before, outbox.publish.after, outbox.mark.after; services add their own.
internal import Glibc
internal import Synchronization

public enum Failpoint {
    private struct Plan {
        var name: String
        var passagesLeft: Int
    }
    private static let plan = Mutex<Plan?>(planFromEnvironment())
    private static let observers = Mutex<[String: @Sendable () -> Void]>([:])
    private static let active = Atomic<Bool>(getenv("GIGAWATCH_FAILPOINT") != nil)

    /// A place where the process may be made to die (SIGKILL to itself: nothing is flushed, nothing is said).
    @inline(__always)
    public static func reached(_ name: StaticString) {
        if active.load(ordering: .relaxed) { passed(name.description) }
    }

    /// Calls `action` at each passage, for tests that break something there; nil takes it away.
    public static func observe(_ name: String, _ action: (@Sendable () -> Void)?) {
        observers.withLock { $0[name] = action }
        active.store(true, ordering: .relaxed)
    }

    private static func passed(_ name: String) {
        if let action = observers.withLock({ $0[name] }) { action() }
        let dies = plan.withLock { plan -> Bool in
            guard let planned = plan, planned.name == name else { return false }
            plan?.passagesLeft -= 1
            return planned.passagesLeft <= 1
        }
        if dies { kill(getpid(), SIGKILL) }
    }

    private static func planFromEnvironment() -> Plan? {
        guard let value = getenv("GIGAWATCH_FAILPOINT") else { return nil }
        let parts = String(cString: value).split(separator: ":")
        guard parts.count >= 2, parts[1] == "kill" else { return nil }
        return Plan(name: String(parts[0]), passagesLeft: parts.count > 2 ? Int(parts[2]) ?? 1 : 1)
    }
}
