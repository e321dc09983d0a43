// What a worker does with records: the part that differs between consumers. All calls come on the worker's thread, one at a time.
// Invariant asked of it: `write` changes nothing but what its connection's transaction can roll back, and memory that `rolledBack` undoes.
// Read next: Worker.swift.
public import Kafka
internal import Models
public import Postgres

public protocol BatchProcessor: AnyObject {
    /// These partitions are ours now: load what their records need. May throw and be called again with the same. Everything known of
    /// earlier partitions has been forgotten by `forget`.
    func assigned(_ positions: [StoredPosition], on connection: Connection) throws
    /// Drop all memory of these partitions: they are another's, or are read again from their stored position.
    func forget(_ places: [TopicPartition])
    /// Decodes a batch, once, before its transaction. Nothing is in the database's hands yet. By default nothing.
    func prepare(_ batch: StreamBatch) throws
    /// Stores what the batch does, inside the transaction that also moves the position. Returns what became of the records, one entry per
    /// slice. May be called again with the same batch after a rollback. An error of kind `quarantine` makes the worker look for the record
    /// that caused it by halving the batch.
    func write(_ batch: StreamBatch, on connection: Connection) throws -> [RecordCounts]
    /// Sets one record aside that `write` could not store, inside a transaction, with the reason. By default the error stops the worker.
    func reject(_ record: RecordView, because error: any Error, on connection: Connection) throws -> RecordCounts
    /// The transaction of this batch is stored.
    func committed(_ batch: StreamBatch)
    /// The transaction of this batch was rolled back; the batch (or its halves) comes again, unless its partitions are forgotten.
    func rolledBack(_ batch: StreamBatch)
    /// Nothing to read now: about five times a second.
    func idle(on connection: Connection) throws
}

extension BatchProcessor {
    public func assigned(_ positions: [StoredPosition], on connection: Connection) throws {}
    public func forget(_ places: [TopicPartition]) {}
    public func prepare(_ batch: StreamBatch) throws {}
    public func reject(_ record: RecordView, because error: any Error, on connection: Connection) throws -> RecordCounts { throw error }
    public func committed(_ batch: StreamBatch) {}
    public func rolledBack(_ batch: StreamBatch) {}
    public func idle(on connection: Connection) throws {}
}
