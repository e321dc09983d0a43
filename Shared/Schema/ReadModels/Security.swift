// Security: incidents and what would be lost. Levels are RAND's SL1 to SL5 (Securing AI Model Weights, 2024). Read next: Sites.swift.

extension ReadModels {
    /// One row per incident, field by field; without a status it is open.
    static let security = SQLObject(
        model: "security",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.security(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (incident text, severity bigint, asset text, status text, site text, organization text, attributed_to text, at timestamptz,
          confidence text, assertion text)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT e.subject, severity.value, \#(Clause.latest("security_incident_reported", "asset", of: "e.subject")),
            coalesce(\#(Clause.latest("security_incident_reported", "status", of: "e.subject")), 'open'),
            \#(Clause.latest("security_incident_reported", "site", of: "e.subject")),
            \#(Clause.latest("security_incident_reported", "organization", of: "e.subject")),
            \#(Clause.latest("security_incident_reported", "attributed_to", of: "e.subject")),
            first.at, \#(Clause.confidence("severity.confidence")), \#(Clause.assertion("severity.assertion"))
          FROM (SELECT DISTINCT subject FROM gigawatch.fact_security_incident_reported) e
          CROSS JOIN LATERAL (
            SELECT (SELECT f.occurred_at FROM gigawatch.fact_security_incident_reported f WHERE f.subject = e.subject AND \#(Clause.living("f"))
                    ORDER BY f.occurred_at, f.known_at, f.source, f.id LIMIT 1) AS at) first
          \#(Clause.level("security_incident_reported", "severity", of: "e.subject", as: "severity"))
          WHERE first.at IS NOT NULL
        $$;
        """#)

    /// One row per value of each dimension (severity, asset, status, attributed_to): incidents, how many open, and those of the last 365 days.
    static let securityTotals = SQLObject(
        model: "security_totals",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.security_totals(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (dimension text, value text, incidents bigint, open_incidents bigint, last_year_incidents bigint)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT d.dimension, d.value, count(*), count(*) FILTER (WHERE i.status = 'open'),
            count(*) FILTER (WHERE i.at > coalesce(as_of, now()) - interval '365 days')
          FROM gigawatch.security(as_of, as_known, as_recorded) i
          CROSS JOIN LATERAL (VALUES ('all', 'all'), ('severity', i.severity::text), ('asset', i.asset), ('status', i.status), ('attributed_to', i.attributed_to))
            d(dimension, value)
          GROUP BY d.dimension, d.value
        $$;
        """#)

    /// One row per site: its level (assessed for the site, else for its owner), its incidents, and the H100e that stand exposed: all of them while
    /// the level is unknown or below the parameter security_level_floor.
    static let siteSecurity = SQLObject(
        model: "site_security",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.site_security(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (site text, owner text, security_level bigint, h100e double precision, exposed_h100e double precision, incidents bigint,
          open_incidents bigint, last_year_incidents bigint)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT s.site, s.owner, level.value, s.h100e,
            CASE WHEN level.value >= (SELECT p.value FROM gigawatch.parameter p WHERE p.name = 'security_level_floor') THEN 0 ELSE s.h100e END,
            i.incidents, i.open_incidents, i.last_year_incidents
          FROM gigawatch.sites(as_of, as_known, as_recorded) s
          CROSS JOIN LATERAL (SELECT coalesce(\#(Clause.latest("security_posture_assessed", "level", of: "s.site")),
            \#(Clause.latest("security_posture_assessed", "level", of: "s.owner"))) AS value) level
          CROSS JOIN LATERAL (
            SELECT count(*) AS incidents, count(*) FILTER (WHERE i.status = 'open') AS open_incidents,
              count(*) FILTER (WHERE i.at > coalesce(as_of, now()) - interval '365 days') AS last_year_incidents
            FROM (SELECT DISTINCT f.subject FROM gigawatch.fact_security_incident_reported f WHERE f.site = s.site) c
            CROSS JOIN LATERAL (SELECT x.* FROM gigawatch.security(as_of, as_known, as_recorded) x WHERE x.incident = c.subject OFFSET 0) i
            WHERE i.site = s.site) i
        $$;
        """#)
}
