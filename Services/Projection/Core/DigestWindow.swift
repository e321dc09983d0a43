// Which readings of one partition have been applied: digests of a recent span of event time, in memory. Invariant: every applied reading whose
// event time is at or after `from` is in here, so an unknown digest at or after `from` is new; an older one must be asked of the database
// (`reading_digest`). Insertions are provisional until `commit`, because the transaction that stores them may fail and the batch come again.
// One worker, one thread; no allocation per reading. Read next: ReadingBatch.swift.

public import Models

/// What is known of a reading by its digests.
public enum ReadingVerdict: Sendable, Equatable {
    case fresh
    case duplicate
    /// The same source and id with another content.
    case conflict
    /// Older than the window: only the database knows.
    case beyond
}

/// An open-addressing set of (digest, content, second), bounded by evicting the oldest event times.
public struct DigestWindow: Sendable {
    private struct Slot {
        var digest: UInt64      // 0: empty
        var content: UInt32
        var second: UInt32
    }

    private var slots: [Slot]
    private var journal: [UInt64] = []
    private let capacity: Int
    public private(set) var count = 0
    /// The event second from which on the window is complete.
    public private(set) var fromSecond: UInt32 = 0

    /// - Parameter capacity: at most this many digests are kept after a commit (16 bytes each at half load: 32 bytes).
    public init(capacity: Int) {
        self.capacity = max(capacity, 16)
        slots = Array(repeating: Slot(digest: 0, content: 0, second: 0), count: 1024)
    }

    /// Event time in whole seconds, clamped to what a slot holds (1970 to 2106): a clamped reading shares its second with its repeats.
    public static func second(of instant: Instant) -> UInt32 {
        instant.microseconds <= 0 ? 0 : UInt32(truncatingIfNeeded: min(instant.microseconds / 1_000_000, Int64(UInt32.max)))
    }

    /// Looks a reading up and takes it in, provisionally, when it is new.
    public mutating func admit(digest: UInt64, content: UInt64, at instant: Instant) -> ReadingVerdict {
        let second = DigestWindow.second(of: instant)
        let content = UInt32(truncatingIfNeeded: content)
        if count &* 2 >= slots.count { rebuild(slots: slots.count * 2, keepingFrom: 0) }
        let mask = slots.count &- 1
        var slot = Int(truncatingIfNeeded: digest) & mask
        while slots[slot].digest != 0 {
            if slots[slot].digest == digest { return slots[slot].content == content ? .duplicate : .conflict }
            slot = (slot &+ 1) & mask
        }
        if second < fromSecond { return .beyond }
        slots[slot] = Slot(digest: digest, content: content, second: second)
        count &+= 1
        journal.append(digest)
        return .fresh
    }

    /// The batch is stored: its digests stay. Then the oldest leave, if there are too many.
    public mutating func commit() {
        journal.removeAll(keepingCapacity: true)
        if count > capacity { evict() }
    }

    /// The batch was not stored: its digests leave again.
    public mutating func rollback() {
        for digest in journal { remove(digest) }
        journal.removeAll(keepingCapacity: true)
    }

    /// Takes one provisional reading back: the database could not hold it.
    public mutating func discard(digest: UInt64) {
        remove(digest)
        journal.removeAll { $0 == digest }
    }

    /// Takes in a stored digest at assignment.
    public mutating func load(digest: UInt64, content: UInt64, at instant: Instant) {
        let verdict = admit(digest: digest, content: content, at: instant)
        if verdict == .fresh { journal.removeLast() }
    }

    /// Declares that nothing older than this second was loaded.
    public mutating func beginsAt(second: UInt32) { fromSecond = max(fromSecond, second) }

    private mutating func remove(_ digest: UInt64) {
        let mask = slots.count &- 1
        var slot = Int(truncatingIfNeeded: digest) & mask
        while slots[slot].digest != digest {
            if slots[slot].digest == 0 { return }
            slot = (slot &+ 1) & mask
        }
        // Backward-shift deletion keeps probe chains whole without tombstones.
        var hole = slot
        var next = (hole &+ 1) & mask
        while slots[next].digest != 0 {
            let home = Int(truncatingIfNeeded: slots[next].digest) & mask
            if ((next &- home) & mask) >= ((next &- hole) & mask) {
                slots[hole] = slots[next]
                hole = next
            }
            next = (next &+ 1) & mask
        }
        slots[hole] = Slot(digest: 0, content: 0, second: 0)
        count &-= 1
    }

    private mutating func evict() {
        var seconds: [UInt32] = []
        seconds.reserveCapacity(count)
        for slot in slots where slot.digest != 0 { seconds.append(slot.second) }
        seconds.sort()
        let keep = capacity / 2
        // The cut lies between seconds, never inside one; one second that overfills the window leaves whole.
        var cut = seconds[seconds.count - keep]
        if cut == seconds[0] { cut = cut == UInt32.max ? cut : cut + 1 }
        fromSecond = max(fromSecond, cut)
        rebuild(slots: slots.count, keepingFrom: cut)
    }

    private mutating func rebuild(slots wanted: Int, keepingFrom second: UInt32) {
        let mask = wanted &- 1
        var fresh = [Slot](repeating: Slot(digest: 0, content: 0, second: 0), count: wanted)
        var kept = 0
        for old in slots where old.digest != 0 && old.second >= second {
            var slot = Int(truncatingIfNeeded: old.digest) & mask
            while fresh[slot].digest != 0 { slot = (slot &+ 1) & mask }
            fresh[slot] = old
            kept &+= 1
        }
        slots = fresh
        count = kept
    }
}
