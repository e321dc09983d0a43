// Who may send: the bearer token of a request against the file of hashes, before its body is read. Without a token file everybody on the
// loopback address may do everything. The file is read anew on SIGHUP; a broken one is reported and the last good one stays in force.

internal import Crypto
internal import HTTP
internal import IngestionCore
internal import Operations
internal import Synchronization

final class Doorkeeper: Sendable {
    private let path: String?
    private let grants = Mutex<(file: TokenFile, cache: [String: Grant])>((TokenFile(), [:]))

    /// - Parameter path: of the token file; nil for no tokens.
    init(path: String?) throws {
        self.path = path
        try reload()
    }

    func reload() throws {
        guard let path else { return }
        guard let bytes = readFile(path, limitBytes: 16 << 20) else {
            throw TokenFileError(description: "the token file \(path) cannot be read; docs/operations.md says how to make one")
        }
        let file = try TokenFile(text: String(decoding: bytes, as: UTF8.self))
        grants.withLock { $0 = (file, [:]) }
    }

    /// What the sender of a request may do.
    func grant(_ exchange: HTTPExchange) throws(Refusal) -> Grant {
        guard path != nil else { return .everything }
        guard let header = exchange.header("Authorization") else {
            throw Refusal(401, .tokenMissing, "The request has no token; send it as `Authorization: Bearer TOKEN`.")
        }
        let words = header.split(separator: " ", maxSplits: 1).map { String($0) }
        guard words.count == 2, words[0].lowercased() == "bearer" else {
            throw Refusal(401, .tokenInvalid, "The Authorization header is no `Bearer TOKEN`.")
        }
        let found = grants.withLock { state -> Grant? in
            if let known = state.cache[words[1]] { return known }
            guard let entry = state.file.entry(of: words[1]) else { return nil }
            let limits = Grant.ScopeLimits(types: entry.types, sources: entry.sources, subjects: entry.subjects)
            // Limits are for events; a right over rules or alerts is whole.
            let scopes = entry.scopes.compactMap { WriteScope(rawValue: $0) }.map { ($0, $0 == .events ? limits : Grant.ScopeLimits()) }
            let grant = Grant(name: entry.name, scopes: Dictionary(uniqueKeysWithValues: Set(scopes.map(\.0)).map { scope in
                (scope, scopes.first { $0.0 == scope }?.1 ?? Grant.ScopeLimits())
            }))
            state.cache[words[1]] = grant
            return grant
        }
        guard let found else { throw Refusal(401, .tokenInvalid, "The token is not known here; GIGAWATCH_TOKENS names the file of those that are.") }
        guard found.mayWrite else { throw Refusal(403, .tokenScope, "The token \(found.name) may read, not write.") }
        return found
    }
}
