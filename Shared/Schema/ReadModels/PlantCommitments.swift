// Double commitment: the same megawatts promised to two loads. A plant's firm resource contracts on one day may not exceed what its units
// produce on that day. Read next: Contracts.swift, Units.swift.

extension ReadModels {
    /// One row per plant named by a resource contract that is in force on the day of `as_of`.
    ///
    /// double_commitment_mw = max(0, Σ counted power of its firm resource contracts in force − Σ power of its units operating that day);
    /// null where no unit of the plant is known. A contract that does not say whether it is firm is left out and counted in
    /// unknown_firmness.
    static let plantCommitments = SQLObject(
        model: "plant_commitments",
        #"""
        CREATE OR REPLACE FUNCTION gigawatch.plant_commitments(as_of timestamptz, as_known timestamptz, as_recorded timestamptz)
        RETURNS TABLE (plant text, region text, firm_mw double precision, operating_mw double precision, double_commitment_mw double precision,
          contracts text[], buyers text[], unknown_firmness bigint, unknown_power_mw bigint, confidence text, assertion text)
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
          SELECT c.plant, coalesce(u.region, c.region), c.firm_mw, u.operating_mw, \#(Clause.positive("c.firm_mw - u.operating_mw")), c.contracts, c.buyers,
            c.unknown_firmness, c.unknown_power_mw,
            \#(Clause.confidence("least(c.confidence, u.confidence)")), \#(Clause.assertion("least(c.assertion, u.assertion)"))
          FROM (
            SELECT e.plant, min(c.region) AS region, coalesce(sum(c.counted_power_mw) FILTER (WHERE c.firm), 0) AS firm_mw,
              array_agg(c.contract ORDER BY c.contract) AS contracts, array_agg(DISTINCT c.buyer) AS buyers,
              count(*) FILTER (WHERE c.firm IS NULL) AS unknown_firmness, count(*) FILTER (WHERE c.firm AND c.power_mw IS NULL) AS unknown_power_mw,
              min(\#(Clause.confidenceRank("c.confidence"))) AS confidence, min(\#(Clause.assertionRank("c.assertion"))) AS assertion
            FROM (SELECT DISTINCT f.plant, f.subject FROM gigawatch.fact_power_contract_changed f WHERE f.plant IS NOT NULL) e
            CROSS JOIN LATERAL (SELECT c.* FROM gigawatch.contracts(as_of, as_known, as_recorded) c WHERE c.contract = e.subject OFFSET 0) c
            WHERE c.plant = e.plant AND c.kind = 'resource' AND c.in_force
            GROUP BY e.plant) c
          LEFT JOIN LATERAL (
            SELECT min(u.region) AS region, CASE WHEN count(*) > 0 THEN coalesce(sum(u.operating_mw), 0) END AS operating_mw,
              min(\#(Clause.confidenceRank("u.confidence"))) AS confidence, min(\#(Clause.assertionRank("u.assertion"))) AS assertion
            FROM (SELECT DISTINCT f.subject FROM gigawatch.fact_generation_changed f WHERE f.plant = c.plant) e
            CROSS JOIN LATERAL (SELECT u.* FROM gigawatch.units(as_of, as_known, as_recorded) u WHERE u.unit = e.subject OFFSET 0) u
            WHERE u.plant = c.plant) u ON true
        $$;
        """#)
}
