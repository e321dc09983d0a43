// RFC 6901 pointers, made only when something is wrong: a check hands down where it is as a chain on the stack, and only a violation turns the
// chain into text.

/// Where a check is: a step below its parent. The parent outlives the step, as both are on the stack.
struct JSONPointer {
    private enum Step {
        case root
        case text(StaticString)
        case key(UnsafeRawBufferPointer)
        case index(Int)
    }
    private let parent: UnsafePointer<JSONPointer>?
    private let step: Step

    static var root: JSONPointer { JSONPointer(parent: nil, step: .root) }
    static var data: JSONPointer { JSONPointer(parent: nil, step: .text("/data")) }

    private init(parent: UnsafePointer<JSONPointer>?, step: Step) { (self.parent, self.step) = (parent, step) }

    init(_ parent: UnsafePointer<JSONPointer>, key: UnsafeRawBufferPointer) { self.init(parent: parent, step: .key(key)) }
    init(_ parent: UnsafePointer<JSONPointer>, index: Int) { self.init(parent: parent, step: .index(index)) }

    /// The pointer as text.
    var text: String {
        let before = parent?.pointee.text ?? ""
        switch step {
        case .root: return before
        case .text(let text): return before + "\(text)"
        case .key(let key): return before + JSONPointer.escaped(key)
        case .index(let index): return before + "/\(index)"
        }
    }

    func appending(_ key: UnsafeRawBufferPointer) -> String { text + JSONPointer.escaped(key) }

    /// A step with `~` and `/` escaped, cut after 256 bytes.
    private static func escaped(_ key: UnsafeRawBufferPointer) -> String {
        var bytes: [UInt8] = [UInt8(ascii: "/")]
        for byte in key.prefix(Limits.keyBytes) {
            switch byte {
            case UInt8(ascii: "~"): bytes.append(contentsOf: "~0".utf8)
            case UInt8(ascii: "/"): bytes.append(contentsOf: "~1".utf8)
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
