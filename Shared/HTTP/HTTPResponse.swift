// A response as a value: status, headers, body. Problems follow RFC 9457, so that every service says no in the same shape. This file knows
// nothing of the C library; HTTPExchange turns the value into bytes on the wire.

/// What a handler answers with.
public struct HTTPResponse: Sendable {
    public var status: Int
    /// Header fields in the order they are sent. `Content-Length`, `Date` and `Connection` are the server's.
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public static func json(_ body: [UInt8], status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, headers: [("Content-Type", "application/json")], body: body)
    }

    public static func text(_ body: String, status: Int = 200, contentType: String = "text/plain; charset=utf-8") -> HTTPResponse {
        HTTPResponse(status: status, headers: [("Content-Type", contentType)], body: Array(body.utf8))
    }

    /// An error as RFC 9457 has it.
    /// - Parameters:
    ///   - code: the entry in docs/errors.md; also the last part of `type`.
    ///   - detail: names the act, the object and the next step.
    ///   - retryAfter: seconds after which the same request may succeed.
    ///   - members: further members; each value is JSON text that the caller vouches for.
    public static func problem(
        status: Int, code: String, detail: String, retryAfter: Int? = nil, members: [(name: String, json: String)] = []
    ) -> HTTPResponse {
        var text = "{\"type\":\"urn:gigawatch:problem:\(code)\",\"title\":"
        text += quoted(reason(of: status))
        text += ",\"status\":\(status),\"code\":\(quoted(code)),\"detail\":\(quoted(detail))"
        for (name, json) in members { text += ",\(quoted(name)):\(json)" }
        text += "}"
        var response = HTTPResponse(status: status, headers: [("Content-Type", "application/problem+json")], body: Array(text.utf8))
        if let retryAfter { response.headers.append(("Retry-After", String(retryAfter))) }
        return response
    }

    /// The reason phrase of the statuses that the services use.
    public static func reason(of status: Int) -> String {
        switch status {
        case 200: "OK"
        case 202: "Accepted"
        case 204: "No Content"
        case 207: "Multi-Status"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        default: "Status \(status)"
        }
    }

    /// `text` as a JSON string.
    static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case _ where scalar.value < 0x20:
                out += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
