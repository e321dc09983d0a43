// What a change of rules does to alerts that exist. An edit of what speaks (texts, labels, route) keeps everything. An edit of bounds or durations
// re-derives each alert from its newest value at once. An edit of what is measured carries what fires over until the next value decides. An edit
// of the identity, a disabling and a retirement end what there is. Nothing of this re-pages an alert that goes on firing at its level.

internal import Models

extension PartitionEvaluator {
    /// Takes the next entry of the control log.
    public func apply(_ entry: ControlEntry) {
        switch entry.change {
        case .publish(let version): publish(version, entry)
        case .retire(let rule):
            guard let number = columnNumbers[rule], columns[number].isActive else { return }
            end(columns[number], entry)
            columns[number].isActive = false
            rebuildPlans()
        case .routing, .notice, .unchanged, .refused: break
        }
    }

    private func publish(_ version: RuleVersion, _ entry: ControlEntry) {
        let definition = version.definition
        let isEnabled = definition.mode != .disabled
        guard let number = columnNumbers[definition.id] else {
            let column = RuleColumn(version, capacity: currentRoom, expression: CompiledExpression(definition.value) { _ in 0 })
            column.isActive = isEnabled
            columnNumbers[definition.id] = columns.count
            columns.append(column)
            rebuildPlans()
            if isEnabled { readCurrentMetric(column, entry) }
            return
        }
        let column = columns[number]
        let before = column.version.definition
        let wasActive = column.isActive
        if wasActive, !isEnabled || before.finer != definition.finer { end(column, entry) }
        guard isEnabled else {
            column.version = version
            column.replaceLevels(version)
            column.reset()
            column.isActive = false
            rebuildPlans()
            return
        }
        column.isActive = true
        if wasActive, before.decides(as: definition) {
            column.version = version
            rebuildPlans()
            if before.mode == .shadow, definition.mode == .enabled { untell(column) }
            return
        }
        let keeps = wasActive && before.finer == definition.finer
        let isMeasuredAlike = keeps && before.isMeasured(as: definition)
        let turned: Double = before.isBelow == definition.isBelow ? 1 : -1
        let states = keeps ? (0..<column.cellCount(entities: entities.count)).map { column.cells[$0] } : []
        let episodes = column.episodes
        column.version = version
        column.replaceLevels(version)
        if keeps { column.timed = [] } else { column.reset() }
        column.reserve(currentRoom)
        rebuildPlans()
        for (index, old) in states.enumerated() where old.isKnown || old.has(Cell.isCarried) {
            column.cells[index] = Cell()
            column.cells[index].state = old.state
            column.cells[index].level = min(old.level, UInt8(column.levels.count))
            column.cells[index].flags = old.flags & ~Cell.isTimed
            if old.has(Cell.isUntold) { column.time(index) }
            let holds = column.phases(index)
            if old.state == .firing || old.state == .recovering {
                for level in 0..<Int(column.cells[index].level) { holds[level] = LevelHold(phase: .firing, sinceEventAt: old.newestEventAt) }
            }
            guard isMeasuredAlike, old.newestValue.isFinite else {
                carry(column, index, old, entry)
                continue
            }
            read(column, index, old.newestValue * turned, Reading(
                eventAt: old.newestEventAt, acceptedAt: old.newestAcceptedAt, topic: .control, recordOffset: entry.recordOffset,
                origin: .witness(episodes[Int32(index)]?.first ?? entry.witness), decidedBy: entry))
        }
        if !isMeasuredAlike { readCurrentMetric(column, entry) }
    }

    /// Keeps what fires until the next value, whatever it is, decides.
    private func carry(_ column: RuleColumn, _ index: Int, _ old: Cell, _ entry: ControlEntry) {
        guard old.state == .firing || old.state == .recovering else {
            if old.state == .pending || old.state == .noData { finish(column, index, entry) }
            column.cells[index] = Cell()
            return
        }
        column.cells[index].set(Cell.isCarried)
        if old.state == .recovering { column.cells[index].state = .firing }
    }

    /// Ends every alert of a rule.
    private func end(_ column: RuleColumn, _ entry: ControlEntry) {
        for index in 0..<column.cellCount(entities: entities.count) { finish(column, index, entry) }
        column.reset()
    }

    private func finish(_ column: RuleColumn, _ index: Int, _ entry: ControlEntry) {
        let cell = column.cells + index
        let (from, level) = (cell.pointee.state, cell.pointee.level)
        switch from {
        case .inactive, .resolved: return
        case .pending: cell.pointee.state = .inactive
        case .firing, .recovering, .noData, .error: cell.pointee.state = .resolved
        }
        cell.pointee.level = 0
        announce(column, index, from: from, fromLevel: level, Reading(
            eventAt: entry.acceptedAt.microseconds, acceptedAt: entry.acceptedAt.microseconds, topic: .control, recordOffset: entry.recordOffset,
            origin: .witness(entry.witness), decidedBy: entry), kind: .rule)
    }

    /// A rule that left its shadow: what fires unheard is told when the log is caught up with.
    private func untell(_ column: RuleColumn) {
        for index in 0..<column.cellCount(entities: entities.count) {
            let cell = column.cells + index
            guard cell.pointee.state == .firing || cell.pointee.state == .recovering, !cell.pointee.has(Cell.isTold) else { continue }
            cell.pointee.set(Cell.isUntold)
            column.time(index)
        }
    }

    /// A metric is a level: a rule about it holds from its publication on, not from the next change.
    private func readCurrentMetric(_ column: RuleColumn, _ entry: ControlEntry) {
        guard case .metric(let name) = column.version.definition.source, let number = metricNumbers[name] else { return }
        let metric = metrics[number]
        for entity in 0..<min(entities.count, metric.capacity) where metric.seen[entity].sequence >= 0 {
            evaluateMetric(column, metric, entity, isRule: entry)
        }
    }
}
