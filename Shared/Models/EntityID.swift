// Identifiers of entities. An id made from a name is its slug; an id that came from outside is kept as it is when it is well formed.

/// The rules of entity identifiers.
public enum EntityID {
    /// Bytes that an id may have at most.
    public static let maximumBytes = 256

    /// The slug of a name: lower case, each run of characters other than a-z and 0-9 one hyphen, none at the ends.
    /// `"xAI Colossus 1 (Memphis)"` is `"xai-colossus-1-memphis"`. Empty when nothing of the name is left.
    public static func slug(_ name: String) -> String {
        var bytes: [UInt8] = []
        var pendingHyphen = false
        for byte in name.lowercased().utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                if pendingHyphen, !bytes.isEmpty { bytes.append(UInt8(ascii: "-")) }
                pendingHyphen = false
                bytes.append(byte)
            default: pendingHyphen = true
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// 1 to 256 bytes, no ASCII control characters, no blank at either end.
    @inlinable
    public static func isWellFormed(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count > 0, bytes.count <= 256 else { return false }
        return bytes[0] != 0x20 && bytes[bytes.count - 1] != 0x20 && !bytes.containsControl
    }

    public static func isWellFormed(_ id: String) -> Bool {
        var id = id
        return id.withUTF8 { isWellFormed(UnsafeRawBufferPointer($0)) }
    }
}
