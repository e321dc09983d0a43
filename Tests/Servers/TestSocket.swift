// A free TCP port and a plain GET, for tests that start our services: just enough HTTP for /readyz and /metrics, on the loopback address.

internal import Glibc

public enum TestSocket {
    /// A port of 127.0.0.1 that was free a moment ago.
    public static func freePort() throws -> Int {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { throw TestServerMissing(description: "no socket: \(String(cString: strerror(errno)))") }
        defer { Glibc.close(socket) }
        var address = loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0 }
        }
        guard bound else { throw TestServerMissing(description: "no free port: \(String(cString: strerror(errno)))") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// GET from 127.0.0.1; nil while nobody answers. HTTP/1.0, so the answer ends with the connection.
    public static func get(port: Int, _ path: String, timeoutSeconds: Int = 5) -> (status: Int, body: String)? {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { return nil }
        defer { Glibc.close(socket) }
        var limit = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = loopback(port: UInt16(truncatingIfNeeded: port))
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
        }
        guard connected else { return nil }
        let request = Array("GET \(path) HTTP/1.0\r\nHost: 127.0.0.1:\(port)\r\n\r\n".utf8)
        guard send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return nil }
        var answer: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(socket, &piece, piece.count, 0)
            guard count > 0 else { break }
            answer.append(contentsOf: piece[..<count])
        }
        let text = String(decoding: answer, as: UTF8.self)
        let head = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard head.count > 2, head[0].hasPrefix("HTTP/"), let status = Int(head[1]) else { return nil }
        let bytes = Array(text.utf8)
        var position = 0
        while position + 4 <= bytes.count, !bytes[position..<position + 4].elementsEqual([13, 10, 13, 10]) { position += 1 }
        return (status, String(decoding: bytes[min(position + 4, bytes.count)...], as: UTF8.self))
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
