// A query service over a fresh database, and facts put into it by hand. Tests call the same composition as the program.

import HTTPClient
import JSON
import Models
import Operations
import Postgres
import TestServers

@testable import Query

/// Stops its service when it is let go.
final class QueryServer {
    let database: TestDatabase
    let connection: Connection
    let service: QueryService
    private let client = HTTPClient()

    init(_ settings: [String: String] = [:]) throws {
        database = try TestPostgres.database()
        connection = try database.connect()
        var environment = ["GIGAWATCH_POSTGRES": database.conninfo, "GIGAWATCH_QUERY_LISTEN": "127.0.0.1:0", "GIGAWATCH_QUERY_CONNECTIONS": "2"]
        environment.merge(settings) { _, new in new }
        service = try buildQuery(ServiceContext(configuration: Configuration(environment), log: .silent))
    }

    deinit { service.stop(deadlineSeconds: 2) }

    var url: String { "http://127.0.0.1:\(service.server.port)" }

    func get(_ path: String) throws -> HTTPReply { try client.send(HTTPRequest(url: url + path, totalTimeoutSeconds: 30)) }

    /// The parsed body of a 200.
    func json<Result>(_ path: String, _ body: (JSONView) throws -> Result) throws -> Result {
        let reply = try get(path)
        guard reply.status == 200 else { throw UnexpectedReply(path: path, status: reply.status, text: reply.text) }
        return try JSONParser(depthLimit: 64).withParsed(reply.body, body)
    }

    /// A site with a description and a level.
    func addSite(_ site: String, power: Double?, country: String = "US", at: String = "2025-01-01T00:00:00Z", known: String = "2025-01-02T00:00:00Z")
        throws
    {
        try addFact("site.status.changed", site, at, known, columns: "status, owner, country", values: "'energized', 'owner-\(site)', '\(country)'")
        if let power {
            try addFact("site.capacity.reported", site, at, known, columns: "facility_power_mw, capital_cost_usd", values: "\(power), 1500000000.25")
        }
    }

    func addFact(_ type: String, _ subject: String, _ at: String, _ known: String, columns: String, values: String, id: String? = nil) throws {
        let table = "fact_" + type.map { $0 == "." ? "_" : String($0) }.joined()
        let id = id ?? "\(type)/\(subject)/\(at)/\(known)"
        try connection.run(
            """
            WITH f AS (INSERT INTO gigawatch.fact (source, id, type, subject, occurred_at, known_at, accepted_at, topic, partition, record_offset, data, digest)
              VALUES ('test', '\(id)', '\(type).v1', '\(subject)', '\(at)', '\(known)', '\(known)', 'gigawatch.events', 0,
                (SELECT count(*) FROM gigawatch.fact), '{}', '\\x00') RETURNING fact_id)
            INSERT INTO gigawatch.\(table) (fact_id, source, id, subject, occurred_at, known_at, accepted_at, \(columns))
            SELECT f.fact_id, 'test', '\(id)', '\(subject)', '\(at)', '\(known)', '\(known)', \(values) FROM f
            """)
    }

    func setPosition(_ next: Int64, topic: String = "gigawatch.events", partition: Int32 = 0) throws {
        try connection.run(
            """
            INSERT INTO gigawatch.stream_position (consumer, topic, partition, next_offset, read, applied) VALUES ('projection', '\(topic)', \(partition), \(next), \(next), \(next))
            ON CONFLICT (consumer, topic, partition) DO UPDATE SET next_offset = excluded.next_offset, read = excluded.read, applied = excluded.applied
            """)
    }
}

struct UnexpectedReply: Error { let path: String, status: Int, text: String }
