// Against published vectors: FIPS 180-2, RFC 4231, RFC 4648.

import Crypto
import Testing

@Suite struct CryptoTests {
    @Test func `SHA-256 gives the published digests`() {
        #expect(Hexadecimal.encode(SHA256.digest([])) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(Hexadecimal.encode(SHA256.digest("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func `HMAC-SHA256 gives the published codes, also for a key longer than a block and for none`() {
        #expect(
            Hexadecimal.encode(SHA256.hmac(key: "Jefe".utf8, message: "what do ya want for nothing?".utf8))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(
            Hexadecimal.encode(SHA256.hmac(key: [UInt8](repeating: 0xAA, count: 131), message: "Test Using Larger Than Block-Size Key - Hash Key First".utf8))
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
        #expect(Hexadecimal.encode(SHA256.hmac(key: [], message: [])) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy")])
    func `base64 goes there and back`(_ plain: String, _ encoded: String) {
        #expect(Base64.encode(plain.utf8) == encoded)
        #expect(Base64.decode(encoded) == Array(plain.utf8))
    }

    @Test(arguments: ["A", "Zg=", "Zg===", "Z g==", "Zm9v=Zg", "é"])
    func `what is not base64 is refused`(_ text: String) { #expect(Base64.decode(text) == nil) }

    @Test func `base64 for URLs has no characters that need an escape`() {
        #expect(Base64.encodeURL([0xFB, 0xFF, 0xFE]) == "-__-")
        #expect(Base64.decode("-__-") == [0xFB, 0xFF, 0xFE])
    }

    @Test func `random bytes differ, and equality in constant time is equality`() throws {
        let (a, b) = (try randomBytes(32), try randomBytes(32))
        #expect(a.count == 32 && a != b)
        #expect(isEqualInConstantTime(a, a) && !isEqualInConstantTime(a, b) && !isEqualInConstantTime(a, Array(a.dropLast())))
    }

    @Test func `a token file is read, and its faults name their line`() throws {
        let digest = Hexadecimal.encode(SHA256.digest("secret".utf8))
        let file = try TokenFile(text: "# comment\n\ngateway  \(digest)  events:write,read  types=site.telemetry.v1 subjects=abilene-*\n")
        #expect(file.entry(of: "secret")?.name == "gateway")
        #expect(file.entry(of: "secret")?.types == ["site.telemetry.v1"])
        #expect(file.entry(of: "Secret") == nil)
        for broken in ["x", "x 12 read", "x \(digest) fly", "x \(digest) read color=red", "x \(digest) read\nx \(digest) read"] {
            #expect(throws: TokenFileError.self) { try TokenFile(text: broken) }
        }
    }
}
