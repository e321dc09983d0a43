// The build-out's other questions: chips on their way, training runs, rising targets, slipping dates, incidents, who owns what, and what changed
// between two days of knowledge.

extension ReadModel {
    private static let days = "days"

    public static let fleet = ReadModel(
        name: "fleet", path: "/v1/fleet", meaning: "Chips by owner, kind and stage, and how long they take on their way.",
        source: "gigawatch.fleet({as_of}, {as_known}, {as_recorded})", hasClocks: true,
        columns: [
            Column("owner", .identifier, heading: "owner", "Who owns them."), Column("chip", .identifier, heading: "chip", "Which chip."),
            Column("stage", .text, heading: "stage", "ordered, shipped, delivered, installed, cancelled or retired."),
            Column("units", .integer, unit: "chips", heading: "units", "How many stand there."),
            Column("h100e", .number(decimals: 0), unit: "H100e", heading: "compute", "In H100 equivalents."),
            Column("unknown_h100e", .integer, unit: "batches", "Batches whose chip has no known rate."),
            Column("batches", .integer, heading: "batches", "How many batches."),
            Column("late_batches", .integer, heading: "late", "Batches past their due day and not delivered."),
            Column("ordered_to_delivered_median_days", .number(decimals: 0), unit: days, heading: "to delivery", "Median from order to delivery."),
            Column("ordered_to_delivered_p90_days", .number(decimals: 0), unit: days, "90th percentile of it."),
            Column(
                "delivered_to_installed_median_days", .number(decimals: 0), unit: days, heading: "to installation",
                "Median from delivery to installation."),
            Column("delivered_to_installed_p90_days", .number(decimals: 0), unit: days, "90th percentile of it."), .confidence, .assertion,
        ],
        filters: [.anyOf("owner", "Of one of these owners."), .anyOf("chip", "One of these chips."), .anyOf("stage", "In one of these stages.")],
        sort: [SortKey("coalesce(r.owner, '')", "text"), SortKey("coalesce(r.chip, '')", "text"), SortKey("coalesce(r.stage, '')", "text")])

    public static let fleetBatches = ReadModel(
        name: "fleet_batches", path: "/v1/fleet/batches", meaning: "Each batch of chips with its stages.",
        source: "gigawatch.fleet_batches({as_of}, {as_known}, {as_recorded})", hasClocks: true,
        columns: [
            Column("batch", .identifier, heading: "batch", "The batch's id."), Column("owner", .identifier, heading: "owner", "Who owns it."),
            Column("supplier", .identifier, "Who supplies it."), Column("chip", .identifier, heading: "chip", "Which chip."),
            Column("site", .identifier, heading: "site", "Where it goes."), Column("due_on", .day, heading: "due", "Day on which it is due."),
            Column("ordered_units", .integer, unit: "chips", heading: "ordered", "Ordered."),
            Column("shipped_units", .integer, unit: "chips", "Shipped."),
            Column("delivered_units", .integer, unit: "chips", heading: "delivered", "Delivered."),
            Column("installed_units", .integer, unit: "chips", heading: "installed", "Installed."),
            Column("retired_units", .integer, unit: "chips", "Retired."),
            Column("cancelled_units", .integer, unit: "chips", heading: "cancelled", "Cancelled."),
            Column("h100e_per_unit", .number(decimals: 3), unit: "H100e", "One chip in H100 equivalents."),
            Column("ordered_at", .instant, "When it was ordered."),
            Column("delivered_at", .instant, "When the last was delivered."), Column("installed_at", .instant, "When the last was installed."),
            Column("late", .boolean, heading: "late", "Past its due day and not delivered."), .confidence, .assertion,
        ],
        filters: [
            .anyOf("owner", "Of one of these owners."), .anyOf("chip", "Of one of these chips."), .anyOf("site", "For one of these sites."),
            Filter("late", .boolean, "coalesce(r.late, false) = ?::boolean", "true or false."),
        ],
        sort: [SortKey("r.batch", "text")])

    public static let compute = ReadModel(
        name: "compute", path: "/v1/compute", meaning: "Trained models by their training compute, the latest first, and how fast the frontier moves.",
        source: "gigawatch.compute({as_of}, {as_known}, {as_recorded})", hasClocks: true,
        columns: [
            Column("model", .identifier, heading: "model", "The model."),
            Column("organization", .identifier, heading: "organisation", "Who trained it."),
            Column("at", .instant, heading: "when", "When."),
            Column(
                "training_flop", .number(decimals: 0), unit: "FLOP", heading: "training", scale: 1e-24, shownUnit: "1e24 FLOP",
                "Operations of the training run."),
            Column("site", .identifier, heading: "site", "Where."),
            Column("training_power_mw", .number(decimals: 1), unit: "MW", heading: "power", "Power that the run drew."),
            Column("frontier", .boolean, heading: "frontier", "It was the largest run so far."),
            Column("frontier_flop", .number(decimals: 0), unit: "FLOP", "The largest run at its time."),
            .confidence, .assertion,
        ],
        filters: [
            .anyOf("organization", "Of one of these organisations."),
            Filter("frontier", .boolean, "coalesce(r.frontier, false) = ?::boolean", "Only runs that were the largest."),
        ],
        sort: [SortKey("coalesce(r.at, '-infinity')", "timestamptz", descending: true), SortKey("r.model", "text")],
        totals: "SELECT row_to_json(t) FROM gigawatch.compute_totals({as_of}, {as_known}, {as_recorded}) t",
        totalColumns: [
            Column("models", .integer, heading: "models", "How many."),
            Column("frontier_model", .identifier, heading: "frontier", "The largest run."),
            Column("orders_per_year", .number(decimals: 2), heading: "orders of magnitude a year", "How fast the frontier moves."),
            Column("doubling_days", .number(decimals: 0), unit: days, heading: "doubles in", "Doubling time."),
        ])

