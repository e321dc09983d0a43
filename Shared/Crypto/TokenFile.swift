// The file of bearer tokens that services read: one line a token, its SHA-256 instead of the token itself, so the file alone opens no door.
//   # name   sha256 (hex)   scopes (commas)   limits (optional; commas; a pattern may end in *)
//   gateway-7  9f86d0…  events:write  types=site.telemetry.v1 subjects=abilene-*
// A token is 32 random bytes, so a fast digest is enough: there is nothing to guess. Values only; reading and reloading are the service's.

/// One token of the file.
public struct TokenEntry: Sendable, Equatable {
    public var name: String
    public var digest: [UInt8]
    public var scopes: [String]
    public var types: [String] = []
    public var sources: [String] = []
    public var subjects: [String] = []

    public init(name: String, digest: [UInt8], scopes: [String], types: [String] = [], sources: [String] = [], subjects: [String] = []) {
        (self.name, self.digest, self.scopes, self.types, self.sources, self.subjects) = (name, digest, scopes, types, sources, subjects)
    }

    /// The line of the file.
    public var line: String {
        var parts = [name, Hexadecimal.encode(digest), scopes.joined(separator: ",")]
        for (key, values) in [("types", types), ("sources", sources), ("subjects", subjects)] where !values.isEmpty {
            parts.append("\(key)=\(values.joined(separator: ","))")
        }
        return parts.joined(separator: "  ")
    }
}

/// A line of the file that cannot be read.
public struct TokenFileError: Error, Sendable, CustomStringConvertible {
    public let description: String

    public init(description: String) { self.description = description }
}

/// All tokens of a file.
public struct TokenFile: Sendable {
    public var entries: [TokenEntry]

    /// Every scope there is.
    public static let scopes = ["events:write", "events:correct", "rules:write", "routing:write", "alerts:write", "read"]

    public init(entries: [TokenEntry] = []) { self.entries = entries }

    public init(text: String) throws(TokenFileError) {
        entries = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.split { $0 == " " || $0 == "\t" || $0 == "\r" }.map { String($0) }
            guard let name = words.first, !name.hasPrefix("#") else { continue }
            func refuse(_ what: String) -> TokenFileError { TokenFileError(description: "line \(number + 1) of the token file: \(what)") }
            guard words.count >= 3 else { throw refuse("expected a name, a SHA-256 and scopes, got \(words.count) words") }
            guard let digest = Hexadecimal.decode(words[1]), digest.count == 32 else { throw refuse("the second word of \(name) is no SHA-256 (64 hex digits)") }
            var entry = TokenEntry(name: name, digest: digest, scopes: words[2].split(separator: ",").map { String($0) })
            for scope in entry.scopes where !TokenFile.scopes.contains(scope) {
                throw refuse("\(name) has the scope \(scope); there are \(TokenFile.scopes.joined(separator: ", "))")
            }
            for word in words.dropFirst(3) {
                let pair = word.split(separator: "=", maxSplits: 1).map { String($0) }
                let values = pair.count == 2 ? pair[1].split(separator: ",").map { String($0) } : []
                switch pair.first {
                case "types" where !values.isEmpty: entry.types = values
                case "sources" where !values.isEmpty: entry.sources = values
                case "subjects" where !values.isEmpty: entry.subjects = values
                default: throw refuse("\(name) has \(word); expected types=…, sources=… or subjects=…")
                }
            }
            guard !entries.contains(where: { $0.name == name }) else { throw refuse("the name \(name) is there twice") }
            entries.append(entry)
        }
    }

    /// The entry of a token as it came in `Authorization: Bearer …`.
    public func entry(of token: String) -> TokenEntry? {
        let digest = SHA256.digest(Array(token.utf8))
        var found: TokenEntry?
        for entry in entries where isEqualInConstantTime(entry.digest, digest) { found = entry }
        return found
    }
}
