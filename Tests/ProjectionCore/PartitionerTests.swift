// The partitioner's values are those of the Java clients (org.apache.kafka.common.utils.UtilsTest) and of librdkafka's own unit test.

import ProjectionCore
import Testing

@Suite struct PartitionerTests {
    @Test(arguments: [
        ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
        ("a-little-bit-longer-string", -1_486_304_829), ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971), ("abc", 479_470_107),
    ])
    func `murmur2 gives the values of the Java clients`(key: String, expected: Int) {
        let hash = Array(key.utf8).withUnsafeBytes { Partitioner.murmur2($0) }
        #expect(Int(Int32(bitPattern: hash)) == expected)
    }

    @Test func `an empty key and a single partition are no traps`() {
        let empty = UnsafeRawBufferPointer(start: nil, count: 0)
        #expect(Partitioner.partition(of: empty, partitions: 1) == 0)
        #expect((0..<12).contains(Partitioner.partition(of: empty, partitions: 12)))
    }

    @Test func `a subject keeps its number and its partition`() {
        var subjects = SubjectTable(partitions: 12)
        let names = (0..<10_000).map { "site-\($0)" }
        let numbers = names.map { name in Array(name.utf8).withUnsafeBytes { subjects.number(of: $0) } }
        #expect(Set(numbers).count == names.count)
        for (name, number) in zip(names, numbers) {
            let again = Array(name.utf8).withUnsafeBytes { subjects.number(of: $0) }
            #expect(again == number)
            #expect(subjects.name(of: number) == name)
            let partition = Array(name.utf8).withUnsafeBytes { Partitioner.partition(of: $0, partitions: 12) }
            #expect(subjects.partition(of: number) == partition)
        }
    }
}
