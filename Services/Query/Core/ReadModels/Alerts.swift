// Alerts and the rules behind them. Alerting keeps the present state; each transition names what decided it.

extension ReadModel {
    private static let alertColumns: [Column] = [
        Column("rule", .identifier, heading: "rule", "The rule."),
        Column("state", .text, heading: "state", "inactive, pending, firing, recovering, resolved, no_data or error."),
        Column("level", .text, heading: "level", "The level it has reached."),
        Column("entity", .identifier, heading: "entity", "The entity that it is about."),
        Column("value", .number(decimals: 3), heading: "value", "The value that decided."),
        Column("threshold", .number(decimals: 3), heading: "threshold", "The threshold it was compared with."),
        Column("event_at", .instant, heading: "since", "Time of the event that decided."),
        Column("started_at", .instant, heading: "began", "When it began firing, the last time."),
        Column("fingerprint", .identifier, heading: "fingerprint", "Its identity."), Column("rule_version", .identifier, "Version of the rule."),
        Column("route", .identifier, "The route by which it is told."), Column("owner", .text, "Who owns the rule."),
        Column("labels", .json, "Labels."), Column("annotations", .json, "Annotations."),
        Column("from_state", .text, "The state before."), Column("accepted_at", .instant, "When the log took the deciding event."),
        Column("topic", .text, "Where the deciding event is."), Column("partition", .identifier, "Its partition."),
        Column("record_offset", .identifier, "Its offset."),
        Column("event_source", .text, "Who sent it."), Column("event_id", .text, "Its id."), Column("transition", .text, "Id of the transition."),
        Column("ordinal", .identifier, "Number of the transition."),
    ]

    private static let alertRows = """
        SELECT a.rule, a.state, a.level, coalesce(a.labels->>'subject', a.labels->>'entity', a.labels->>'site', a.labels->>'region') AS entity,
          a.value, a.threshold, a.changed_at AS event_at, a.started_at, a.fingerprint, a.rule_version, a.labels, a.annotations, a.route, a.owner,
          t.from_state, a.accepted_at, t.topic, t.partition, t.record_offset, t.event_source, t.event_id, a.transition, coalesce(t.ordinal, 0) AS ordinal
        FROM gigawatch.alert_state a LEFT JOIN gigawatch.alert_transition t ON t.id = a.transition
        """

    public static let alerts = ReadModel(
        name: "alerts", path: "/v1/alerts", meaning: "Each alert with its present state, the latest first.",
        source: "(" + alertRows + ")", hasClocks: false, columns: alertColumns,
        filters: [
            .anyOf("state", "In one of these states."), .anyOf("rule", "Of one of these rules."), .anyOf("entity", "About one of these entities."),
            .anyOf("level", "At one of these levels."),
            Filter(
                "active", .boolean, "(r.state IN ('pending', 'firing', 'recovering', 'no_data', 'error')) = ?::boolean",
                "true: only those that are not over."),
        ],
        sort: [SortKey("r.ordinal", "bigint", descending: true)],
        totals: """
            SELECT json_build_object('alerts', count(*), 'firing', count(*) FILTER (WHERE state = 'firing'), 'pending', count(*) FILTER (WHERE state = 'pending'))
            FROM gigawatch.alert_state
            """,
        totalColumns: [
            Column("alerts", .integer, heading: "alerts", "All alerts."), Column("firing", .integer, heading: "firing", "Firing now."),
            Column("pending", .integer, heading: "pending", "Pending now."),
        ])

