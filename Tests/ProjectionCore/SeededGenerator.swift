// Random numbers that can be had again: a property test prints its seed, and `GIGAWATCH_TEST_SEED` repeats it.

import Glibc

struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A seed from the environment, else a new one; printed, so that a failure can be repeated.
    static func announced(_ test: String) -> SeededGenerator {
        let seed = getenv("GIGAWATCH_TEST_SEED").flatMap { UInt64(String(cString: $0)) } ?? UInt64.random(in: 0...UInt64(UInt32.max))
        print("\(test): GIGAWATCH_TEST_SEED=\(seed)")
        return SeededGenerator(seed: seed)
    }
}
