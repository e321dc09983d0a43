// Assumptions and the reference ladder as data, each row with its source, so that a reader can see what a figure rests on and an operator can
// override it by an UPDATE. Seeds do nothing where a row is already there. Read next: ReadModels/Regions.swift, Electricity.swift, Scenario.swift.

enum M020Assumptions {
    static let step = Migration(
        20, "assumptions, capacity credits, the reference ladder",
        #"""
        INSERT INTO gigawatch.parameter (name, value, unit, source, meaning) VALUES
          ('reserve_margin', 0.15, '1', 'NERC reference reserve margin for mainly thermal systems, 15 %',
           'Firm supply asked for beyond need, share of need.'),
          ('ai_load_factor', 0.8, '1', 'Assumed: training campuses run flat; LBNL 2024 uses 0.5 to 0.9 for data centers',
           'Mean power of an AI site / its facility power.'),
          ('transmission_losses', 0.05, '1', 'EIA, FAQ "How much electricity is lost in transmission and distribution", about 5 %',
           'Losses between plant and site, share of consumption.'),
          ('security_level_floor', 3, '1', 'RAND, Securing AI Model Weights (2024): SL3 resists cybercrime syndicates',
           'H100e at sites below this level count as exposed.'),
          ('capacity_factor_nuclear', 0.92, '1', 'EIA Electric Power Annual, US average', 'Mean output / capacity.'),
          ('capacity_factor_gas', 0.57, '1', 'EIA Electric Power Annual, US combined cycle', 'Mean output / capacity.'),
          ('capacity_factor_coal', 0.45, '1', 'EIA Electric Power Annual, US average', 'Mean output / capacity.'),
          ('capacity_factor_hydro', 0.36, '1', 'EIA Electric Power Annual, US average', 'Mean output / capacity.'),
          ('capacity_factor_wind', 0.34, '1', 'EIA Electric Power Annual, US average', 'Mean output / capacity.'),
          ('capacity_factor_solar', 0.24, '1', 'EIA Electric Power Annual, US average', 'Mean output / capacity.'),
          ('capacity_factor_geothermal', 0.70, '1', 'EIA Electric Power Annual, US average', 'Mean output / capacity.'),
          ('capacity_factor_biomass', 0.60, '1', 'EIA Electric Power Annual, US average', 'Mean output / capacity.'),
          ('capacity_factor_oil', 0.10, '1', 'EIA Electric Power Annual, US average', 'Mean output / capacity.')
        ON CONFLICT (name) DO NOTHING;

        INSERT INTO gigawatch.capacity_credit (fuel, credit, source)
        SELECT c.fuel, c.credit, 'PJM ELCC class ratings, 2026/27 base residual auction, rounded to 0.05' FROM (VALUES
          ('nuclear', 0.95), ('gas', 0.75), ('natural_gas', 0.75),
          ('coal', 0.85), ('oil', 0.85), ('petroleum', 0.85), ('hydro', 0.40), ('pumped_storage', 0.75),
          ('wind', 0.35), ('offshore_wind', 0.60), ('solar', 0.10), ('battery', 0.50), ('storage', 0.50), ('geothermal', 0.90), ('biomass', 0.60),
          ('waste', 0.60), ('fuel_cell', 0.90), ('other', 0.50)) c(fuel, credit)
        ON CONFLICT (fuel) DO NOTHING;

        -- Levels and flows stand at mid-year (2 July); the run rates carry the dates of the text.
        INSERT INTO gigawatch.ladder (series, year, point_on, value, unit, source)
        SELECT l.series, l.year, coalesce(l.point_on, make_date(l.year, 7, 2)), l.value, l.unit,
          'L. Aschenbrenner, Situational Awareness (June 2024), part IIIa'
        FROM (VALUES
          ('largest_site_power_mw', 2022, NULL::date, 10, 'MW'),
          ('largest_site_power_mw', 2024, NULL, 100, 'MW'),
          ('largest_site_power_mw', 2026, NULL, 1e3, 'MW'),
          ('largest_site_power_mw', 2028, NULL, 1e4, 'MW'), ('largest_site_power_mw', 2030, NULL, 1e5, 'MW'),
          ('largest_site_h100e', 2022, NULL, 1e4, 'H100e'), ('largest_site_h100e', 2024, NULL, 1e5, 'H100e'),
          ('largest_site_h100e', 2026, NULL, 1e6, 'H100e'),
          ('largest_site_h100e', 2028, NULL, 1e7, 'H100e'), ('largest_site_h100e', 2030, NULL, 1e8, 'H100e'),
          ('annual_capital_usd', 2024, NULL, 150e9, 'USD/year'), ('annual_capital_usd', 2026, NULL, 500e9, 'USD/year'),
          ('annual_capital_usd', 2027, NULL, 1e12, 'USD/year'), ('annual_capital_usd', 2028, NULL, 2e12, 'USD/year'),
          ('annual_capital_usd', 2030, NULL, 8e12, 'USD/year'),
          ('us_electricity_share', 2024, NULL, 0.015, '1'),
          ('us_electricity_share', 2026, NULL, 0.05, '1'),
          ('us_electricity_share', 2028, NULL, 0.2, '1'),
          ('us_electricity_share', 2030, NULL, 1, '1'),
          ('ai_run_rate_usd', NULL, '2023-08-15', 1e9, 'USD/year'), ('ai_run_rate_usd', NULL, '2024-02-15', 2e9, 'USD/year'),
          ('ai_run_rate_usd', NULL, '2026-07-02', 100e9, 'USD/year'),
          ('chip_output_h100e', 2024, NULL, 7.5e6, 'H100e/year'), ('chip_output_h100e', 2026, NULL, 30e6, 'H100e/year'),
          ('chip_output_h100e', 2028, NULL, 100e6, 'H100e/year'), ('chip_output_h100e', 2030, NULL, 400e6, 'H100e/year'))
          l(series, year, point_on, value, unit)
        ON CONFLICT (series, point_on) DO NOTHING;
        """#)
}
