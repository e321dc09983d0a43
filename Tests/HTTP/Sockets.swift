// Bare sockets and threads for tests in which a client must misbehave.

import Glibc
import HTTP
import Testing

/// A thread that is joined.
final class Thread: @unchecked Sendable {   // `handle` is written in init and read by join
    private var handle = pthread_t()

    private final class Body { let run: @Sendable () -> Void; init(_ run: @escaping @Sendable () -> Void) { self.run = run } }

    init(_ body: @escaping @Sendable () -> Void) {
        pthread_create(&handle, nil, { context in
            if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
            return nil
        }, Unmanaged.passRetained(Body(body)).toOpaque())
    }

    func join() { pthread_join(handle, nil) }
}

func wait(seconds: Int = 10, _ condition: () -> Bool) {
    for _ in 0..<(seconds * 500) where !condition() { usleep(2000) }
    #expect(condition(), "waited \(seconds) s")
}

func connectSocket(_ port: UInt16) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let code = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
    try #require(code == 0)
    return descriptor
}

/// Sends a text and reads until `end` was received, the server closes, or two seconds pass.
func raw(_ server: HTTPServer, _ text: String, until end: String?) throws -> String {
    let descriptor = try connectSocket(server.port)
    defer { close(descriptor) }
    var limit = timeval(tv_sec: 2, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    let bytes = Array(text.utf8)
    _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    var received: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = recv(descriptor, &piece, piece.count, 0)
        guard count > 0 else { break }
        received.append(contentsOf: piece[0..<count])
        if let end, String(decoding: received, as: UTF8.self).contains(end) { break }
    }
    return String(decoding: received, as: UTF8.self)
}
