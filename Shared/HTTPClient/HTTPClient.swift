// libcurl behind one blocking call. A client belongs to one thread and keeps its connections open between calls; never call it on a thread of
// the cooperative pool. Redirects are not followed, only http and https are spoken, every call ends within its time. Read next: HTTPRequest.swift.

internal import CCurl
internal import Glibc

/// Initializes libcurl once in a process, before the first handle.
private let isInitialized: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

/// Sends requests one after the other. Not thread-safe: one client a thread.
public final class HTTPClient {
    private let handle: UnsafeMutableRawPointer?

    public init() { handle = isInitialized ? curl_easy_init() : nil }

    deinit { if let handle { curl_easy_cleanup(handle) } }

    /// Sends a request and waits for its reply.
    public func send(_ request: HTTPRequest) throws(HTTPClientError) -> HTTPReply {
        let call = Call(request: request, receive: nil)
        try perform(request, call)
        return HTTPReply(status: call.status, headers: call.headers, body: call.body)
    }

    /// Sends a request and hands the reply's body to `receive` as it comes; false from it ends the call. The reply answered has no body.
    public func stream(_ request: HTTPRequest, receive: @escaping (UnsafeRawBufferPointer) -> Bool) throws(HTTPClientError) -> HTTPReply {
        let call = Call(request: request, receive: receive)
        try perform(request, call)
        return HTTPReply(status: call.status, headers: call.headers, body: [])
    }

    private func perform(_ request: HTTPRequest, _ call: Call) throws(HTTPClientError) {
        guard let handle else { throw HTTPClientError(kind: .request, message: "libcurl did not start: no memory") }
        curl_easy_reset(handle)   // options only: connections stay
        for (name, value) in request.headers where (name + value).utf8.contains(where: { $0 == 13 || $0 == 10 || $0 == 0 }) {
            throw HTTPClientError(kind: .request, message: "the header \(name.prefix(40)) holds a line break")
        }
        var list: UnsafeMutablePointer<curl_slist>?
        defer { curl_slist_free_all(list) }
        for (name, value) in request.headers { list = curl_slist_append(list, value.isEmpty ? "\(name);" : "\(name): \(value)") ?? list }
        // Without this libcurl waits up to a second for a `100 Continue` before it sends a body over 1 MB.
        if !request.headers.contains(where: { $0.name.lowercased() == "expect" }) { list = curl_slist_append(list, "Expect:") ?? list }
        gw_curl_set_pointer(handle, CURLOPT_HTTPHEADER, list)
        gw_curl_set_text(handle, CURLOPT_URL, request.url)
        gw_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https")
        gw_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        gw_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
        gw_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(request.connectTimeoutSeconds))
        if request.totalTimeoutSeconds > 0 { gw_curl_set_long(handle, CURLOPT_TIMEOUT_MS, milliseconds(request.totalTimeoutSeconds)) }
        if !request.usesEnvironmentProxy { gw_curl_set_text(handle, CURLOPT_NOPROXY, "*") }
        if let file = request.authoritiesFile { gw_curl_set_text(handle, CURLOPT_CAINFO, file) }
        var errorText = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
        let code = errorText.withUnsafeMutableBufferPointer { text -> CURLcode in
            gw_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, text.baseAddress)
            let context = Unmanaged.passUnretained(call).toOpaque()   // alive through this function
            gw_curl_on_body(handle, bodyCallback, context)
            gw_curl_on_header(handle, headerCallback, context)
            gw_curl_on_open(handle, openCallback, context)
            let result = withBody(request, handle) { curl_easy_perform(handle) }
            call.status = gw_curl_status(handle)
            gw_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, nil)
            return result
        }
        guard code != CURLE_OK else { return }
        let said = String(decoding: errorText.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        throw call.error(code, said.isEmpty ? String(cString: curl_easy_strerror(code)) : said)
    }

    private func withBody(_ request: HTTPRequest, _ handle: UnsafeMutableRawPointer, _ perform: () -> CURLcode) -> CURLcode {
        let method = request.method.uppercased()
        guard let body = request.body else {
            if method == "HEAD" { gw_curl_set_long(handle, CURLOPT_NOBODY, 1) } else { gw_curl_set_text(handle, CURLOPT_CUSTOMREQUEST, method) }
            if method == "POST" || method == "PUT" || method == "PATCH" { gw_curl_set_body(handle, "", 0); gw_curl_set_text(handle, CURLOPT_CUSTOMREQUEST, method) }
            return perform()
        }
        return body.withUnsafeBytes { bytes in
            // A null pointer would make libcurl ask a read callback, so an empty body points at an empty text.
            if let base = bytes.baseAddress { gw_curl_set_body(handle, base, bytes.count) } else { gw_curl_set_body(handle, "", 0) }
            gw_curl_set_text(handle, CURLOPT_CUSTOMREQUEST, method)
            return perform()
        }
    }

    private func milliseconds(_ seconds: Double) -> Int { Int(max(1, min(seconds * 1000, 86_400_000))) }
}

