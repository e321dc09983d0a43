// The state of one alert, in one cache line, and the machine that moves it. Each level is a small machine of its own (inactive, pending, firing,
// recovering) under ordered thresholds with the same durations, so levels nest: a graver one never fires without the milder ones, and the
// alert's level is the highest that fires. A cell also holds the band within which a value changes nothing: most readings touch this line alone.
// `below` rules are run with every number negated, so there is one machine. Read next: RuleColumn.swift.

internal import Models

/// One alert. 64 bytes.
struct Cell {
    /// A value in bandLow...bandHigh before `dueEventAt` changes no phase.
    /// Empty at first: the first value takes the long way.
    var bandLow: Double = .infinity
    var bandHigh: Double = -.infinity
    /// The event time from which a phase changes though the value stays in its band; microseconds.
    var dueEventAt: Int64 = .max
    /// The newest reading: its event time, acceptance and value (negated for `below`).
    var newestEventAt: Int64 = .min
    var newestAcceptedAt: Int64 = .min
    var newestValue: Double = .nan
    var newestOffset: Int64 = -1
    var state: AlertState = .inactive
    /// The level of the state: 0 none, else 1… .
    var level: UInt8 = 0
    var newestTopic: UInt8 = 0
    var flags: UInt8 = 0
    var spare: UInt32 = 0

    /// In the column's list of cells that ticks look at.
    static let isTimed: UInt8 = 1
    /// Fires, but nobody was told, because its event was too old.
    static let isUntold: UInt8 = 2
    /// State was taken over from a rule that measured something else: the next value decides.
    static let isCarried: UInt8 = 4
    /// Silence has been said.
    static let isSilent: UInt8 = 8
    /// Somebody was told that it fires.
    static let isTold: UInt8 = 16

    func has(_ flag: UInt8) -> Bool { flags & flag != 0 }
    mutating func set(_ flag: UInt8) { flags |= flag }
    mutating func clear(_ flag: UInt8) { flags &= ~flag }

    var isKnown: Bool { newestEventAt != .min }
}

enum LevelPhase: UInt8 { case inactive, pending, firing, recovering }

/// One level of one alert: its phase and since when.
struct LevelHold {
    var phase: LevelPhase = .inactive
    var sinceEventAt: Int64 = 0
}

/// Bounds and durations of a rule as the machine uses them.
struct LevelTable: Sendable {
    let enter: [Double]
    let until: [Double]
    /// Microseconds.
    let hold: Int64
    let keepFiring: Int64

    init(_ rule: RuleDefinition) {
        let sign: Double = rule.isBelow ? -1 : 1
        enter = rule.levels.map { $0.enter * sign }
        until = rule.levels.map { $0.until * sign }
        (hold, keepFiring) = (rule.hold, rule.keepFiring)
    }

    var count: Int { enter.count }

    /// Moves the phases for a value at an event time. Returns the event time at which the change happened: for a timer that ran out, when it did.
    func step(_ holds: UnsafeMutablePointer<LevelHold>, value: Double, eventAt: Int64) {
        for i in 0..<count {
            switch holds[i].phase {
            case .inactive:
                if value > enter[i] { holds[i] = LevelHold(phase: hold == 0 ? .firing : .pending, sinceEventAt: eventAt) }
            case .pending:
                if !(value > enter[i]) { holds[i].phase = .inactive } else if eventAt - holds[i].sinceEventAt >= hold { holds[i].phase = .firing }
            case .firing:
                if value < until[i] { holds[i] = LevelHold(phase: keepFiring == 0 ? .inactive : .recovering, sinceEventAt: eventAt) }
            case .recovering:
                if value >= until[i] { holds[i].phase = .firing } else if eventAt - holds[i].sinceEventAt >= keepFiring { holds[i].phase = .inactive }
            }
        }
    }

    /// Lets time pass without a value. Returns the event time of the latest timer that ran out, nil when none did.
    func pass(_ holds: UnsafeMutablePointer<LevelHold>, estimatedEventAt: Int64) -> Int64? {
        var ranOutAt: Int64?
        for i in 0..<count {
            let span: Int64
            switch holds[i].phase {
            case .pending: span = hold
            case .recovering: span = keepFiring
            case .inactive, .firing: continue
            }
            guard estimatedEventAt - holds[i].sinceEventAt >= span else { continue }
            holds[i].phase = holds[i].phase == .pending ? .firing : .inactive
            ranOutAt = max(ranOutAt ?? .min, holds[i].sinceEventAt + span)
        }
        return ranOutAt
    }

    /// Writes the band and the deadline that the phases imply.
    func bound(_ cell: inout Cell, _ holds: UnsafeMutablePointer<LevelHold>) {
        // Infinities stay outside every band: a ratio to a figure of zero is no value, and must not count as the newest one.
        var low = -Double.greatestFiniteMagnitude
        var high = Double.greatestFiniteMagnitude
        var due = Int64.max
        for i in 0..<count {
            switch holds[i].phase {
            case .inactive: high = min(high, enter[i])
            case .pending:
                low = max(low, enter[i].nextUp)
                due = min(due, holds[i].sinceEventAt + hold)
            case .firing: low = max(low, until[i])
            case .recovering:
                high = min(high, until[i].nextDown)
                due = min(due, holds[i].sinceEventAt + keepFiring)
            }
        }
        (cell.bandLow, cell.bandHigh, cell.dueEventAt) = (low, high, due)
    }

    /// The alert's state and level (0 none) that the phases add up to.
    func summary(_ holds: UnsafeMutablePointer<LevelHold>, before: AlertState) -> (AlertState, UInt8) {
        var level = 0
        var pending = 0
        for i in 0..<count {
            switch holds[i].phase {
            case .inactive: break
            case .pending: pending = i + 1
            case .firing, .recovering: level = i + 1
            }
        }
        if level > 0 { return (holds[level - 1].phase == .recovering ? .recovering : .firing, UInt8(level)) }
        if pending > 0 { return (.pending, UInt8(pending)) }
        switch before {
        case .firing, .recovering, .resolved: return (.resolved, 0)
        case .inactive, .pending, .noData, .error: return (.inactive, 0)
        }
    }
}
