// Epoch AI's frontier data centers (CC BY 4.0) as facts: a description per site from its first row's date, levels per timeline row, chips per
// quantity row. Levels are absolute and may fall; a blank carries the last level forward, so it is left out. Rows after the vintage's date
// are projections. Pure: three files in, facts and notes out. Read next: ImportedFact.swift, which turns facts into events.

public import Models

public enum EpochDataCenters {
    public static let source = "https://epoch.ai/data/data-centers"
    public static let attribution = "Epoch AI, epoch.ai/data, CC BY 4.0"

    public struct Result: Sendable {
        public var facts: [ImportedFact] = []
        /// What was left out and why, for a person.
        public var notes: [String] = []
    }

    /// A file that cannot be taken.
    public struct Problem: Error, Sendable, CustomStringConvertible {
        public let file: String
        public let line: Int
        public let message: String
        public var description: String { "\(file), line \(line): \(message)" }
    }

    /// - Parameters:
    ///   - chips: `data_center_chip_quantities.csv`, when there.
    ///   - knownOn: the vintage's date.
    public static func facts(centers: [UInt8], timelines: [UInt8], chips: [UInt8]?, knownOn: Day) throws(Problem) -> Result {
        var result = Result()
        let sites = try table("data_centers.csv", centers, ["Name", "Owner", "Country"])
        let levels = try table("data_center_timelines.csv", timelines, ["Data center", "Date", "Power (MW)", "IT power (MW)", "H100 equivalents"])
        var rows: [String: [(day: Day, row: CSVTable.Row)]] = [:]
        var order: [String] = []
        for row in levels.rows {
            let name = levels.field(row, "Data center")
            guard let day = Day(String(levels.field(row, "Date").prefix(10))) else {
                throw Problem(file: "data_center_timelines.csv", line: row.line, message: "'\(levels.field(row, "Date"))' is no day (YYYY-MM-DD)")
            }
            if rows[name] == nil { order.append(name) }
            rows[name, default: []].append((day, row))
        }
        var seenKeys: [String: Int] = [:]
        for name in order {
            for (day, row) in (rows[name] ?? []).sorted(by: { $0.day < $1.day }) {
                let fact = try level(levels, row, name, day, knownOn)
                keep(fact, in: &result, &seenKeys)
            }
        }
        var described: Set<String> = []
        for row in sites.rows {
            let name = sites.field(row, "Name")
            guard let site = rows[name] else {
                result.notes.append("\(name): no timeline row, so no date from which its description holds; left out")
                continue
            }
            described.insert(name)
            for fact in try description(sites, row, name, site.map { ($0.day, levels.field($0.row, "Power (MW)")) }, knownOn) {
                keep(fact, in: &result, &seenKeys)
            }
        }
        for name in order where !described.contains(name) {
            result.notes.append("\(name): has levels but no row in data_centers.csv, so no owner or country")
        }
        if let chips { try addChips(chips, known: Set(order), knownOn, &result, &seenKeys) }
        return result
    }

    private static func table(_ file: String, _ bytes: [UInt8], _ required: [String]) throws(Problem) -> CSVTable {
        do { return try CSVTable(bytes, required: required) } catch { throw Problem(file: file, line: error.line, message: error.message) }
    }

    /// Of two rows with the same key the later one holds: the data set repeats a row now and then.
    private static func keep(_ fact: ImportedFact, in result: inout Result, _ seen: inout [String: Int]) {
        if let index = seen[fact.key] {
            result.notes.append("\(fact.key): in the file twice\(result.facts[index] == fact ? ", both the same" : "; the later row holds")")
            result.facts[index] = fact
        } else {
            seen[fact.key] = result.facts.count
            result.facts.append(fact)
        }
    }

    private static func assertion(_ day: Day, _ knownOn: Day, else otherwise: String) -> String { day > knownOn ? "projected" : otherwise }

