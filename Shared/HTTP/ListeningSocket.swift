// Opens the socket that a server listens on. Done here rather than by libmicrohttpd, so that a port in use or an address that is not ours is
// reported with its reason. The descriptor is the caller's to close.

internal import Glibc

enum ListeningSocket {
    /// The descriptor, whether it is IPv6, and the port (the one chosen by the system when 0 was asked for).
    static func open(_ address: ListenAddress) throws(HTTPServerError) -> (descriptor: Int32, isIPv6: Bool, port: UInt16) {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(address.host, String(address.port), &hints, &found)
        guard code == 0, let first = found else {
            throw HTTPServerError(description: "cannot listen on \(address): \(String(cString: gai_strerror(code)))")
        }
        defer { freeaddrinfo(first) }
        let info = first.pointee
        let descriptor = socket(info.ai_family, info.ai_socktype | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), info.ai_protocol)
        guard descriptor >= 0 else { throw failure("make a socket for", address) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, info.ai_addr, info.ai_addrlen) == 0, listen(descriptor, 1024) == 0 else {
            let error = failure("listen on", address)
            close(descriptor)
            throw error
        }
        return (descriptor, info.ai_family == AF_INET6, port(of: descriptor) ?? address.port)
    }

    private static func failure(_ act: String, _ address: ListenAddress) -> HTTPServerError {
        let reason = String(cString: strerror(errno))
        let next = errno == EADDRINUSE ? "; another program has that port: stop it or choose another" : ""
        return HTTPServerError(description: "cannot \(act) \(address): \(reason)\(next)")
    }

    private static func port(of descriptor: Int32) -> UInt16? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutableBytes(of: &storage) { bytes -> UInt16? in
            guard let base = bytes.baseAddress, getsockname(descriptor, base.assumingMemoryBound(to: sockaddr.self), &size) == 0 else { return nil }
            // sin_port and sin6_port both stand at byte 2, in network order.
            return UInt16(bytes[2]) << 8 | UInt16(bytes[3])
        }
    }
}
