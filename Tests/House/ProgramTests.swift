// The built programs as a package maintainer sees them: what they are linked with, that they answer --help, that they refuse nonsense.
import Foundation
import TestServers
import Testing

@Suite struct `Programs` {
    static let names = ["ingestion", "projection", "alerting", "query", "gigawatch"]

    @Test(arguments: names) func `no gRPC is linked, and every library is found`(program: String) throws {
        let (status, output) = try Checkout.run("ldd", [try TestProcess.executable(program)])
        #expect(status == 0, "ldd \(program): \(output)")
        #expect(!output.lowercased().contains("grpc"), "\(program) is linked with gRPC: \(output)")
        #expect(!output.contains("not found"), "\(program) misses a library: \(output)")
    }
}
