// What the deriver asks: the figures of some entities now, which other entities a change reaches, and when a figure changes by the passing of
// time alone. They call the read models and define no figure of their own. plpgsql on purpose: only the branch that is asked for is planned,
// and its plan is kept by the session. Read next: Sites.swift and the other models.

extension ReadModels {
    /// Metric names are `<model>.<quantity>_<unit>`; the entity is what the metric is keyed by, its labels are texts that help to route an alert.
    /// An unknown figure is a row with null; values have 15 digits, so that the order of an addition makes no
    /// change. Kinds: site, plant, region, organization, country, scenario (entity: the series), world.
    static let metricValues = SQLObject(
        "metric_values",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.metric_values(kind text, entities text[], as_of timestamptz DEFAULT NULL)
        RETURNS TABLE (metric text, entity text, labels jsonb, value double precision)
        LANGUAGE plpgsql STABLE AS $$
        #variable_conflict use_column
        BEGIN
          IF kind = 'site' THEN
            RETURN QUERY
              SELECT m.metric, s.site, jsonb_strip_nulls(jsonb_build_object('site', s.site, 'owner', s.owner, 'operator', s.operator,
                'country', s.country, 'region', s.region, 'status', s.status)), m.value::numeric::double precision
              FROM gigawatch.sites(as_of, NULL, NULL) s
              CROSS JOIN LATERAL (VALUES ('sites.facility_power_mw', s.facility_power_mw), ('sites.it_power_mw', s.it_power_mw),
                ('sites.h100e', s.h100e), ('sites.capital_cost_usd', s.capital_cost_usd::double precision),
                ('sites.planned_facility_power_mw', s.planned_facility_power_mw)) m(metric, value)
              WHERE s.site = ANY (entities);
            RETURN QUERY
              SELECT m.metric, l.site, jsonb_strip_nulls(jsonb_build_object('site', l.site, 'region', l.region)), m.value::numeric::double precision
              FROM gigawatch.site_limits(as_of, NULL, NULL) l
              CROSS JOIN LATERAL (VALUES ('contracts.site_limit_mw', l.site_limit_mw), ('contracts.delivery_mw', l.delivery_mw),
                ('contracts.behind_the_meter_mw', l.behind_the_meter_mw)) m(metric, value)
              WHERE l.site = ANY (entities);
            RETURN QUERY
              SELECT m.metric, l.site, jsonb_strip_nulls(jsonb_build_object('site', l.site, 'owner', l.owner)), m.value::numeric::double precision
              FROM gigawatch.slippage(as_of, NULL, NULL) l
              CROSS JOIN LATERAL (VALUES ('slippage.slip_days', l.slip_days::double precision)) m(metric, value)
              WHERE l.site = ANY (entities) AND l.first_expected_on IS NOT NULL;
            RETURN QUERY
              SELECT m.metric, l.site, jsonb_strip_nulls(jsonb_build_object('site', l.site)), m.value::numeric::double precision
              FROM gigawatch.site_security(as_of, NULL, NULL) l
              CROSS JOIN LATERAL (VALUES ('security.incidents_count', l.incidents::double precision),
                ('security.exposed_h100e', l.exposed_h100e)) m(metric, value)
              WHERE l.site = ANY (entities);
          ELSIF kind = 'plant' THEN
            RETURN QUERY
              SELECT m.metric, p.plant, jsonb_strip_nulls(jsonb_build_object('plant', p.plant, 'region', p.region)), m.value::numeric::double precision
              FROM gigawatch.plant_commitments(as_of, NULL, NULL) p
              CROSS JOIN LATERAL (VALUES ('contracts.double_commitment_mw', p.double_commitment_mw), ('contracts.firm_mw', p.firm_mw),
                ('contracts.plant_operating_mw', p.operating_mw)) m(metric, value)
              WHERE p.plant = ANY (entities);
          ELSIF kind = 'region' THEN
            RETURN QUERY
              SELECT m.metric, r.region, jsonb_strip_nulls(jsonb_build_object('region', r.region, 'country', r.country, 'parent', r.parent)), m.value::numeric::double precision
              FROM gigawatch.regions(as_of, NULL, NULL) r
              CROSS JOIN LATERAL (VALUES ('regions.gap_mw', r.gap_mw), ('regions.need_mw', r.need_mw), ('regions.firm_mw', r.firm_mw),
                ('regions.peak_demand_mw', r.peak_demand_mw), ('regions.load_mw', r.load_mw), ('regions.added_load_mw', r.added_load_mw),
                ('regions.contracted_mw', r.contracted_mw), ('regions.uncontracted_load_mw', r.uncontracted_load_mw)) m(metric, value)
              WHERE r.region = ANY (entities);
          ELSIF kind = 'scenario' THEN
            RETURN QUERY
              SELECT m.metric, s.series, jsonb_strip_nulls(jsonb_build_object('series', s.series, 'entity', s.entity, 'unit', s.unit)), m.value::numeric::double precision
              FROM gigawatch.scenario(as_of, NULL, NULL) s
              CROSS JOIN LATERAL (VALUES ('scenario.observed_value', s.observed_value), ('scenario.ahead_months', round(s.months_ahead::numeric, 2)::double precision))
                m(metric, value)
              WHERE s.series = ANY (entities);
          ELSIF kind = 'organization' THEN
            RETURN QUERY
              SELECT 'revenue.' || r.kind || '_run_rate_usd', r.organization, jsonb_build_object('organization', r.organization, 'kind', r.kind),
                r.run_rate_usd::double precision
              FROM gigawatch.revenue(as_of, NULL, NULL) r WHERE r.organization = ANY (entities);
            RETURN QUERY
              SELECT m.metric, c.organization, jsonb_build_object('organization', c.organization), m.value::numeric::double precision
              FROM (SELECT c.organization,
                  sum((c.low_usd + c.high_usd) / 2) FILTER (WHERE c.nature IN ('commitment', 'contract', 'guidance'))::double precision AS committed,
                  sum(c.high_usd) FILTER (WHERE c.nature = 'spent')::double precision AS spent
                FROM gigawatch.capital(as_of, NULL, NULL) c
                WHERE c.organization = ANY (entities) AND c.year = extract(year FROM coalesce(as_of, now()) AT TIME ZONE 'UTC')
                GROUP BY c.organization) c
              CROSS JOIN LATERAL (VALUES ('capital.committed_usd', c.committed), ('capital.spent_usd', c.spent)) m(metric, value);
            RETURN QUERY
              SELECT m.metric, t.organization, jsonb_build_object('organization', t.organization), m.value::numeric::double precision
              FROM (SELECT t.organization, max(t.factor) FILTER (WHERE t.latest) AS factor, max(t.days_between) FILTER (WHERE t.latest) AS days
                FROM gigawatch.targets(as_of, NULL, NULL) t WHERE t.organization = ANY (entities) GROUP BY t.organization) t
              CROSS JOIN LATERAL (VALUES ('targets.raise_factor', t.factor), ('targets.since_last_days', t.days)) m(metric, value);
            RETURN QUERY
              SELECT 'market.value_usd', v.organization, jsonb_build_object('organization', v.organization), v.usd::double precision
              FROM gigawatch.market_value(as_of, NULL, NULL) v WHERE v.organization = ANY (entities);
          ELSIF kind = 'country' THEN
            RETURN QUERY
              SELECT m.metric, e.country, jsonb_build_object('country', e.country), m.value::numeric::double precision
              FROM gigawatch.electricity(as_of, NULL, NULL) e
              CROSS JOIN LATERAL (VALUES ('electricity.ai_share', e.ai_share), ('electricity.growth_needed_share', e.growth_needed)) m(metric, value)
              WHERE e.country = ANY (entities);
            RETURN QUERY
              SELECT m.metric, s.country, jsonb_build_object('country', s.country), m.value::numeric::double precision
              FROM gigawatch.sovereignty(as_of, NULL, NULL) s
              CROSS JOIN LATERAL (VALUES ('sovereignty.' || s.dimension || '_h100e_share', s.h100e_share),
                ('sovereignty.' || s.dimension || '_mw_share', s.mw_share)) m(metric, value)
              WHERE s.country = ANY (entities);
          ELSIF kind = 'world' THEN
            RETURN QUERY
              SELECT m.metric, 'world'::text, '{}'::jsonb, m.value::numeric::double precision
              FROM gigawatch.site_totals(as_of, NULL, NULL) t
              CROSS JOIN LATERAL (VALUES ('sites.seen_count', t.sites_seen::double precision), ('sites.energized_count', t.sites_energized::double precision),
                ('sites.total_facility_power_mw', t.facility_power_mw), ('sites.total_h100e', t.h100e),
                ('sites.total_capital_cost_usd', t.capital_cost_usd::double precision)) m(metric, value);
            RETURN QUERY
              SELECT 'revenue.total_' || r.kind || '_run_rate_usd', 'world'::text, jsonb_build_object('kind', r.kind), r.run_rate_usd::double precision
              FROM gigawatch.revenue_totals(as_of, NULL, NULL) r;
            RETURN QUERY
              SELECT 'capital.coverage_share', 'world'::text, '{}'::jsonb, r.coverage FROM gigawatch.revenue_totals(as_of, NULL, NULL) r WHERE r.kind = 'ai';
            RETURN QUERY
              SELECT 'compute.frontier_flop', 'world'::text, '{}'::jsonb, max(c.frontier_flop) FROM gigawatch.compute(as_of, NULL, NULL) c;
          END IF;
        END
        $$;
        COMMENT ON FUNCTION gigawatch.metric_values(text, text[], timestamptz) IS
          'The metrics of these entities of a kind, from the read models as of an instant (null: now), as known now.';
        """#)

    /// The entities whose figures may change when something about one entity did, itself among them. More than needed is harmless: a figure that
    /// did not change is not published.
    static let affected = SQLObject(
        "affected",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.region_ancestors(bottom text[]) RETURNS TABLE (region text)
        LANGUAGE sql STABLE PARALLEL SAFE ROWS 3 AS $$
          WITH RECURSIVE above(region) AS (
            SELECT b.region COLLATE "C" FROM unnest(bottom) b(region)
            UNION SELECT r.parent FROM above a JOIN gigawatch.fact_region_registered r ON r.subject = a.region WHERE r.parent IS NOT NULL
          )
          SELECT a.region FROM above a
        $$;

        -- Shares of a country, the scenario and the totals depend on every site: once for all entities of these kinds.
        CREATE OR REPLACE FUNCTION gigawatch.affected_everywhere(kinds text[]) RETURNS TABLE (kind text, entity text)
        LANGUAGE sql STABLE AS $$
          SELECT 'country', c.country FROM (
            SELECT f.country FROM gigawatch.fact_site_status_changed f WHERE f.country IS NOT NULL
            UNION SELECT f.country FROM gigawatch.fact_organization_registered f WHERE f.country IS NOT NULL
            UNION SELECT f.fab_country FROM gigawatch.fact_chip_specified f WHERE f.fab_country IS NOT NULL
            UNION SELECT f.subject FROM gigawatch.fact_electricity_year_reported f) c
          WHERE kinds && ARRAY['site', 'chip', 'organization', 'unit', 'region']
          UNION ALL SELECT 'scenario', l.series FROM (SELECT DISTINCT l.series FROM gigawatch.ladder l) l
          WHERE kinds && ARRAY['site', 'chip', 'organization', 'country', 'model', 'unit']
          UNION ALL SELECT 'world', 'world' WHERE kinds && ARRAY['site', 'chip', 'organization', 'country', 'model', 'unit']
        $$;

        CREATE OR REPLACE FUNCTION gigawatch.affected(of_kind text, of_entity text)
        RETURNS TABLE (kind text, entity text)
        LANGUAGE plpgsql STABLE AS $$
        #variable_conflict use_column
        DECLARE
          sites text[] := '{}';
          regions text[] := '{}';
          plants text[] := '{}';
        BEGIN
          CASE of_kind
            WHEN 'site' THEN sites := ARRAY[of_entity];
            WHEN 'region' THEN regions := ARRAY[of_entity];
            WHEN 'plant' THEN plants := ARRAY[of_entity];
            WHEN 'chip' THEN
              SELECT coalesce(array_agg(DISTINCT f.subject), '{}') INTO sites FROM gigawatch.fact_site_chips_reported f
              WHERE f.chip = of_entity OR f.chip IN (SELECT c.name FROM gigawatch.fact_chip_specified c WHERE c.subject = of_entity
                UNION SELECT unnest(c.aliases) FROM gigawatch.fact_chip_specified c WHERE c.subject = of_entity);
            WHEN 'contract' THEN
              -- A member changes what its framework counts, and with it the framework's site.
              SELECT coalesce(array_agg(DISTINCT f.site) FILTER (WHERE f.site IS NOT NULL), '{}'), coalesce(array_agg(DISTINCT f.region) FILTER (WHERE f.region IS NOT NULL), '{}'),
                coalesce(array_agg(DISTINCT f.plant) FILTER (WHERE f.plant IS NOT NULL), '{}')
              INTO sites, regions, plants
              FROM gigawatch.fact_power_contract_changed f
              WHERE f.subject = of_entity OR f.subject IN (SELECT p.part_of FROM gigawatch.fact_power_contract_changed p WHERE p.subject = of_entity);
            WHEN 'unit' THEN
              SELECT coalesce(array_agg(DISTINCT f.region), '{}'), coalesce(array_agg(DISTINCT f.plant), '{}') INTO regions, plants
              FROM gigawatch.fact_generation_changed f WHERE f.subject = of_entity;
            ELSE NULL;
          END CASE;
          sites := sites || ARRAY(SELECT DISTINCT f.parent_site FROM gigawatch.fact_site_status_changed f WHERE f.subject = ANY (sites) AND f.parent_site IS NOT NULL);
          regions := regions || ARRAY(SELECT DISTINCT f.region FROM gigawatch.fact_site_status_changed f WHERE f.subject = ANY (sites) AND f.region IS NOT NULL)
            || ARRAY(SELECT DISTINCT f.region FROM gigawatch.fact_generation_changed f WHERE f.plant = ANY (plants) AND f.region IS NOT NULL);

          RETURN QUERY SELECT of_kind, of_entity;
          RETURN QUERY SELECT DISTINCT 'site'::text, s.site FROM unnest(sites) s(site) WHERE of_kind <> 'site' OR s.site <> of_entity;
          RETURN QUERY SELECT DISTINCT 'plant'::text, p.plant FROM unnest(plants) p(plant) WHERE of_kind <> 'plant' OR p.plant <> of_entity;
          RETURN QUERY SELECT 'region'::text, r.region FROM gigawatch.region_ancestors(regions) r WHERE of_kind <> 'region' OR r.region <> of_entity;
          RETURN QUERY SELECT g.kind, g.entity FROM gigawatch.affected_everywhere(ARRAY[of_kind]) g;
        END
        $$;
        COMMENT ON FUNCTION gigawatch.affected(text, text) IS 'Entities whose metrics may change when something about this one did; itself first.';
        """#)

    /// When the figures of these entities change next by time alone: a fact with a time in the future comes true, a contract starts or ends, a unit's
    /// status takes effect. Entities without such a day have no row; the scenario moves with every day.
    static let nextChange = SQLObject(
        "next_change",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.next_change(of_kind text, entities text[])
        RETURNS TABLE (kind text, entity text, at timestamptz)
        LANGUAGE plpgsql STABLE AS $$
        #variable_conflict use_column
        DECLARE
          today CONSTANT date := (now() AT TIME ZONE 'UTC')::date;
          midnight CONSTANT timestamptz := (today + 1)::timestamp AT TIME ZONE 'UTC';
        BEGIN
          IF of_kind = 'site' THEN
            RETURN QUERY SELECT of_kind, e.entity, min(c.at) FROM unnest(entities) e(entity)
              CROSS JOIN LATERAL (
                SELECT min(f.occurred_at) FROM gigawatch.fact_site_status_changed f WHERE f.subject = e.entity AND f.occurred_at > now()
                UNION ALL SELECT min(f.occurred_at) FROM gigawatch.fact_site_capacity_reported f WHERE f.subject = e.entity AND f.occurred_at > now()
                UNION ALL SELECT min(f.occurred_at) FROM gigawatch.fact_site_chips_reported f WHERE f.subject = e.entity AND f.occurred_at > now()
                UNION ALL SELECT least(min(f.occurred_at) FILTER (WHERE f.occurred_at > now()),
                    min(f.starts_on) FILTER (WHERE f.starts_on > today)::timestamp AT TIME ZONE 'UTC',
                    min(f.ends_on + 1) FILTER (WHERE f.ends_on >= today)::timestamp AT TIME ZONE 'UTC')
                  FROM gigawatch.fact_power_contract_changed f WHERE f.site = e.entity) c(at)
              GROUP BY e.entity HAVING min(c.at) IS NOT NULL;
          ELSIF of_kind = 'plant' THEN
            RETURN QUERY SELECT of_kind, e.entity, min(c.at) FROM unnest(entities) e(entity)
              CROSS JOIN LATERAL (
                SELECT least(min(f.occurred_at) FILTER (WHERE f.occurred_at > now()),
                    min(f.starts_on) FILTER (WHERE f.starts_on > today)::timestamp AT TIME ZONE 'UTC',
                    min(f.ends_on + 1) FILTER (WHERE f.ends_on >= today)::timestamp AT TIME ZONE 'UTC')
                  FROM gigawatch.fact_power_contract_changed f WHERE f.plant = e.entity
                UNION ALL SELECT least(min(f.occurred_at) FILTER (WHERE f.occurred_at > now()),
                    min(f.effective_on) FILTER (WHERE f.effective_on > today)::timestamp AT TIME ZONE 'UTC')
                  FROM gigawatch.fact_generation_changed f WHERE f.plant = e.entity) c(at)
              GROUP BY e.entity HAVING min(c.at) IS NOT NULL;
          ELSIF of_kind = 'region' THEN
            RETURN QUERY SELECT of_kind, e.entity, min(c.at) FROM unnest(entities) e(entity)
              CROSS JOIN LATERAL (SELECT array_agg(m.region) AS regions FROM gigawatch.region_members(e.entity, NULL, NULL, NULL) m) member
              CROSS JOIN LATERAL (
                SELECT least(min(f.occurred_at) FILTER (WHERE f.occurred_at > now()),
                    min(f.effective_on) FILTER (WHERE f.effective_on > today)::timestamp AT TIME ZONE 'UTC')
                  FROM gigawatch.fact_generation_changed f WHERE f.region = ANY (member.regions)
                UNION ALL SELECT least(min(f.occurred_at) FILTER (WHERE f.occurred_at > now()),
                    min(f.starts_on) FILTER (WHERE f.starts_on > today)::timestamp AT TIME ZONE 'UTC',
                    min(f.ends_on + 1) FILTER (WHERE f.ends_on >= today)::timestamp AT TIME ZONE 'UTC')
                  FROM gigawatch.fact_power_contract_changed f WHERE f.region = ANY (member.regions)
                    OR f.site IN (SELECT s.subject FROM gigawatch.fact_site_status_changed s WHERE s.region = ANY (member.regions))
                UNION ALL SELECT min(l.occurred_at) FROM gigawatch.fact_site_capacity_reported l
                  WHERE l.occurred_at > now() AND l.subject IN (SELECT s.subject FROM gigawatch.fact_site_status_changed s WHERE s.region = ANY (member.regions))
                UNION ALL SELECT min(s.occurred_at) FROM gigawatch.fact_site_status_changed s
                  WHERE s.occurred_at > now() AND s.region = ANY (member.regions)) c(at)
              GROUP BY e.entity HAVING min(c.at) IS NOT NULL;
          ELSIF of_kind = 'organization' THEN
            -- Capital belongs to calendar years: the current one changes at New Year.
            RETURN QUERY SELECT of_kind, e.entity, make_date(extract(year FROM today)::int + 1, 1, 1)::timestamp AT TIME ZONE 'UTC' FROM unnest(entities) e(entity)
              WHERE EXISTS (SELECT FROM gigawatch.fact_capital_committed f WHERE f.subject = e.entity)
                 OR EXISTS (SELECT FROM gigawatch.fact_capital_spent f WHERE f.subject = e.entity);
          ELSIF of_kind IN ('scenario', 'country', 'world') THEN
            RETURN QUERY SELECT of_kind, e.entity, midnight FROM unnest(entities) e(entity);
          END IF;
        END
        $$;
        COMMENT ON FUNCTION gigawatch.next_change(text, text[]) IS 'When these entities'' metrics change next by the passing of time alone.';
        """#)
}
