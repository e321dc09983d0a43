// What the passing of time alone decides, once per cut, after its records: `for` and `keep_firing_for` of alerts whose readings stopped, silence,
// and the telling of alerts that began in the past. An entity's event time is taken to run on at the log's pace after its newest reading, so a
// breach without another reading fires exactly `for` after it was accepted.

internal import Models

extension PartitionEvaluator {
    /// Ends the cut: time moves to the tick's.
    public func endCut() {
        let tick = Witness(place: LogPlace(topic: .clock, partition: 0, recordOffset: clockOffset), source: "clock", id: String(cut))
        for rule in columns where rule.isActive {
            if !rule.timed.isEmpty { runTimers(rule, tick) }
            if cutAt >= rule.nextSilenceAt { hearSilence(rule, tick) }
        }
    }

    private func runTimers(_ rule: RuleColumn, _ tick: Witness) {
        var place = 0
        while place < rule.timed.count {
            let index = Int(rule.timed[place])
            let cell = rule.cells + index
            let holds = rule.phases(index)
            if cell.pointee.dueEventAt != .max {
                let estimated = cell.pointee.newestEventAt + max(0, cutAt - cell.pointee.newestAcceptedAt)
                if estimated >= cell.pointee.dueEventAt, let ranOutAt = rule.levels.pass(holds, estimatedEventAt: estimated) {
                    settle(rule, index, Reading(
                        eventAt: ranOutAt, acceptedAt: cutAt, topic: .clock, recordOffset: clockOffset, origin: .witness(tick)), kind: .timer)
                }
            }
            if cell.pointee.has(Cell.isUntold), cell.pointee.state == .firing || cell.pointee.state == .recovering,
                cutAt - cell.pointee.newestAcceptedAt >= limits.quiet
            {
                tell(rule, index, tick)
            }
            if cell.pointee.dueEventAt == .max, !cell.pointee.has(Cell.isUntold) {
                cell.pointee.clear(Cell.isTimed)
                rule.timed.swapAt(place, rule.timed.count - 1)
                rule.timed.removeLast()
            } else {
                place += 1
            }
        }
    }

    /// The end of catching up: an alert that began in the past still fires, and is told now.
    private func tell(_ rule: RuleColumn, _ index: Int, _ tick: Witness) {
        let cell = rule.cells + index
        cell.pointee.clear(Cell.isUntold)
        guard rule.version.definition.mode == .enabled else { return }
        cell.pointee.set(Cell.isTold)
        // From the state to itself: nothing changed but that it is told now.
        announce(rule, index, from: cell.pointee.state, fromLevel: cell.pointee.level, Reading(
            eventAt: cell.pointee.newestEventAt, acceptedAt: cutAt, topic: .clock, recordOffset: clockOffset, origin: .witness(tick)),
            kind: .timer, isTelling: true)
    }

    private func hearSilence(_ rule: RuleColumn, _ tick: Witness) {
        guard let missing = rule.version.definition.missing else {
            rule.nextSilenceAt = .max
            return
        }
        var next = Int64.max
        for index in 0..<rule.cellCount(entities: entities.count) {
            let cell = rule.cells + index
            guard cell.pointee.isKnown, !cell.pointee.has(Cell.isSilent) else { continue }
            let due = cell.pointee.newestAcceptedAt + missing.after
            guard cutAt >= due else {
                next = min(next, due)
                continue
            }
            cell.pointee.set(Cell.isSilent)
            let (from, fromLevel) = (cell.pointee.state, cell.pointee.level)
            // The next reading must take the long way, whatever its value.
            (cell.pointee.bandLow, cell.pointee.bandHigh) = (.infinity, -.infinity)
            switch missing.state {
            case .keep: continue
            case .noData: cell.pointee.state = .noData
            case .resolved:
                guard from != .inactive, from != .resolved else { continue }
                cell.pointee.state = from == .pending ? .inactive : .resolved
            }
            cell.pointee.level = 0
            cell.pointee.dueEventAt = .max
            let holds = rule.phases(index)
            for level in 0..<rule.levels.count { holds[level] = LevelHold() }
            announce(rule, index, from: from, fromLevel: fromLevel, Reading(
                eventAt: due, acceptedAt: cutAt, topic: .clock, recordOffset: clockOffset, origin: .witness(tick)), kind: .absence)
        }
        rule.nextSilenceAt = next
    }
}
