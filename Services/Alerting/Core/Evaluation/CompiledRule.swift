// A rule version ready to run: its expression over slots, its filters split by where they look, its levels as the machine wants them. Immutable
// and shared by the partitions of a process; what a partition knows about its alerts stands in RuleColumn.swift.

internal import Models

/// One published version of one rule.
public final class RuleVersion: Sendable {
    public let definition: RuleDefinition
    /// 1 for the first publication of this rule in the log, and so on.
    public let version: Int64
    /// The offset of the control record that published it.
    public let recordOffset: Int64
    public let publishedAt: Int64

    let levels: LevelTable
    let templates: [(name: String, template: Template)]
    let fieldNames: [String]

    public init(definition: RuleDefinition, version: Int64, recordOffset: Int64, publishedAt: Int64) {
        (self.definition, self.version, self.recordOffset, self.publishedAt) = (definition, version, recordOffset, publishedAt)
        levels = LevelTable(definition)
        templates = definition.annotations.compactMap { pair in Template.parse(pair.value).0.map { (pair.name, $0) } }
        fieldNames = definition.value.fields
    }

    var sign: Double { definition.isBelow ? -1 : 1 }

    /// The identity labels of an alert of this rule.
    func identity(subject: String, finer: [String]) -> [TextPair] {
        var labels = [TextPair("alertname", definition.id), TextPair("subject", subject)]
        for (name, value) in zip(definition.finer, finer) { labels.append(TextPair(name, value)) }
        return labels
    }
}
