// Ingestion's answer to a batch: how many were accepted, the last position of each partition, and each refusal with its reason.

import JSON
import Models

struct BatchAnswer {
    struct Refusal {
        let index: Int
        let id: String?
        let code: String
        let pointer: String
        let expected: String
        let actual: String
        let retryable: Bool
    }

    var accepted = 0
    var positions: [String: Int64] = [:]
    var rejected: [Refusal] = []
}

final class BatchAnswerReader {
    private let parser = JSONParser()

    /// - Parameter count: how many events were sent; an index outside is an answer we do not understand.
    func read(_ body: [UInt8], count: Int) throws -> BatchAnswer {
        var answer = BatchAnswer()
        do {
            try parser.withParsed(body) { view in
                for item in view["accepted"].map(Array.init(elementsOf:)) ?? [] {
                    answer.accepted += 1
                    guard let topic = item["topic"]?.string, let partition = item["partition"]?.integer, let offset = item["offset"]?.integer else {
                        continue
                    }
                    answer.positions["\(topic)/\(partition)"] = max(answer.positions["\(topic)/\(partition)"] ?? -1, offset)
                }
                for item in view["rejected"].map(Array.init(elementsOf:)) ?? [] {
                    guard let index = item["index"]?.integer, index >= 0, index < count else {
                        throw Failure("ingestion's answer names an event that was not sent")
                    }
                    answer.rejected.append(
                        BatchAnswer.Refusal(
                            index: Int(index), id: item["id"]?.string, code: item["code"]?.string ?? "unknown",
                            pointer: item["pointer"]?.string ?? "",
                            expected: item["expected"]?.string ?? "?", actual: item["actual"]?.string ?? "?",
                            retryable: item["retryable"]?.boolean ?? false))
                }
            }
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure("ingestion's answer is no JSON (\(error)); is GIGAWATCH_INGESTION_URL right?")
        }
        return answer
    }
}

extension [JSONView] {
    fileprivate init(elementsOf view: JSONView) { self = Array(view.elements) }
}