    private static func level(_ table: CSVTable, _ row: CSVTable.Row, _ name: String, _ day: Day, _ knownOn: Day) throws(Problem) -> ImportedFact {
        var writer = JSONWriter()
        var problem: Problem?
        writer.object { writer in
            for (column, field, shift) in [
                ("Power (MW)", "facility_power_mw", 0), ("IT power (MW)", "it_power_mw", 0), ("H100 equivalents", "h100e", 0),
                ("Total capital cost (2025 USD billions)", "capital_cost_usd", 9), ("Buildings operational", "buildings", 0),
            ] {
                let text = table.field(row, column)
                if text.isEmpty { continue }
                guard let number = DecimalText.shifted(text, by: shift) else {
                    problem = problem ?? Problem(file: "data_center_timelines.csv", line: row.line, message: "'\(text)' in '\(column)' is no number")
                    continue
                }
                writer.key(field)
                writer.raw(number.utf8)
            }
            let statement = table.field(row, "Construction status")
            if !statement.isEmpty { writer.member("statement", shortened(statement)) }
        }
        if let problem { throw problem }
        let site = Slug.make(name)
        return ImportedFact(
            key: "levels/\(site)/\(day)", type: "site.capacity.reported.v1", subject: site, occurredOn: day, confidence: nil,
            assertion: assertion(day, knownOn, else: "calculated"), evidence: source, payload: writer.bytes)
    }

    /// The description from the first row's date, and the day on which the site first has power. The data set names no status, so both are
    /// inferred: power means energized, none means under construction.
    private static func description(
        _ table: CSVTable, _ row: CSVTable.Row, _ name: String, _ levels: [(day: Day, power: String)], _ knownOn: Day
    ) throws(Problem) -> [ImportedFact] {
        let country = table.field(row, "Country")
        guard country.isEmpty || Countries.code(of: country) != nil else {
            throw Problem(
                file: "data_centers.csv", line: row.line, message: "'\(country)' is no country that the importer knows; add it to Countries.swift")
        }
        let owner = Tagged(table.field(row, "Owner"))
        let days = levels.sorted { $0.day < $1.day }
        guard let first = days.first?.day else { return [] }
        let energized = days.first { (Double($0.power) ?? 0) > 0 }?.day
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("status", energized == first ? "energized" : "under_construction")
            writer.member("name", name)
            if let owner = owner.names.first { writer.member("owner", Slug.make(owner)) }
            let users = Tagged(table.field(row, "Users"))
            if !users.names.isEmpty { list("users", users.names, &writer) }
            let investors = Tagged(table.field(row, "Investors"))
            if !investors.names.isEmpty { list("investors", investors.names, &writer) }
            if let code = Countries.code(of: country) { writer.member("country", code) }
            let address = table.field(row, "Address")
            if !address.isEmpty { writer.member("address", address) }
            if let project = Tagged(table.field(row, "Project")).names.first { writer.member("project", project) }
        }
        let site = Slug.make(name)
        var facts = [
            ImportedFact(
                key: "site/\(site)", type: "site.status.changed.v1", subject: site, occurredOn: first, confidence: owner.confidence,
                assertion: assertion(first, knownOn, else: "inferred"), evidence: source, payload: writer.bytes)
        ]
        if let energized, energized != first {
            var writer = JSONWriter()
            writer.object { $0.member("status", "energized") }
            facts.append(
                ImportedFact(
                    key: "energized/\(site)", type: "site.status.changed.v1", subject: site, occurredOn: energized, confidence: nil,
                    assertion: assertion(energized, knownOn, else: "inferred"), evidence: source, payload: writer.bytes))
        }
        return facts
    }

    private static func list(_ name: String, _ names: [String], _ writer: inout JSONWriter) {
        writer.key(name)
        var seen: Set<String> = []
        writer.array { writer in for name in names.map(Slug.make) where seen.insert(name).inserted { writer.string(name) } }
    }

    private static func addChips(_ bytes: [UInt8], known: Set<String>, _ knownOn: Day, _ result: inout Result, _ seen: inout [String: Int])
        throws(Problem)
    {
        let file = "data_center_chip_quantities.csv"
        let chips = try table(file, bytes, ["Data center", "Date", "Chip type", "Number of Units"])
        var strangers: [String: Int] = [:]
        var blank = 0
        for row in chips.rows {
            let name = chips.field(row, "Data center")
            let units = chips.field(row, "Number of Units")
            let chip = chips.field(row, "Chip type")
            guard known.contains(name) else {
                strangers[name, default: 0] += 1
                continue
            }
            if units.isEmpty || chip.isEmpty {
                blank += 1
                continue
            }
            guard let day = Day(String(chips.field(row, "Date").prefix(10))) else {
                throw Problem(file: file, line: row.line, message: "'\(chips.field(row, "Date"))' is no day (YYYY-MM-DD)")
            }
            guard let number = Double(units), number >= 0, number < 9e15 else {
                throw Problem(file: file, line: row.line, message: "'\(units)' is no number of units")
            }
            let site = Slug.make(name)
            var writer = JSONWriter()
            writer.object { writer in
                writer.member("chip", Slug.make(chip))
                writer.member("units", Int64(number.rounded()))
            }
            keep(
                ImportedFact(
                    key: "chips/\(site)/\(Slug.make(chip))/\(day)", type: "site.chips.reported.v1", subject: site, occurredOn: day,
                    confidence: Tagged(chips.field(row, "Owner")).confidence, assertion: assertion(day, knownOn, else: "calculated"),
                    evidence: source, payload: writer.bytes), in: &result, &seen)
        }
        for (name, count) in strangers.sorted(by: { $0.key < $1.key }) {
            result.notes.append("\(name): \(count) chip row\(count == 1 ? "" : "s") for a site that no timeline has; left out")
        }
        if blank > 0 { result.notes.append("\(blank) chip row\(blank == 1 ? "" : "s") without a number of units; left out") }
    }

    private static func shortened(_ text: String) -> String { text.utf8.count <= 4_000 ? text : String(text.prefix(1_000)) + "…" }
}