    public static let targets = ReadModel(
        name: "targets", path: "/v1/targets",
        meaning: "Each organisation's targets and how much each one rose over the one before, the latest first.",
        source: "gigawatch.targets({as_of}, {as_known}, {as_recorded})", hasClocks: true,
        columns: [
            Column("organization", .identifier, heading: "organisation", "Who."),
            Column("quantity", .text, heading: "quantity", "facility_power_mw, h100e, capital_usd or units."),
            Column("at", .instant, heading: "set", "When it was set."),
            Column("value", .number(decimals: 1), heading: "target", "The value aimed at, in the quantity's unit."),
            Column("due_on", .day, heading: "due", "By when."), Column("statement", .text, "The words."),
            Column("previous_value", .number(decimals: 1), heading: "before", "The target before."),
            Column("factor", .number(decimals: 2), heading: "times", "New / old."),
            Column("log10_rise", .number(decimals: 2), "Zeros added: log10 of the factor."),
            Column("days_between", .number(decimals: 0), unit: days, heading: "after", "Since the one before."),
            Column("log10_per_half_year", .number(decimals: 2), heading: "zeros per half year", "Zeros added per half year (182.625 days)."),
            Column("latest", .boolean, heading: "latest", "The newest of its ladder."), .confidence, .assertion,
        ],
        filters: [
            .anyOf("organization", "Of one of these organisations."), .anyOf("quantity", "Of one of these quantities."),
            Filter("latest", .boolean, "r.latest = ?::boolean", "Only the newest of each."),
        ],
        sort: [
            SortKey("coalesce(r.at, '-infinity')", "timestamptz", descending: true), SortKey("r.organization", "text"), SortKey("r.quantity", "text"),
            SortKey("coalesce(r.value, 0)", "double precision"),
        ])

    public static let slippage = ReadModel(
        name: "slippage", path: "/v1/slippage", meaning: "How far each site slipped from the first day on which it was expected to have power.",
        source: "gigawatch.slippage({as_of}, {as_known}, {as_recorded})", hasClocks: true,
        columns: [
            Column("site", .identifier, heading: "site", "The site."), Column("owner", .identifier, heading: "owner", "Its owner."),
            Column("status", .text, heading: "status", "Its state."),
            Column("first_expected_on", .day, heading: "first expected", "The first expectation."),
            Column("first_expected_at", .instant, "When that was said."),
            Column("expected_on", .day, heading: "expected", "The present expectation."),
            Column("energized_on", .day, heading: "energized", "The first day with power."),
            Column("slip_days", .integer, unit: days, heading: "slip", "Days later than first expected."),
            Column("cancelled", .boolean, "Cancelled or retired: counted apart."),
            .confidence, .assertion,
        ],
        filters: [.anyOf("owner", "Of one of these owners."), .anyOf("site", "These sites."), .anyOf("status", "In one of these states.")],
        sort: [SortKey("coalesce(r.slip_days, -1000000)", "integer", descending: true), SortKey("r.site", "text")],
        totals:
            "SELECT coalesce(json_agg(row_to_json(t) ORDER BY t.owner), '[]'::json) FROM gigawatch.slippage_totals({as_of}, {as_known}, {as_recorded}) t"
    )

    public static let security = ReadModel(
        name: "security", path: "/v1/security", meaning: "Incidents: weights, algorithms, hardware, facilities and grids, the latest first.",
        source: "gigawatch.security({as_of}, {as_known}, {as_recorded})", hasClocks: true,
        columns: [
            Column("incident", .identifier, heading: "incident", "The incident's id."), Column("at", .instant, heading: "when", "When."),
            Column("severity", .integer, heading: "severity", "1 (slight) to 4."),
            Column("asset", .text, heading: "asset", "weights, algorithms, hardware, facility or grid."),
            Column("status", .text, heading: "status", "open, contained or closed."), Column("site", .identifier, heading: "site", "Where."),
            Column("organization", .identifier, heading: "organisation", "Whose."),
            Column("attributed_to", .text, heading: "attributed to", "To whom it is attributed."),
            .confidence, .assertion,
        ],
        filters: [
            .anyOf("asset", "Of one of these assets."), .anyOf("status", "open, contained or closed."),
            .anyOf("organization", "At one of these organisations."),
            Filter("min_severity", .integer, "r.severity >= ?::bigint", "At least this severity."),
        ],
        sort: [SortKey("coalesce(r.at, '-infinity')", "timestamptz", descending: true), SortKey("r.incident", "text")],
        totals:
            "SELECT coalesce(json_agg(row_to_json(t) ORDER BY t.dimension, t.value), '[]'::json) FROM gigawatch.security_totals({as_of}, {as_known}, {as_recorded}) t"
    )

