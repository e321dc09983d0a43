// An alert's identity: FNV-1a 64 over its identity labels sorted by name, each as name 0xFF value 0xFF, as Alertmanager computes it
// (prometheus/common model.Fingerprint), so that both systems mean the same alert by the same 16 hex digits.

/// The identity of one alert.
public struct Fingerprint: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// - Parameter labels: in any order.
    public init(labels: [TextPair]) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for label in labels.sorted(by: { $0.name < $1.name }) {
            for byte in label.name.utf8 { mix(byte) }
            mix(0xFF)
            for byte in label.value.utf8 { mix(byte) }
            mix(0xFF)
        }
        rawValue = hash
    }

    /// Reads 16 lower-case hex digits.
    public init?(_ text: String) {
        guard text.utf8.count == 16, text.utf8.allSatisfy({ ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) }),
            let value = UInt64(text, radix: 16)
        else { return nil }
        rawValue = value
    }

    public static func < (a: Fingerprint, b: Fingerprint) -> Bool { a.rawValue < b.rawValue }

    /// 16 lower-case hex digits.
    public var description: String { hexadecimal(rawValue) }
}

/// 16 lower-case hex digits.
func hexadecimal(_ value: UInt64) -> String {
    String(unsafeUninitializedCapacity: 16) { digits in
        for i in 0..<16 {
            let nibble = UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * i)) & 15
            digits[i] = nibble < 10 ? 0x30 + nibble : 0x57 + nibble
        }
        return 16
    }
}
