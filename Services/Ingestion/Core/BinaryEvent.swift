// Binary mode made structured: the envelope from the headers, the data's bytes as they came. The record then looks like any other, so readers
// behind the door need one way to read. Read next: Models/BinaryEnvelope.swift.

public import Models

public enum BinaryEvent {
    /// The structured form of a request in binary mode.
    /// - Parameter body: JSON that has been parsed; empty when there is no data.
    public static func structured(headers: some Sequence<EnvelopeReader.Header>, body: UnsafeRawBufferPointer) -> Result<[UInt8], Violation> {
        EnvelopeReader.binary(headers: headers, data: nil, .http).map { envelope in
            guard body.count > 0, envelope.last == UInt8(ascii: "}") else { return envelope }
            var event = envelope
            event.removeLast()
            if event.count > 1 { event.append(UInt8(ascii: ",")) }
            event.append(contentsOf: "\"data\":".utf8)
            event.append(contentsOf: body)   // not written anew: numbers keep the digits that the sender gave them
            event.append(UInt8(ascii: "}"))
            return event
        }
    }
}
