// The entities of one partition, numbered in the order in which the log first names them, with their own fields (owner, region, …). Looked up
// once per record; an open-addressed table over an arena of bytes, so that a lookup allocates nothing. One thread.

internal import Models

/// Names to small numbers, and the entities' own fields. Numbers are never reused.
final class EntityTable {
    private(set) var count = 0
    private var arena: UnsafeMutablePointer<UInt8>
    private var arenaCount = 0
    private var arenaCapacity = 4096
    /// Start of each name in the arena; one more than `count`.
    private var starts: [Int] = [0]
    private var hashes: [UInt64] = []
    /// Number + 1 of the entity, 0 when free.
    private var slots: UnsafeMutablePointer<Int32>
    private var mask: Int

    /// The row of an entity's fields; -1 when it has none.
    private var rows: [Int32] = []
    private var fields: [FieldValue] = []

    /// One field of an entity: an interned text and the event time that set it.
    struct FieldValue {
        var text: Int32 = -1
        var setAt: Int64 = .min
    }

    private(set) var texts: [String] = []
    private var textNumbers: [String: Int32] = [:]

    init() {
        arena = .allocate(capacity: arenaCapacity)
        slots = .allocate(capacity: 1024)
        slots.initialize(repeating: 0, count: 1024)
        mask = 1023
    }

    deinit {
        arena.deallocate()
        slots.deallocate()
    }

    @inline(__always)
    private static func hash(_ name: UnsafeRawBufferPointer) -> UInt64 {
        guard let base = name.baseAddress else { return 0 }
        var hash = UInt64(truncatingIfNeeded: name.count) &* 0x9E37_79B9_7F4A_7C15
        var position = 0
        while position + 8 <= name.count {
            hash = (hash ^ base.loadUnaligned(fromByteOffset: position, as: UInt64.self)) &* 0xff51_afd7_ed55_8ccd
            hash ^= hash >> 32
            position += 8
        }
        var tail: UInt64 = 0
        while position < name.count {
            tail = tail << 8 | UInt64(name[position])
            position += 1
        }
        hash = (hash ^ tail) &* 0xc4ce_b9fe_1a85_ec53
        return hash ^ (hash >> 29)
    }

    /// The number of the entity with this name; a new one when it was never named. `isNew` tells the caller to make room.
    @inline(__always)
    func number(of name: UnsafeRawBufferPointer) -> (number: Int, isNew: Bool) {
        let hash = Self.hash(name)
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let number = Int(slots[slot]) - 1
            if hashes[number] == hash, self.name(number).hasSameBytes(as: name) { return (number, false) }
            slot = (slot + 1) & mask
        }
        return (insert(name, hash, slot), true)
    }

    /// The number of an entity that was named before; nil otherwise.
    func known(_ name: UnsafeRawBufferPointer) -> Int? {
        let hash = Self.hash(name)
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let number = Int(slots[slot]) - 1
            if hashes[number] == hash, self.name(number).hasSameBytes(as: name) { return number }
            slot = (slot + 1) & mask
        }
        return nil
    }

    func name(_ number: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: arena + starts[number], count: starts[number + 1] - starts[number])
    }

    func nameText(_ number: Int) -> String { String(decoding: name(number), as: UTF8.self) }

    private func insert(_ name: UnsafeRawBufferPointer, _ hash: UInt64, _ freeSlot: Int) -> Int {
        if arenaCount + name.count > arenaCapacity {
            let capacity = max(arenaCapacity * 2, arenaCount + name.count)
            let bigger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
            bigger.update(from: arena, count: arenaCount)
            arena.deallocate()
            (arena, arenaCapacity) = (bigger, capacity)
        }
        if let source = name.baseAddress {
            (arena + arenaCount).update(from: source.assumingMemoryBound(to: UInt8.self), count: name.count)
        }
        arenaCount += name.count
        starts.append(arenaCount)
        hashes.append(hash)
        rows.append(-1)
        count += 1
        slots[freeSlot] = Int32(count)
        if count * 2 > mask { grow() }
        return count - 1
    }

    private func grow() {
        slots.deallocate()
        let capacity = (mask + 1) * 4
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: 0, count: capacity)
        mask = capacity - 1
        for number in 0..<count {
            var slot = Int(truncatingIfNeeded: hashes[number]) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = Int32(number + 1)
        }
    }

    // MARK: Fields

    /// The number of a text that fields and filters share.
    func textNumber(_ text: String) -> Int32 {
        if let number = textNumbers[text] { return number }
        let number = Int32(texts.count)
        texts.append(text)
        textNumbers[text] = number
        return number
    }

    func field(_ entity: Int, _ field: EntityField) -> FieldValue {
        let row = rows[entity]
        return row < 0 ? FieldValue() : fields[Int(row) * EntityField.allCases.count + field.rawValue]
    }

    func fieldText(_ entity: Int, _ field: EntityField) -> String? {
        let value = self.field(entity, field)
        return value.text < 0 ? nil : texts[Int(value.text)]
    }

    /// Sets a field unless a newer event set it before.
    func set(_ entity: Int, _ field: EntityField, _ text: String, at setAt: Int64) {
        if rows[entity] < 0 {
            rows[entity] = Int32(fields.count / EntityField.allCases.count)
            fields.append(contentsOf: repeatElement(FieldValue(), count: EntityField.allCases.count))
        }
        let index = Int(rows[entity]) * EntityField.allCases.count + field.rawValue
        guard setAt >= fields[index].setAt else { return }
        fields[index] = FieldValue(text: textNumber(text), setAt: setAt)
    }
}