    public static let siteSecurity = ReadModel(
        name: "site_security", path: "/v1/security/sites", meaning: "Security level and exposed compute per site.",
        source: "gigawatch.site_security({as_of}, {as_known}, {as_recorded})", hasClocks: true,
        columns: [
            Column("site", .identifier, heading: "site", "The site."), Column("owner", .identifier, heading: "owner", "Its owner."),
            Column("security_level", .integer, heading: "level", "Assessed level, 1 to 5 (RAND's SL1 to SL5)."),
            Column("h100e", .number(decimals: 0), unit: "H100e", heading: "compute", "H100 equivalents there."),
            Column(
                "exposed_h100e", .number(decimals: 0), unit: "H100e", heading: "exposed", "All of it while the level is unknown or below the floor."),
            Column("incidents", .integer, heading: "incidents", "All incidents."), Column("open_incidents", .integer, heading: "open", "Open ones."),
            Column("last_year_incidents", .integer, "Of the last 365 days."),
        ],
        filters: [.anyOf("site", "These sites."), .anyOf("owner", "Of one of these owners.")],
        sort: [SortKey("coalesce(r.exposed_h100e, -1)", "double precision", descending: true), SortKey("r.site", "text")])

    public static let sovereignty = ReadModel(
        name: "sovereignty", path: "/v1/sovereignty",
        meaning: "Shares of compute and power by country: where it stands, whose owner it is, where the chips come from.",
        source: "gigawatch.sovereignty({as_of}, {as_known}, {as_recorded})", hasClocks: true,
        columns: [
            Column("dimension", .text, heading: "by", "location, owner or chip."),
            Column("country", .identifier, heading: "country", "ISO 3166-1 alpha-2 code."),
            Column("h100e", .number(decimals: 0), unit: "H100e", heading: "compute", "H100 equivalents."),
            Column("h100e_share", .share, heading: "share", "Of all whose country is known."),
            Column("h100e_share_low", .share, heading: "at least", "When all that is unknown belongs to others."),
            Column("h100e_share_high", .share, heading: "at most", "When all that is unknown belongs here."),
            Column("mw", .number(decimals: 0), unit: "MW", heading: "power", "Facility power."),
            Column("mw_share", .share, heading: "share of power", "Of all whose country is known."),
            Column("mw_share_low", .share, "When all that is unknown belongs to others."),
            Column("mw_share_high", .share, "When all that is unknown belongs here."),
            Column("unknown_h100e", .number(decimals: 0), unit: "H100e", "Compute whose country is not known."),
            Column("unknown_mw", .number(decimals: 0), unit: "MW", "Power whose country is not known."),
        ],
        filters: [.anyOf("dimension", "location, owner or chip."), .anyOf("country", "One of these countries.")],
        sort: [
            SortKey("r.dimension", "text"), SortKey("coalesce(r.h100e, -1)", "double precision", descending: true),
            SortKey("coalesce(r.country, '')", "text"),
        ])

    public static let changes = ReadModel(
        name: "changes", path: "/v1/changes", meaning: "What became known between two days: added, restated, withdrawn.",
        source: "gigawatch.changes({from}, {to})", hasClocks: false,
        columns: [
            Column("known_at", .instant, heading: "known", "When we were told."),
            Column("change", .text, heading: "change", "added, restated or withdrawn."),
            Column("type", .text, heading: "type", "Event type."), Column("subject", .identifier, heading: "subject", "The entity."),
            Column("occurred_at", .instant, heading: "true at", "When it was true."), Column("data", .json, heading: "data", "What is said now."),
            Column("previous_data", .json, heading: "before", "What was said before."),
            Column("reason", .text, heading: "reason", "Why it was withdrawn."),
            Column("source", .text, "Who says so."), Column("id", .text, "The event's id."),
            Column("previous_id", .text, "The event that it corrects."),
        ],
        filters: [
            .argument("from", .instant(throughEnd: false), "timestamptz", "Known after this day or instant begins (default: ever)."),
            .argument("to", .instant(throughEnd: true), "timestamptz", "Known by this day or instant (default: now)."),
            .anyOf("change", "added, restated or withdrawn."), .anyOf("type", "Of one of these event types."),
            .anyOf("subject", "About one of these entities."),
        ],
        sort: [
            SortKey("r.known_at", "timestamptz", descending: true), SortKey("r.source", "text"), SortKey("r.id", "text"), SortKey("r.change", "text"),
        ])
}
