// Which entities a batch of facts touched, each once, with the fact that is to blame. Only facts that were applied count: a repeat changes
// nothing. Invariant: the order is that of (kind, entity), the primary key of `dirty_entity`, so that two workers never wait for each other in a
// circle. Read next: App/FactTables.swift, which stores them.

public import Models

/// A touched entity and its newest cause in the batch.
public struct DirtyEntity: Sendable, Equatable {
    public var entity: TouchedEntity
    /// Index of the causing fact in the batch's rows.
    public var row: Int32

    public init(entity: TouchedEntity, row: Int32) { (self.entity, self.row) = (entity, row) }
}

extension FactBatch {
    /// The entities that the rows at `applied` touch.
    public func dirtyEntities(of applied: some Sequence<Int>) -> [DirtyEntity] {
        var causes: [TouchedEntity: Int32] = [:]
        for index in applied where rows.indices.contains(index) {
            for place in rows[index].entities where entities.indices.contains(Int(place)) {
                causes[entities[Int(place)]] = Int32(truncatingIfNeeded: index)
            }
        }
        return causes.map { DirtyEntity(entity: $0.key, row: $0.value) }.sorted {
            ($0.entity.kind.rawValue, $0.entity.id) < ($1.entity.kind.rawValue, $1.entity.id)
        }
    }
}