    public static let alert = ReadModel(
        name: "alert", path: "/v1/alerts/{id}", shape: .item, meaning: "One alert with its transitions, each with the event that decided.",
        source: """
            (SELECT a.*, (SELECT json_agg(json_build_object('id', h.id, 'from_state', h.from_state, 'to_state', h.to_state, 'level', h.level, 'value', h.value,
                'threshold', h.threshold, 'event_at', h.event_at, 'accepted_at', h.accepted_at, 'kind', h.kind, 'topic', h.topic, 'partition', h.partition,
                'record_offset', h.record_offset, 'event_id', h.event_id) ORDER BY h.ordinal)
               FROM (SELECT * FROM gigawatch.alert_transition h WHERE h.fingerprint = a.fingerprint ORDER BY h.ordinal DESC LIMIT 500) h) AS transitions
             FROM (\(alertRows) WHERE a.fingerprint = {id}) a)
            """,
        hasClocks: false, columns: alertColumns + [Column("transitions", .json, "Its transitions, the first first (the last 500).")],
        sort: [SortKey("r.fingerprint", "text")])

    public static let transitions = ReadModel(
        name: "transitions", path: "/v1/transitions", meaning: "Every transition of every alert, the latest first.",
        source: """
            (SELECT t.ordinal, t.event_at, t.rule, t.from_state, t.to_state, t.level, t.value, t.threshold, t.fingerprint, t.labels, t.kind, t.topic, t.partition,
               t.record_offset, t.event_id, t.id FROM gigawatch.alert_transition t)
            """,
        hasClocks: false,
        columns: [
            Column("event_at", .instant, heading: "when", "Time of the event that decided."),
            Column("rule", .identifier, heading: "rule", "The rule."),
            Column("from_state", .text, heading: "from", "The state before."), Column("to_state", .text, heading: "to", "The state after."),
            Column("level", .text, heading: "level", "The level."),
            Column("value", .number(decimals: 3), heading: "value", "The value that decided."),
            Column("threshold", .number(decimals: 3), heading: "threshold", "What it was compared with."),
            Column("fingerprint", .identifier, heading: "fingerprint", "The alert."), Column("kind", .text, "Kind of transition."),
            Column("labels", .json, "Labels."), Column("topic", .text, "Where the deciding event is."),
            Column("partition", .identifier, "Its partition."),
            Column("record_offset", .identifier, "Its offset."), Column("event_id", .text, "Its id."), Column("id", .text, "Id of the transition."),
            Column("ordinal", .identifier, "Number of the transition."),
        ],
        filters: [
            .anyOf("rule", "Of one of these rules."), .anyOf("fingerprint", "Of one of these alerts."),
            .anyOf("to_state", "Into one of these states."),
        ],
        sort: [SortKey("r.ordinal", "bigint", descending: true)])

    public static let rules = ReadModel(
        name: "rules", path: "/v1/rules", meaning: "The rules in force, each in its latest version.",
        source: """
            (SELECT v.rule, v.version, v.mode, v.retired, v.published_at, v.definition, v.text,
               coalesce(v.definition->>'on', 'metric: ' || (v.definition->>'metric')) AS reads,
               (SELECT count(*) FROM gigawatch.alert_state s WHERE s.rule = v.rule AND s.state = 'firing') AS firing
             FROM (SELECT DISTINCT ON (rule) * FROM gigawatch.rule_version ORDER BY rule, version DESC) v)
            """,
        hasClocks: false,
        columns: [
            Column("rule", .identifier, heading: "rule", "The rule's id."), Column("version", .identifier, heading: "version", "Its version."),
            Column("mode", .text, heading: "mode", "enabled, shadow or disabled."),
            Column("reads", .text, heading: "reads", "The event type or metric that it reads."),
            Column("firing", .integer, unit: "alerts", heading: "firing", "Its alerts that fire now."),
            Column("retired", .boolean, heading: "retired", "No longer in force."),
            Column("published_at", .instant, heading: "published", "Since when."), Column("definition", .json, "The rule."),
            Column("text", .text, "As it was written."),
        ],
        filters: [
            .anyOf("rule", "These rules."), .anyOf("mode", "enabled, shadow or disabled."),
            Filter("retired", .boolean, "r.retired = ?::boolean", "true or false."),
        ],
        sort: [SortKey("r.rule", "text")])
}
