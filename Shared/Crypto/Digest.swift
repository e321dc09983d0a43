// Digests, signatures, random bytes and base64: a thin face over OpenSSL's libcrypto and the kernel. All functions are pure or thread-safe.
// Failures of libcrypto here mean a broken installation, so they are typed errors for random bytes only, where silence would be dangerous.

internal import CCrypto

/// SHA-256 and what is built on it.
public enum SHA256 {
    /// The 32 bytes of SHA-256 over `bytes`.
    public static func digest(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let input = Array(bytes)
        var output = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 0
        let isDone = EVP_Digest(input, input.count, &output, &count, EVP_sha256(), nil)
        precondition(isDone == 1 && count == 32, "libcrypto cannot compute SHA-256: the OpenSSL installation is broken")
        return output
    }

    /// HMAC-SHA256 of `message` under `key`: 32 bytes.
    public static func hmac(key: some Collection<UInt8>, message: some Collection<UInt8>) -> [UInt8] {
        let (key, message) = (Array(key), Array(message))
        var output = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 0
        // HMAC treats a null key as "use the last one", so an empty key is passed as a pointer to one unused byte.
        let source = key.isEmpty ? [0] : key
        let isDone = HMAC(EVP_sha256(), source, Int32(clamping: key.count), message, message.count, &output, &count) != nil
        precondition(isDone && count == 32, "libcrypto cannot compute HMAC-SHA256: the OpenSSL installation is broken")
        return output
    }
}

/// Equality in a time that depends on the lengths alone: for secrets and signatures.
public func isEqualInConstantTime(_ a: some Collection<UInt8>, _ b: some Collection<UInt8>) -> Bool {
    guard a.count == b.count else { return false }
    var difference: UInt8 = 0
    for (x, y) in zip(a, b) { difference |= x ^ y }
    return difference == 0
}

/// The random source failed; nothing that needs a secret may go on.
public struct RandomError: Error, Sendable, CustomStringConvertible {
    public var description: String { "the system's random source failed; no secret can be made" }
}

/// `count` bytes that nobody can guess.
public func randomBytes(_ count: Int) throws(RandomError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    guard count == 0 || RAND_bytes(&bytes, Int32(clamping: count)) == 1 else { throw RandomError() }
    return bytes
}
