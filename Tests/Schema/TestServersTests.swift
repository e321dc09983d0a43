// The tools that other tests stand on.

import Glibc
import TestServers
import Testing

@Suite struct TestServersTests {
    @Test func `a process is started, read, signalled and waited for`() throws {
        let process = try TestProcess(
            "/bin/sh", ["-c", "echo hello $NAME; trap 'echo bye; exit 7' TERM; while :; do sleep 0.05; done"], environment: ["NAME": "you"])
        try process.waitForLog("hello you")
        #expect(process.isRunning)
        #expect(try process.terminate() == 7)
        try process.waitForLog("bye")
        let killed = try TestProcess("/bin/sleep", ["60"])
        killed.killHard()
        #expect(killed.exitStatus == 137)
    }

    @Test func `a process that ends early is told with its log`() throws {
        let process = try TestProcess("/bin/sh", ["-c", "echo no luck; exit 3"])
        let error = #expect(throws: TestServerMissing.self) { try process.waitForLog("ready") }
        #expect(error?.description.contains("ended (3)") == true && error?.description.contains("no luck") == true)
        #expect(throws: TestServerMissing.self) { try TestProcess("no-such-product") }
    }

    @Test func `our own executables are found`() throws {
        for name in ["ingestion", "projection", "alerting", "query", "gigawatch"] { #expect(try TestProcess.executable(name).hasSuffix("/" + name)) }
    }

    @Test func `databases are fresh and whole`() throws {
        let (one, two) = (try TestPostgres.database(), try TestPostgres.database())
        #expect(one.name != two.name)
        #expect(try one.connect().bool("SELECT to_regclass('gigawatch.fact') IS NOT NULL") == true)
        try one.drop()
        #expect(throws: (any Error).self) { try one.connect() }
    }

    @Test func `topics are made under a prefix of one's own`() throws {
        let prefix = try TestKafka.prefix(topics: [.events, .clock], partitions: 3)
        #expect(prefix != TestKafka.newPrefix())
    }

    @Test func `a folder goes away with all that is in it`() throws {
        var folder: TestFolder? = try TestFolder("mine")
        let path = try #require(folder?.path)
        #expect(TestFolder.read(try #require(try folder?.write("a", "text"))) == "text")
        mkdir(path + "/sub", 0o700)
        try folder?.write("sub/b", "text")
        folder = nil
        #expect(access(path, F_OK) != 0)
    }
}
