// The metrics of one process, written in Prometheus' text format when /metrics is asked for. Instruments are made on first use and live for
// ever; figures that exist elsewhere (a queue's length) are read by a closure at that moment instead of being kept twice.

internal import Glibc
internal import Synchronization

/// A registry. Any thread.
public final class Metrics: Sendable {
    fileprivate struct State {
        var counters: [String: [String: Counter]] = [:]
        var gauges: [String: [String: Gauge]] = [:]
        var histograms: [String: [String: Histogram]] = [:]
        var readers: [String: [@Sendable () -> [Sample]]] = [:]
        var declarations: [MetricDeclaration] = []
    }

    /// A value read when it is asked for.
    public struct Sample: Sendable {
        public let labels: [String]
        public let value: Double

        /// - Parameter labels: values in the order of the declaration's label names.
        public init(_ value: Double, labels: [String] = []) { (self.value, self.labels) = (value, labels) }
    }

    private let state = Mutex(State())

    public init() {
        observe(Metrics.residentMemory) { [Sample(Metrics.residentBytes())] }
        observe(Metrics.processorTime) { [Sample(Metrics.processorSeconds())] }
        observe(Metrics.openDescriptors) { [Sample(Metrics.descriptorCount())] }
        let start = Metrics.secondsSince1970()
        observe(Metrics.startTime) { [Sample(start)] }
    }

    /// The counter of these label values.
    public func counter(_ declaration: MetricDeclaration, _ labels: String...) -> Counter {
        let key = Metrics.labelText(declaration.labels, labels)
        return state.withLock { state in
            state.declare(declaration)
            if let known = state.counters[declaration.name]?[key] { return known }
            let made = Counter()
            state.counters[declaration.name, default: [:]][key] = made
            return made
        }
    }

    public func gauge(_ declaration: MetricDeclaration, _ labels: String...) -> Gauge {
        let key = Metrics.labelText(declaration.labels, labels)
        return state.withLock { state in
            state.declare(declaration)
            if let known = state.gauges[declaration.name]?[key] { return known }
            let made = Gauge()
            state.gauges[declaration.name, default: [:]][key] = made
            return made
        }
    }

    public func histogram(_ declaration: MetricDeclaration, _ labels: String...) -> Histogram {
        let key = Metrics.labelText(declaration.labels, labels)
        var bounds = MetricDeclaration.latencyBuckets
        if case .histogram(let declared) = declaration.kind { bounds = declared }
        return state.withLock { state in
            state.declare(declaration)
            if let known = state.histograms[declaration.name]?[key] { return known }
            let made = Histogram(bounds: bounds)
            state.histograms[declaration.name, default: [:]][key] = made
            return made
        }
    }

    /// Reads values with a closure each time the metrics are written.
    public func observe(_ declaration: MetricDeclaration, _ read: @escaping @Sendable () -> [Sample]) {
        state.withLock { state in
            state.declare(declaration)
            state.readers[declaration.name, default: []].append(read)
        }
    }

    /// Everything in Prometheus' text format, version 0.0.4.
    public func text() -> String {
        let copy = state.withLock { $0 }
        var out = ""
        for declaration in copy.declarations.sorted(by: { $0.name < $1.name }) {
            let name = declaration.name
            out += "# HELP \(name) \(declaration.meaning)\n# TYPE \(name) \(declaration.kind.name)\n"
            for (labels, counter) in (copy.counters[name] ?? [:]).sorted(by: { $0.key < $1.key }) { out += "\(name)\(labels.braced) \(counter.value)\n" }
            for (labels, gauge) in (copy.gauges[name] ?? [:]).sorted(by: { $0.key < $1.key }) { out += "\(name)\(labels.braced) \(Metrics.number(gauge.value))\n" }
            for read in copy.readers[name] ?? [] {
                for sample in read() {
                    out += "\(name)\(Metrics.labelText(declaration.labels, sample.labels).braced) \(Metrics.number(sample.value))\n"
                }
            }
            for (labels, histogram) in (copy.histograms[name] ?? [:]).sorted(by: { $0.key < $1.key }) {
                let comma = labels.isEmpty ? "" : ","
                var cumulative: Int64 = 0
                for (bound, count) in zip(histogram.bounds.map { Metrics.number($0) } + ["+Inf"], histogram.counts) {
                    cumulative += count
                    out += "\(name)_bucket{\(labels)\(comma)le=\"\(bound)\"} \(cumulative)\n"
                }
                out += "\(name)_sum\(labels.braced) \(Metrics.number(histogram.sum))\n\(name)_count\(labels.braced) \(cumulative)\n"
            }
        }
        return out
    }

    private static func labelText(_ names: [String], _ values: [String]) -> String {
        zip(names, values).map { name, value in
            let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
            return "\(name)=\"\(escaped)\""
        }.joined(separator: ",")
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
    }
}

extension Metrics.State {
    fileprivate mutating func declare(_ declaration: MetricDeclaration) {
        if !declarations.contains(where: { $0.name == declaration.name }) { declarations.append(declaration) }
    }
}

extension String {
    fileprivate var braced: String { isEmpty ? "" : "{\(self)}" }
}

// MARK: The process itself

extension Metrics {
    static let residentMemory = MetricDeclaration("process_resident_memory_bytes", .gauge, "Memory of this process that is in RAM.")
    static let processorTime = MetricDeclaration("process_cpu_seconds_total", .counter, "Processor time that this process has used.")
    static let openDescriptors = MetricDeclaration("process_open_fds", .gauge, "Open file descriptors of this process.")
    static let startTime = MetricDeclaration("process_start_time_seconds", .gauge, "When this process started, in seconds since 1970.")

    static func residentBytes() -> Double {
        guard let bytes = readFile("/proc/self/statm", limitBytes: 4096) else { return 0 }
        let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        return fields.count > 1 ? (Double(fields[1]) ?? 0) * Double(sysconf(Int32(_SC_PAGESIZE))) : 0
    }

    static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static func descriptorCount() -> Double {
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        var count = -3.0   // ".", ".." and the folder itself
        while readdir(folder) != nil { count += 1 }
        return count
    }

    static func secondsSince1970() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
