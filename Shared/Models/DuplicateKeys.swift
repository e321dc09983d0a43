// Finds a key that an object has twice. JSON readers disagree about such objects (the first wins, or the last), so they are refused. Small
// objects are compared pair by pair without allocation; large ones through a set, so that a hostile object costs no quadratic time.

/// A key that occurs again in `object`; nil when each occurs once.
func duplicateKey(in object: JSONView) -> UnsafeRawBufferPointer? {
    if object.childCount <= 24 {
        var position = 0
        for (key, _) in object.members {
            var earlier = 0
            for (other, _) in object.members {
                if earlier == position { break }
                if other.hasSameBytes(as: key) { return key }
                earlier += 1
            }
            position += 1
        }
        return nil
    }
    var seen = Set<Key>()
    seen.reserveCapacity(object.childCount)
    for (key, _) in object.members where !seen.insert(Key(bytes: key)).inserted { return key }
    return nil
}

private struct Key: Hashable {
    let bytes: UnsafeRawBufferPointer
    static func == (a: Key, b: Key) -> Bool { a.bytes.hasSameBytes(as: b.bytes) }
    func hash(into hasher: inout Hasher) { hasher.combine(bytes: bytes) }
}
