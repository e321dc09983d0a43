// What the window promises: a repeat is never fresh, a fresh reading is never a repeat, and what it does not know it says.

import Models
import ProjectionCore
import Testing

@Suite struct DigestWindowTests {
    private func at(_ second: Int64) -> Instant { Instant(microseconds: second * 1_000_000) }

    @Test func `the same reading is a duplicate, another content a conflict`() {
        var window = DigestWindow(capacity: 100)
        #expect(window.admit(digest: 7, content: 1, at: at(100)) == .fresh)
        #expect(window.admit(digest: 7, content: 1, at: at(100)) == .duplicate)
        #expect(window.admit(digest: 7, content: 2, at: at(100)) == .conflict)
        window.commit()
        #expect(window.admit(digest: 7, content: 2, at: at(900)) == .conflict)
        #expect(window.count == 1)
    }

    @Test func `a batch that was not stored leaves nothing behind`() {
        var window = DigestWindow(capacity: 10_000)
        for index in 1...1000 { _ = window.admit(digest: UInt64(index), content: 0, at: at(5)) }
        window.commit()
        for index in 1001...3000 { #expect(window.admit(digest: UInt64(index), content: 0, at: at(6)) == .fresh) }
        window.rollback()
        #expect(window.count == 1000)
        for index in 1...1000 { #expect(window.admit(digest: UInt64(index), content: 0, at: at(5)) == .duplicate) }
        for index in 1001...3000 { #expect(window.admit(digest: UInt64(index), content: 0, at: at(6)) == .fresh) }
    }

    @Test func `what is older than the window is not called fresh`() {
        var window = DigestWindow(capacity: 1000)
        for index in 1...1500 { _ = window.admit(digest: UInt64(index) << 32, content: 0, at: at(Int64(index))) }
        window.commit()
        #expect(window.count == 500)
        #expect(window.fromSecond == 1001)
        #expect(window.admit(digest: 1, content: 0, at: at(1000)) == .beyond)
        #expect(window.admit(digest: 1, content: 0, at: at(1001)) == .fresh)
    }

    @Test func `one second that overfills the window leaves whole`() {
        var window = DigestWindow(capacity: 100)
        for index in 1...101 { _ = window.admit(digest: UInt64(index), content: 0, at: at(50)) }
        window.commit()
        #expect(window.count == 0)
        #expect(window.admit(digest: 1, content: 0, at: at(50)) == .beyond)
    }

    @Test func `it agrees with a plain dictionary over random batches`() {
        var random = SeededGenerator.announced("digest window")
        var window = DigestWindow(capacity: 512)
        var stored: [UInt64: (UInt64, Int64)] = [:]
        for _ in 0..<400 {
            var batch: [UInt64: (UInt64, Int64)] = [:]
            for _ in 0..<Int.random(in: 1...60, using: &random) {
                // Digests that share their low bits make long probe chains.
                let digest = (UInt64.random(in: 1...3000, using: &random) << 20) | UInt64.random(in: 1...3, using: &random)
                let content = UInt64.random(in: 0...1, using: &random)
                // A repeat has the same time, whatever its content: the window promises nothing else about what it has let go.
                let second = Int64(digest >> 20) % 1000
                let known = batch[digest] ?? stored[digest]
                switch window.admit(digest: digest, content: content, at: at(second)) {
                case .fresh:
                    #expect(known == nil)
                    batch[digest] = (content, second)
                case .duplicate: #expect(known?.0 == content)
                case .conflict: #expect(known != nil && known?.0 != content)
                case .beyond: #expect(UInt32(second) < window.fromSecond)
                }
                if let known, known.1 >= Int64(window.fromSecond), batch[digest] != nil {
                    #expect(window.admit(digest: digest, content: known.0, at: at(known.1)) == .duplicate)
                }
            }
            if Bool.random(using: &random) {
                stored.merge(batch) { old, _ in old }
                window.commit()
            } else {
                window.rollback()
            }
            for (digest, (content, second)) in stored where second >= Int64(window.fromSecond) {
                #expect(window.admit(digest: digest, content: content, at: at(second)) == .duplicate)
            }
        }
    }
}
