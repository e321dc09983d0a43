// From a record's bytes to the decoder: structured mode first, binary mode by its headers, and what is neither becomes a refusal. One worker, one
// thread; views are valid until the next record. Read next: Core/RecordDecoder.swift.

internal import JSON
internal import Kafka
internal import Models
internal import ProjectionCore

/// What parsing needs of a record: one from the log, or one from the quarantine.
protocol ParsableRecord {
    var partition: Int32 { get }
    var recordOffset: Int64 { get }
    /// When the log took it.
    var timestamp: Instant { get }
    var value: UnsafeRawBufferPointer? { get }
    var hasHeaders: Bool { get }
    func header(_ name: StaticString) -> UnsafeRawBufferPointer?
    func forEachHeader(_ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?) -> Void)
}

extension RecordView: ParsableRecord {}

struct RecordParser {
    private let parser = JSONParser()

    /// Gives one record to the decoder.
    func parse(_ record: some ParsableRecord, index: Int32, topic: TopicName, into decoder: inout RecordDecoder) {
        var place = RecordPlace(
            record: index, topic: topic, partition: record.partition, recordOffset: record.recordOffset, acceptedAt: record.timestamp)
        guard let value = record.value else {
            decoder.takeTombstone(place)
            return
        }
        // Readings are many and next to never in binary mode: their headers are looked at only when the value is no event by itself.
        if topic != .telemetry {
            place.acceptedBy = record.header("acceptedby")
            if isBinary(record) {
                takeBinary(record, value, place, &decoder)
                return
            }
        }
        let read = read(value)
        switch read {
        case .success(let event): decoder.take(event, place)
        case .failure(let violation):
            if topic == .telemetry, isBinary(record) { takeBinary(record, value, place, &decoder) } else { decoder.take(violation, place) }
        }
    }

    /// The parser copies the text into memory of its own, so the views are valid until its next parse.
    private func read(_ value: UnsafeRawBufferPointer) -> Result<EventView, Violation> {
        do { return EnvelopeReader.structured(try parser.parse(value)) } catch { return .failure(error.violation) }
    }

    private func isBinary(_ record: some ParsableRecord) -> Bool {
        guard record.hasHeaders, record.header("ce_specversion") != nil else { return false }
        guard let type = record.header("content-type") else { return true }
        let structured = Array("application/cloudevents".utf8)
        return !(type.count >= structured.count && type.prefix(structured.count).elementsEqual(structured))
    }

    private func takeBinary(_ record: some ParsableRecord, _ value: UnsafeRawBufferPointer, _ place: RecordPlace, _ decoder: inout RecordDecoder) {
        var headers: [EnvelopeReader.Header] = []
        record.forEachHeader { name, value in if let value { headers.append((name, value)) } }
        let structured: Result<[UInt8], Violation>
        do {
            structured = EnvelopeReader.binary(headers: headers, data: try parser.parse(value), .kafka)
        } catch {
            decoder.take(error.violation, place)
            return
        }
        switch structured {
        case .failure(let violation): decoder.take(violation, place)
        case .success(let bytes):
            switch bytes.withUnsafeBytes({ read($0) }) {
            case .success(let event): decoder.take(event, place)
            case .failure(let violation): decoder.take(violation, place)
            }
        }
    }
}
