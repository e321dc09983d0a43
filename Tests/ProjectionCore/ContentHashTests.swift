// The hash is stored, so its values are part of the format.

import ProjectionCore
import Testing

@Suite struct ContentHashTests {
    private func hash(_ parts: String...) -> UInt64 {
        var hash = ContentHash()
        for part in parts { Array(part.utf8).withUnsafeBytes { hash.add($0) } }
        return hash.value
    }

    @Test func `its values never change`() {
        #expect(hash("") == 4_453_926_398_928_125_994)
        #expect(hash("//meters/colossus-1", "reading-000000001") == 10_000_411_171_147_566_093)
        var words = ContentHash()
        words.add(1)
        words.add(.max)
        #expect(words.value == 1_373_380_906_927_877_382)
    }

    @Test func `where a text ends is part of the hash`() {
        #expect(hash("ab", "c") != hash("a", "bc"))
        #expect(hash("a\0") != hash("a"))
        #expect(hash("12345678") != hash("12345678\0"))
        #expect(hash("", "a") != hash("a", ""))
    }

    @Test func `a million ids collide nowhere`() {
        var seen = Set<UInt64>()
        for index in 0..<1_000_000 { seen.insert(hash("//meters", "r-\(index)")) }
        #expect(seen.count == 1_000_000)
    }
}
