// A temporary folder that goes away with its last reference.

internal import Glibc

public final class TestFolder: Sendable {
    public let path: String

    /// Makes a new empty folder under TMPDIR.
    public init(_ purpose: String = "test") throws {
        let pattern = (TestEnvironment.value("TMPDIR") ?? "/tmp") + "/gigawatch-\(purpose)-XXXXXX"
        guard
            let made = pattern.withCString({ text -> String? in
                guard let copy = strdup(text) else { return nil }
                defer { free(copy) }
                return mkdtemp(copy).map { String(cString: $0) }
            })
        else { throw TestServerMissing(description: "cannot make a folder like \(pattern): \(String(cString: strerror(errno)))") }
        path = made
    }

    deinit {
        TestFolder.removeTree(path)
    }

    /// Depth first, so that each folder is empty when it is removed; links are removed, not followed.
    private static func removeTree(_ path: String) {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return }
        if facts.st_mode & S_IFMT == S_IFDIR, let folder = opendir(path) {
            var names: [String] = []
            while let entry = readdir(folder) {
                withUnsafePointer(to: entry.pointee.d_name) { name in
                    names.append(String(cString: UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self)))
                }
            }
            closedir(folder)
            for name in names where name != "." && name != ".." { removeTree("\(path)/\(name)") }
        }
        remove(path)
    }

    /// The path of a file inside.
    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file inside and returns its path.
    @discardableResult
    public func write(_ name: String, _ text: String) throws -> String {
        let file = file(name)
        guard let stream = fopen(file, "w") else { throw TestServerMissing(description: "cannot write \(file)") }
        defer { fclose(stream) }
        fputs(text, stream)
        return file
    }

    /// The text of a file; empty when there is none.
    public static func read(_ path: String) -> String {
        guard let stream = fopen(path, "r") else { return "" }
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&piece, 1, piece.count, stream)
            guard count > 0 else { break }
            bytes.append(contentsOf: piece[..<count])
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
