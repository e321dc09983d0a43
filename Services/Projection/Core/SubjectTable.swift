// Subjects as small numbers: each entity's name is hashed and compared once a record, and what depends on the name alone (its partition, its
// newest roll-up row) is remembered beside it. Open addressing with linear probing; no allocation for a name that is already known.
// One worker, one thread. Read next: RollupReducer.swift, whose rows are keyed by these numbers.

import Models

/// Interned subjects. A number is valid until `removeAll`.
public struct SubjectTable: Sendable {
    struct Entry {
        var hash: UInt64
        var name: ArenaSpan
        var partition: Int32
        var newestRow: Int32
    }

    private var slots: [Int32]
    private var entries: [Entry] = []
    private var names = ByteArena()
    private let partitions: Int32

    /// - Parameter partitions: how many partitions the topic has; the same everywhere.
    public init(partitions: Int32) {
        self.partitions = partitions
        slots = Array(repeating: -1, count: 4096)
    }

    public var count: Int { entries.count }

    /// Forgets all numbers. Called between batches once there are very many, so that memory stays bounded whatever subjects arrive.
    public mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        names.removeAll()
        slots = Array(repeating: -1, count: 4096)
    }

    /// The number of `name`, new or known.
    public mutating func number(of name: UnsafeRawBufferPointer) -> Int32 {
        var hash = DigestBuilder(purpose: 17)
        hash.combine(name)
        let key = hash.finished().high
        if entries.count &* 2 >= slots.count { grow() }
        let mask = slots.count &- 1
        var slot = Int(truncatingIfNeeded: key) & mask
        while slots[slot] >= 0 {
            let number = slots[slot]
            let entry = entries[Int(number)]
            if entry.hash == key, names.withBytes(entry.name, { $0.hasSameBytes(as: name) }) { return number }
            slot = (slot &+ 1) & mask
        }
        let number = Int32(truncatingIfNeeded: entries.count)
        let partition = Partitioner.partition(of: name, partitions: partitions)
        entries.append(Entry(hash: key, name: names.append(name), partition: partition, newestRow: -1))
        slots[slot] = number
        return number
    }

    /// The partition in which this subject's records must lie.
    public func partition(of number: Int32) -> Int32 { entries[Int(number)].partition }

    public func withName<Result>(of number: Int32, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try names.withBytes(entries[Int(number)].name, body)
    }

    public func name(of number: Int32) -> String { names.string(entries[Int(number)].name) }

    /// Whether subject `a` comes before `b`, byte by byte.
    public func precedes(_ a: Int32, _ b: Int32) -> Bool {
        names.withAllBytes { all in
            ByteArena.slice(all, entries[Int(a)].name).lexicographicallyPrecedes(ByteArena.slice(all, entries[Int(b)].name))
        }
    }

    /// The row that this subject's last reading went to, or -1.
    func newestRow(of number: Int32) -> Int32 { entries[Int(number)].newestRow }
    mutating func setNewestRow(_ row: Int32, of number: Int32) { entries[Int(number)].newestRow = row }
    mutating func forgetRows() { for index in entries.indices { entries[index].newestRow = -1 } }

    private mutating func grow() {
        let capacity = slots.count * 2
        let mask = capacity &- 1
        var wider = [Int32](repeating: -1, count: capacity)
        for (number, entry) in entries.enumerated() {
            var slot = Int(truncatingIfNeeded: entry.hash) & mask
            while wider[slot] >= 0 { slot = (slot &+ 1) & mask }
            wider[slot] = Int32(truncatingIfNeeded: number)
        }
        slots = wider
    }
}
