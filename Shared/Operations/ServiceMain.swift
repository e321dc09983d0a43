// The first and last lines of every service: signals before any thread, settings, log, metrics, health; a start that fails says why and exits
// with 1, a run that ends hands its exit code on.

internal import Glibc

/// What a service is composed with.
public struct ServiceContext: Sendable {
    public let configuration: Configuration
    public let log: Log
    public let metrics: Metrics
    public let health: Health
    public let shutdown: Shutdown

    public init(configuration: Configuration, log: Log, metrics: Metrics = Metrics(), health: Health = Health(), shutdown: Shutdown = Shutdown()) {
        (self.configuration, self.log, self.metrics, self.health, self.shutdown) = (configuration, log, metrics, health, shutdown)
    }

    public var endpoint: ServiceEndpoint { ServiceEndpoint(health: health, metrics: metrics) }
}

public enum ServiceMain {
    /// Runs a service to its end. Call it as the only statement of `main.swift`.
    /// - Parameter body: composes and runs the service until `shutdown`; answers the exit code.
    public static func run(_ service: String, _ body: (ServiceContext) throws -> Int32) -> Never {
        let shutdown = Shutdown.onSignals()
        let configuration = Configuration()
        do {
            let log = Log(service: service, minimum: try configuration(Keys.logLevel), format: try configuration(Keys.logFormat))
            for warning in configuration.warnings() { log.warning("unknown setting", ["hint": .text(warning)]) }
            do {
                exit(try body(ServiceContext(configuration: configuration, log: log, shutdown: shutdown)))
            } catch {
                log.error("the service cannot go on", ["reason": .text("\(error)")])
                exit(1)
            }
        } catch {
            Log(service: service).error("a setting is wrong", ["reason": .text("\(error)")])
            exit(1)
        }
    }
}
