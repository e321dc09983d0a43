// NOTICEs and WARNINGs of the server, handed to a closure instead of stderr, on the connection's own thread.

internal import CPostgres

public struct Notice: Sendable {
    /// NOTICE, WARNING, INFO …
    public let severity: String
    public let sqlState: String?
    public let message: String
}

/// What libpq's callback reaches; it lives as long as its connection.
final class NoticeBox {
    let receive: ((Notice) -> Void)?
    init(_ receive: ((Notice) -> Void)?) { self.receive = receive }
}

/// libpq: "the notice receiver is passed a PGRES_NONFATAL_ERROR PGresult"; the result is libpq's and must not be freed here.
let receiveNotice: @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?) -> Void = { context, result in
    guard let context, let result, let receive = Unmanaged<NoticeBox>.fromOpaque(context).takeUnretainedValue().receive else { return }
    func field(_ code: Int32) -> String? { PQresultErrorField(result, code).map { String(cString: $0) } }
    receive(
        Notice(
            severity: field(GW_PG_DIAG_SEVERITY_NONLOCALIZED) ?? "NOTICE", sqlState: field(GW_PG_DIAG_SQLSTATE),
            message: field(GW_PG_DIAG_MESSAGE_PRIMARY) ?? ""))
}
