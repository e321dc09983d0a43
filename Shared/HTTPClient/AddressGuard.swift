// Says which network addresses belong to this machine or its private surroundings. A receiver's URL comes from people who may write rules, so a
// call to 169.254.169.254 or localhost would let them reach what the network keeps from them. Checked on the address that is connected to.

internal import Glibc

enum AddressGuard {
    /// True for loopback, link-local, private, shared, benchmark, multicast, reserved and unspecified addresses; also for families that are not IP.
    static func isPrivate(_ address: UnsafePointer<sockaddr>) -> Bool {
        let bytes = UnsafeRawPointer(address)
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            return isPrivate4(bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self).bigEndian)
        case AF_INET6:
            return isPrivate6((0..<16).map { bytes.load(fromByteOffset: 8 + $0, as: UInt8.self) })
        default:
            return true
        }
    }

    static func isPrivate4(_ address: UInt32) -> Bool {
        let ranges: [(UInt32, UInt32)] = [
            (0x0000_0000, 8), (0x0A00_0000, 8), (0x6440_0000, 10), (0x7F00_0000, 8), (0xA9FE_0000, 16), (0xAC10_0000, 12), (0xC000_0000, 24),
            (0xC0A8_0000, 16), (0xC612_0000, 15), (0xE000_0000, 4), (0xF000_0000, 4),
        ]
        return ranges.contains { network, bits in (address ^ network) >> (32 - bits) == 0 }
    }

    static func isPrivate6(_ b: [UInt8]) -> Bool {
        guard b.count == 16 else { return true }
        let embedded = UInt32(b[12]) << 24 | UInt32(b[13]) << 16 | UInt32(b[14]) << 8 | UInt32(b[15])
        if b[0..<10].allSatisfy({ $0 == 0 }) {
            if b[10] == 0xFF, b[11] == 0xFF { return isPrivate4(embedded) }   // IPv4-mapped
            if b[10] == 0, b[11] == 0 { return true }                         // ::, ::1, IPv4-compatible
        }
        if b[0] == 0x00, b[1] == 0x64, b[2] == 0xFF, b[3] == 0x9B { return isPrivate4(embedded) }   // NAT64
        if b[0] == 0x20, b[1] == 0x02 {                                                             // 6to4
            return isPrivate4(UInt32(b[2]) << 24 | UInt32(b[3]) << 16 | UInt32(b[4]) << 8 | UInt32(b[5]))
        }
        return b[0] == 0xFE && b[1] & 0xC0 == 0x80 || b[0] == 0xFE && b[1] & 0xC0 == 0xC0 || b[0] & 0xFE == 0xFC || b[0] == 0xFF
    }
}