/// Names with tags, as the data set writes them: `OpenAI #likely, Microsoft #likely`.
struct Tagged {
    var names: [String] = []
    /// The lowest confidence of the tags: high, medium or low.
    var confidence: String?

    init(_ text: String) {
        var rank = 0
        for part in text.split(separator: ",") {
            let pieces = part.split(separator: "#", omittingEmptySubsequences: false)
            let name = String(pieces.first ?? "").trimmed
            if !Slug.make(name).isEmpty { names.append(name) }
            for tag in pieces.dropFirst() {
                switch String(tag).trimmed {
                case "confident": rank = max(rank, 1)
                case "likely": rank = max(rank, 2)
                case "speculative": rank = max(rank, 3)
                default: break
                }
            }
        }
        confidence = [nil, "high", "medium", "low"][rank]
    }
}

/// Ids of sites and organisations, as the design makes them.
public enum Slug {
    /// The name in lower case, each run of characters other than a-z and 0-9 one hyphen, none at the ends.
    public static func make(_ name: String) -> String {
        var result: [UInt8] = []
        for byte in name.lowercased().utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): result.append(byte)
            default: if result.last != UInt8(ascii: "-"), !result.isEmpty { result.append(UInt8(ascii: "-")) }
            }
        }
        if result.last == UInt8(ascii: "-") { result.removeLast() }
        return String(decoding: result, as: UTF8.self)
    }
}

/// Decimal numbers as text, so that billions become units without a rounding error.
public enum DecimalText {
    /// `text` × 10^places as JSON; nil when it is no plain decimal number. `35.836372` by 9 is `35836372000`; `323.0` by 0 is `323`.
    public static func shifted(_ text: String, by places: Int) -> String? {
        var digits = Substring(text)
        let negative = digits.first == "-"
        if negative { digits.removeFirst() }
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let first = parts.first, !first.isEmpty, parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
        else {
            // An exponent is rare; there a double is exact enough.
            guard let value = Double(text), value.isFinite else { return nil }
            var factor = 1.0
            for _ in 0..<places { factor *= 10 }
            var writer = JSONWriter()
            writer.number(value * factor)
            return writer.text
        }
        var whole = String(first)
        var fraction = parts.count == 2 ? String(parts[1]) : ""
        for _ in 0..<places {
            whole.append(fraction.isEmpty ? "0" : fraction.removeFirst())
        }
        while whole.count > 1, whole.first == "0" { whole.removeFirst() }
        while fraction.last == "0" { fraction.removeLast() }
        let isZero = whole == "0" && fraction.isEmpty
        return (negative && !isZero ? "-" : "") + whole + (fraction.isEmpty ? "" : "." + fraction)
    }
}