/// What one call gathers.
private final class Call {
    let request: HTTPRequest
    let receive: ((UnsafeRawBufferPointer) -> Bool)?
    var status = 0
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []
    var refusedAddress = false
    var isTooLarge = false
    var isStopped = false

    init(request: HTTPRequest, receive: ((UnsafeRawBufferPointer) -> Bool)?) { (self.request, self.receive) = (request, receive) }

    func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if let receive {
            isStopped = !receive(bytes)
            return !isStopped
        }
        guard body.count + bytes.count <= request.responseLimitBytes else { isTooLarge = true; return false }
        body.append(contentsOf: bytes)
        return true
    }

    func takeHeader(_ bytes: UnsafeRawBufferPointer) {
        let line = String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") { headers = []; return }   // a later status line replaces what a `100 Continue` said
        guard let colon = line.firstIndex(of: ":"), headers.count < 200 else { return }
        headers.append((String(line[..<colon]), trimmed(line[line.index(after: colon)...])))
    }

    private func trimmed(_ text: Substring) -> String {
        var text = text
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }

    func error(_ code: CURLcode, _ said: String) -> HTTPClientError {
        let target = "\(request.method) \(request.url.prefix(200))"
        if refusedAddress {
            return HTTPClientError(
                kind: .addressRefused, message: "\(target): the address is private to this machine or network; allow it for this receiver if that is meant")
        }
        if isTooLarge { return HTTPClientError(kind: .tooLarge, message: "\(target): the reply is larger than \(request.responseLimitBytes) bytes") }
        if isStopped { return HTTPClientError(kind: .stopped, message: "\(target): stopped by the reader") }
        let kind: HTTPClientError.Kind
        switch code {
        case CURLE_OPERATION_TIMEDOUT: kind = .timeout
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE: kind = .tls
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_FUNCTION_ARGUMENT: kind = .request
        default: kind = .network
        }
        return HTTPClientError(kind: kind, message: "\(target): \(said)")
    }
}

private func call(_ context: UnsafeMutableRawPointer?) -> Call? { context.map { Unmanaged<Call>.fromOpaque($0).takeUnretainedValue() } }

private let bodyCallback: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = { bytes, size, count, context in
    guard let call = call(context) else { return 0 }
    let total = size * count
    return call.take(UnsafeRawBufferPointer(start: bytes, count: total)) ? total : 0
}

private let headerCallback: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = { bytes, size, count, context in
    guard let call = call(context) else { return 0 }
    call.takeHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
    return size * count
}

private let openCallback: @convention(c) (UnsafeMutableRawPointer?, curlsocktype, UnsafeMutablePointer<curl_sockaddr>?) -> curl_socket_t = { context, _, address in
    guard let call = call(context), let address else { return -1 }
    let isPrivate = withUnsafePointer(to: &address.pointee.addr) { AddressGuard.isPrivate($0) }
    if isPrivate, !call.request.allowsPrivateAddresses {
        call.refusedAddress = true
        return -1
    }
    return socket(address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), address.pointee.protocol)
}
