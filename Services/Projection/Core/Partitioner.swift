// Where a record of an entity must lie: the Java clients' own partitioner (murmur2 over the key), which librdkafka calls `murmur2_random`.
// Invariant: one entity's readings always meet in one worker, which is what makes digests in memory sound; so a record that lies elsewhere
// is quarantined, not applied. Read next: SubjectTable.swift, which asks once per subject, not once per record.

/// Kafka's default partitioner for keyed records.
public enum Partitioner {
    /// The partition of `key` on a topic with `partitions` partitions (at least 1).
    public static func partition(of key: UnsafeRawBufferPointer, partitions: Int32) -> Int32 {
        guard partitions > 1 else { return 0 }
        return Int32(truncatingIfNeeded: murmur2(key) & 0x7FFF_FFFF) % partitions
    }

    /// Murmur2 as in org.apache.kafka.common.utils.Utils.murmur2 (seed 0x9747b28c).
    public static func murmur2(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        let multiplier: UInt32 = 0x5BD1_E995
        var hash: UInt32 = 0x9747_B28C ^ UInt32(truncatingIfNeeded: bytes.count)
        var position = 0
        while position &+ 4 <= bytes.count {
            var word = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)) &* multiplier
            word ^= word >> 24
            hash = (hash &* multiplier) ^ (word &* multiplier)
            position &+= 4
        }
        let tail = bytes.count &- position
        if tail >= 3 { hash ^= UInt32(bytes[position &+ 2]) << 16 }
        if tail >= 2 { hash ^= UInt32(bytes[position &+ 1]) << 8 }
        if tail >= 1 {
            hash ^= UInt32(bytes[position])
            hash = hash &* multiplier
        }
        hash ^= hash >> 13
        hash = hash &* multiplier
        return hash ^ (hash >> 15)
    }
}
