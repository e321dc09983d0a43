// docs/events.md and docs/errors.md, written from the catalogue and the list of codes. A test compares the files with this text; run it with
// GIGAWATCH_WRITE_DOCS=1 to write them again.

extension Catalogue {
    /// docs/events.md.
    public static var markdown: String {
        var text = """
            # Events

            Written from `Shared/Models/Events` by `GIGAWATCH_WRITE_DOCS=1 swift test --filter DocumentTests`: do not edit by hand.

            An event is a CloudEvents 1.0 JSON document. Required attributes: `specversion` "1.0", `id`, `source`, `type`, `subject`, `time`.
            (`source`, `id`) identifies a fact for ever, a reading for as long as raw readings are kept. Extensions that Gigawatch reads: `knownat`
            (when it became known; when it was accepted, if absent), `supersedes` (id of the event of the same source that this one corrects),
            `confidence` (high, medium, low), `assertion` (reported, extracted, calculated, inferred, projected), `evidence` (a URI). Other
            attributes and unknown data fields are kept. Fields marked * are required; null is the same as missing. Texts have at most 4 KiB and
            no NUL. A fact whose `time` lies in the future needs the assertion `projected`; a reading or a control event more than 5 minutes
            ahead is refused, and so is a `knownat` after acceptance. Each type has a JSON Schema in [schemas](schemas); what a refusal's
            code means is in [errors.md](errors.md).

            ```json
            \(String(decoding: JSONWriter.indented(EventType.siteCapacityReported.exampleEvent().bytes), as: UTF8.self))
            ```

            | type | subject | topic | meaning |
            |---|---|---|---|

            """
        for type in all {
            let anchor = String(decoding: type.qualifiedName.utf8.filter { $0 != UInt8(ascii: ".") }, as: UTF8.self)
            text += "| [`\(type.qualifiedName)`](#\(anchor)) | \(type.subject.meaning) | `\(type.topic.rawValue)` | \(type.meaning) |\n"
        }
        for type in all { text += "\n" + type.markdown }
        return text
    }
}

extension EventType {
    /// The type's section of docs/events.md.
    public var markdown: String {
        var text = "## \(qualifiedName)\n\n\(meaning) Subject: \(subject.meaning). Topic: `\(topic.rawValue)`.\n\n"
        text += "| field | holds | unit | meaning |\n|---|---|---|---|\n"
        text += EventType.rows(of: fields, prefix: "")
        if !rules.isEmpty { text += "\nAlso: " + rules.map(\.meaning).joined(separator: "; ") + ".\n" }
        let heading = "Example, about `\(example.subject)` at `\(example.occurredAt)`"
        text += "\n\(heading):\n\n```json\n\(String(decoding: JSONWriter.indented(Array(example.json.utf8)), as: UTF8.self))\n```\n"
        return text
    }

    private static func rows(of fields: [Field], prefix: String) -> String {
        var text = ""
        for field in fields {
            text += "| `\(prefix)\(field.name)`\(field.isRequired ? " *" : "") | \(field.words) | \(field.unit ?? "") | \(field.meaning) |\n"
            switch field.kind {
            case .object(let inner): text += rows(of: inner, prefix: "\(prefix)\(field.name).")
            case .objectList(let inner): text += rows(of: inner, prefix: "\(prefix)\(field.name)[].")
            default: break
            }
        }
        return text
    }
}

extension Field {
    /// The kind with its bounds: for documents and SQL comments.
    public var words: String {
        switch kind {
        case .number, .integer, .numberMap:
            guard let range else { return kind.name }
            return "\(kind.name), \(range.lowerBound.shownAsJSON) to \(range.upperBound.shownAsJSON)"
        case .money:
            return "number of dollars, \((bounds ?? Quantity.usd).lowerBound.shownAsJSON) to \((bounds ?? Quantity.usd).upperBound.shownAsJSON)"
        default: return kind.name
        }
    }
}

extension ErrorCode {
    /// docs/errors.md.
    public static var markdown: String {
        var text = """
            # Errors

            Written from `Shared/Models/ErrorCode.swift` by `GIGAWATCH_WRITE_DOCS=1 swift test --filter DocumentTests`: do not edit by hand.

            A refusal names a code, a JSON pointer (RFC 6901) into the event, what was expected and what was there:

            ```json
            {"index":1,"id":"r-17","code":"data.field.type","pointer":"/data/power_mw","expected":"number","actual":"string","retryable":false}
            ```

            The same codes stand in the quarantine and in `application/problem+json` answers. A code is never renamed and never reused.
            Retryable: the same request may succeed later, unchanged.

            | code | retryable | meaning |
            |---|---|---|

            """
        for code in allCases { text += "| `\(code.rawValue)` | \(code.retryable ? "yes" : "no") | \(code.meaning) |\n" }
        return text
    }
}
