// The rules that ship: each file passes its checks, and each rule can be told apart from the others.
import AlertingCore
import Glibc
import Testing

@Suite struct ShippedRulesTests {
    @Test func `every rule file that ships passes the checks`() throws {
        let folder = "\(#filePath)".split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/infra/rules"
        let files = try #require(names(in: folder)).filter { $0.hasSuffix(".yaml") }.sorted()
        #expect(files.count >= 6)
        var ids: Set<String> = []
        for file in files {
            let text = try #require(content("\(folder)/\(file)"))
            let check = RuleSet.check(try RuleText.tree(text))
            let set = try #require(check.ruleSet, "\(file): \(check.problems)")
            #expect(check.problems.isEmpty, "\(file): \(check.problems)")
            for rule in set.rules { #expect(ids.insert(rule.id).inserted && file == "\(rule.id).yaml", "\(file)") }
        }
    }

    private func names(in folder: String) -> [String]? {
        guard let handle = opendir(folder) else { return nil }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            names.append(withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            })
        }
        return names
    }

    private func content(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
