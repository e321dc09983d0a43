// Finds a name among a few known ones by its bytes, without a String and without a retain: a perfect hash over length, first and last bytes,
// made once at start, then one comparison. Its memory is never freed, as the tables live as long as the program.

/// A set of names, each with its index.
struct NameTable: @unchecked Sendable {
    // Unchecked: the pointers are written in `init` alone and never freed.
    private struct Entry {
        let start: UnsafeRawPointer
        let count: Int
    }
    private let entries: UnsafePointer<Entry>
    /// Index + 1 of the name in a slot; 0 for an empty one.
    private let slots: UnsafePointer<UInt8>
    private let seed: UInt64
    private let shift: UInt64
    let count: Int

    /// - Parameter names: distinct, not empty, at most 250.
    init(_ names: [String]) {
        precondition(names.count <= 250 && Set(names).count == names.count, "a table of names holds at most 250 distinct ones")
        count = names.count
        let entries = UnsafeMutablePointer<Entry>.allocate(capacity: max(1, names.count))
        for (index, name) in names.enumerated() {
            let bytes = Array(name.utf8)
            let copy = UnsafeMutableRawPointer.allocate(byteCount: bytes.count + 8, alignment: 8)
            bytes.withUnsafeBytes { copy.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(copy), byteCount: bytes.count) }
            (entries + index).initialize(to: Entry(start: UnsafeRawPointer(copy), count: bytes.count))
        }
        self.entries = UnsafePointer(entries)

        var bits: UInt64 = 3
        while 1 << bits < names.count * 4 { bits += 1 }
        let size = 1 << Int(bits)
        let slots = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
        var seed: UInt64 = 0x9E37_79B9_7F4A_7C15
        search: while true {
            slots.initialize(repeating: 0, count: size)
            for index in 0..<names.count {
                let slot = Int(NameTable.mixed(entries[index].start, entries[index].count, seed) >> (64 - bits))
                if slots[slot] != 0 {
                    seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407 | 1
                    continue search
                }
                slots[slot] = UInt8(index + 1)
            }
            break
        }
        self.slots = UnsafePointer(slots)
        self.seed = seed
        shift = 64 - bits
    }

    /// The index of the name with these bytes, or -1.
    @inline(__always)
    func index(of name: UnsafeRawBufferPointer) -> Int {
        guard let start = name.baseAddress, name.count > 0 else { return -1 }
        let candidate = Int(slots[Int(NameTable.mixed(start, name.count, seed) >> shift)]) - 1
        guard candidate >= 0 else { return -1 }
        let entry = entries[candidate]
        return entry.count == name.count && sameBytes(entry.start, start, name.count) ? candidate : -1
    }

    /// The name at an index, as bytes.
    func name(_ index: Int) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: entries[index].start, count: entries[index].count) }

    /// Length, first, middle and last bytes, mixed. Two names of one table may collide for a seed, never for all of them.
    @inline(__always)
    private static func mixed(_ start: UnsafeRawPointer, _ count: Int, _ seed: UInt64) -> UInt64 {
        var first: UInt64
        var last: UInt64
        var middle: UInt64 = 0
        if count >= 8 {
            first = start.loadUnaligned(as: UInt64.self)
            last = start.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
            if count > 16 { middle = start.loadUnaligned(fromByteOffset: count / 2 &- 4, as: UInt64.self) }
        } else if count >= 4 {
            first = UInt64(start.loadUnaligned(as: UInt32.self))
            last = UInt64(start.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
        } else {
            first = UInt64(start.load(as: UInt8.self)) | UInt64(start.load(fromByteOffset: count / 2, as: UInt8.self)) << 8
            last = UInt64(start.load(fromByteOffset: count &- 1, as: UInt8.self))
        }
        first ^= UInt64(truncatingIfNeeded: count) &* 0xC2B2_AE3D_27D4_EB4F
        last = (last &+ middle &* 0x1656_67B1_9E37_79F9) ^ (first << 32 | first >> 32)
        return (first &* seed) ^ (last &* (seed | 1) &* 0xD6E8_FEB8_6659_FD93) &* seed
    }
}
