// The countries of ISO 3166-1, alpha-2, as of 2024: 249 codes. A code is looked up in a table of 26 × 26 bits, so the check costs a few
// instructions on the hot path.

public enum Country {
    /// Every assigned code, sorted.
    public static let codes: [String] = packed.split(separator: " ").map(String.init)

    /// Whether the two bytes are an assigned code, in upper case.
    public static func isCode(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count == 2 else { return false }
        let (first, second) = (Int(bytes[0]) - 65, Int(bytes[1]) - 65)
        guard first >= 0, first < 26, second >= 0, second < 26 else { return false }
        return table[first] >> UInt32(second) & 1 == 1
    }

    public static func isCode(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { isCode(UnsafeRawBufferPointer($0)) }
    }

    /// A regular expression that matches the codes: `A[DEFG…]|B[…]|…`.
    static var pattern: String {
        Dictionary(grouping: codes, by: { $0.prefix(1) }).sorted { $0.key < $1.key }
            .map { first, codes in "\(first)[\(codes.map { $0.suffix(1) }.joined())]" }.joined(separator: "|")
    }

    /// Per first letter, one bit per second letter.
    private static let table: [UInt32] = {
        var rows = [UInt32](repeating: 0, count: 26)
        for code in codes {
            let letters = Array(code.utf8)
            rows[Int(letters[0]) - 65] |= 1 << UInt32(letters[1] - 65)
        }
        return rows
    }()

    private static let packed = """
        AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK \
        CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS \
        GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV \
        LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM \
        PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR \
        TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
        """
}
