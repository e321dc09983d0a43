// The dashboard's looks: paper by day, a control room by night, one accent (sodium light), figures in tabular numerals. No rule here reaches
// outside this origin: no fonts, no images.

enum DashboardStyle {
    static let text = ##"""
        :root {
          --ground: #f3f0e9; --panel: #fbfaf6; --ink: #1a1d23; --soft: #61656d; --line: #ddd8cc; --accent: #b65a00; --accent-soft: #f1d9b5;
          --good: #1d7a5f; --bad: #b8321a; --warn: #a86a00; --blue: #2b5f91; --shadow: 0 1px 2px rgb(40 30 10 / .06), 0 8px 24px rgb(40 30 10 / .05);
          --sans: "Inter", "Segoe UI", system-ui, -apple-system, "Helvetica Neue", "DejaVu Sans", Arial, sans-serif;
          --mono: ui-monospace, "SF Mono", "JetBrains Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
        }
        @media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) {
          --ground: #0c0f14; --panel: #141920; --ink: #e9e6df; --soft: #9299a5; --line: #262d38; --accent: #ffb02e; --accent-soft: #46340f;
          --good: #4cc3a0; --bad: #ff6a4d; --warn: #f2b13c; --blue: #6fa8dc; --shadow: 0 1px 0 rgb(255 255 255 / .03) inset, 0 10px 30px rgb(0 0 0 / .35);
        } }
        :root[data-theme="dark"] {
          --ground: #0c0f14; --panel: #141920; --ink: #e9e6df; --soft: #9299a5; --line: #262d38; --accent: #ffb02e; --accent-soft: #46340f;
          --good: #4cc3a0; --bad: #ff6a4d; --warn: #f2b13c; --blue: #6fa8dc; --shadow: 0 1px 0 rgb(255 255 255 / .03) inset, 0 10px 30px rgb(0 0 0 / .35);
          color-scheme: dark;
        }
        :root[data-theme="light"] { color-scheme: light; }
        * { box-sizing: border-box; }
        [hidden] { display: none !important; }
        body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.45 var(--sans); font-variant-numeric: tabular-nums; }
        h1, h2, p { margin: 0; }
        h2 { font-size: 15px; font-weight: 650; letter-spacing: -.005em; }
        button, input { font: inherit; color: inherit; }
        a { color: inherit; text-decoration-color: var(--accent); text-underline-offset: 3px; }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
        .skip { position: absolute; left: -999px; } .skip:focus { left: 12px; top: 8px; background: var(--panel); padding: 6px 10px; z-index: 9; }

        .bar { position: sticky; top: 0; z-index: 5; display: flex; gap: 28px; align-items: center; padding: 12px clamp(14px, 2.5vw, 34px);
          background: color-mix(in srgb, var(--ground) 88%, transparent); backdrop-filter: blur(10px); border-bottom: 1px solid var(--line); }
        .brand { display: flex; gap: 12px; align-items: center; margin-right: auto; }
        .brand svg { width: 34px; height: 34px; fill: none; stroke: var(--accent); stroke-width: 3; stroke-linecap: round; stroke-linejoin: round; }
        .brand h1 { font-size: 19px; line-height: 1.1; letter-spacing: -.02em; font-weight: 750; }
        .brand p { color: var(--soft); font-size: 12.5px; }
        .clocks { display: flex; gap: 18px; align-items: center; }
        .clock { display: grid; gap: 2px; font-size: 12px; color: var(--soft); width: 190px; }
        .clock output { color: var(--ink); font-family: var(--mono); font-size: 12px; float: right; }
        input[type=range] { width: 100%; accent-color: var(--accent); height: 18px; margin: 0; }
        .quiet { border: 1px solid var(--line); background: transparent; border-radius: 8px; padding: 4px 10px; font-size: 13px; cursor: pointer; }
        .quiet:hover { border-color: var(--accent); }
        .tools { display: flex; gap: 12px; align-items: center; }
        .pulse { display: inline-flex; gap: 7px; align-items: center; font-size: 12.5px; color: var(--soft); white-space: nowrap; }
        .pulse i { width: 9px; height: 9px; border-radius: 50%; background: var(--warn); }
        .pulse.live i { background: var(--good); animation: breathe 2.4s infinite ease-in-out; }
        .pulse.lost i { background: var(--bad); }
        @keyframes breathe { 50% { box-shadow: 0 0 0 5px color-mix(in srgb, var(--good) 22%, transparent); } }
        @media (prefers-reduced-motion: reduce) { .pulse.live i { animation: none; } }
        .trouble { margin: 14px clamp(14px, 2.5vw, 34px) 0; padding: 10px 14px; border-radius: 10px; color: var(--bad);
          border: 1px solid color-mix(in srgb, var(--bad) 45%, transparent); background: color-mix(in srgb, var(--bad) 9%, transparent); }

        main { display: grid; grid-template-columns: repeat(12, minmax(0, 1fr)); gap: 16px; padding: 18px clamp(14px, 2.5vw, 34px); max-width: 1720px; margin: 0 auto; }
        .figures { grid-column: 1 / -1; display: grid; grid-template-columns: repeat(5, minmax(0, 1fr)); gap: 1px; background: var(--line); border: 1px solid var(--line);
          border-radius: 14px; overflow: hidden; box-shadow: var(--shadow); }
        .figure { margin: 0; background: var(--panel); padding: 16px 20px 14px; min-height: 104px; }
        .figure dt { color: var(--soft); font-size: 12.5px; }
        .figure dd { margin: 2px 0 0; font-size: clamp(24px, 2.2vw, 34px); font-weight: 680; letter-spacing: -.03em; line-height: 1.15; }
        .figure dd small { font-size: .48em; font-weight: 550; letter-spacing: 0; color: var(--soft); margin-left: 5px; }
        .figure p { font-size: 12.5px; color: var(--soft); margin-top: 3px; }
        .panel { background: var(--panel); border: 1px solid var(--line); border-radius: 14px; padding: 16px 18px; box-shadow: var(--shadow); min-width: 0; }
        .panel .head { display: flex; gap: 12px; align-items: baseline; margin-bottom: 10px; }
        .panel .head p { color: var(--soft); font-size: 12.5px; margin-left: auto; text-align: right; }
        .race { grid-column: span 8; } .months { grid-column: span 4; } .alerts { grid-column: span 4; } .sites { grid-column: span 8; } .regions { grid-column: 1 / -1; }
        .tabs { display: flex; flex-wrap: wrap; gap: 6px; margin-bottom: 8px; }
        .tabs button { border: 1px solid var(--line); border-radius: 999px; padding: 3px 12px; background: transparent; cursor: pointer; font-size: 12.5px; color: var(--soft); }
        .tabs button[aria-selected=true] { background: var(--ink); color: var(--panel); border-color: var(--ink); }
        .chart { position: relative; height: 340px; }
        .legend { color: var(--soft); font-size: 12px; margin-top: 8px !important; }
        .key { display: inline-block; width: 18px; height: 0; border-top: 3px solid var(--accent); vertical-align: middle; margin: 0 5px 2px 12px; border-radius: 2px; }
        .legend .key:first-child { margin-left: 0; }
        .key.ladder { border-top-style: dashed; border-color: var(--soft); } .key.need { border-color: var(--ink); } .key.firm { border-color: var(--good); } .key.gap { border-color: var(--bad); }

        .diverging { display: grid; gap: 13px; }
        .diverge .top { display: flex; justify-content: space-between; gap: 10px; font-size: 13px; }
        .diverge .top b { font-weight: 650; white-space: nowrap; }
        .diverge .track { position: relative; height: 8px; border-radius: 4px; background: color-mix(in srgb, var(--line) 60%, transparent); margin-top: 5px; }
        .diverge .track::after { content: ""; position: absolute; left: 50%; top: -3px; bottom: -3px; width: 1.5px; background: var(--soft); opacity: .6; }
        .diverge .fill { position: absolute; top: 0; bottom: 0; border-radius: 4px; }
        .ahead { color: var(--good); } .behind { color: var(--bad); } .fill.ahead { background: var(--good); } .fill.behind { background: var(--bad); }
        .diverge .sub { color: var(--soft); font-size: 12px; margin-top: 4px; }

        .feed { list-style: none; margin: 0; padding: 0; max-height: 520px; overflow: auto; }
        .feed li { display: grid; grid-template-columns: 10px 1fr auto; gap: 4px 10px; padding: 10px 2px; border-top: 1px solid var(--line); cursor: pointer; }
        .feed li:first-child { border-top: 0; }
        .feed .mark { width: 8px; height: 8px; border-radius: 50%; margin-top: 6px; background: var(--soft); }
        .feed .firing .mark, .feed .no_data .mark, .feed .error .mark { background: var(--bad); } .feed .pending .mark, .feed .recovering .mark { background: var(--warn); }
        .feed .resolved .mark { background: var(--good); }
        .feed b { font-weight: 620; font-size: 13.5px; overflow-wrap: anywhere; } .feed time, .feed span { color: var(--soft); font-size: 12.5px; }
        .feed .detail { grid-column: 2 / -1; }
        .feed .fresh { animation: arrive 2.5s ease-out; }
        @keyframes arrive { from { background: var(--accent-soft); } }
        .feed li.empty { display: block; cursor: default; }
        .only-small { display: none; }
        .empty { color: var(--soft); padding: 26px 4px; text-align: center; font-size: 13.5px; }

        #sites-filter { border: 1px solid var(--line); background: transparent; border-radius: 8px; padding: 4px 10px; font-size: 13px; width: 210px; }
        .sites .head p { order: 3; }
        .sites .head input { margin-left: auto; } .sites .head p { margin-left: 0; }
        .scroll { overflow: auto; max-height: 480px; }
        table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
        th { position: sticky; top: 0; background: var(--panel); text-align: left; font-weight: 550; color: var(--soft); font-size: 12px; padding: 4px 10px 7px; white-space: nowrap; z-index: 1; }
        th button { all: unset; cursor: pointer; } th button:focus-visible { outline: 2px solid var(--accent); } th[aria-sort=descending] button::after { content: " ↓"; } th[aria-sort=ascending] button::after { content: " ↑"; }
        td:first-child { min-width: 150px; }
        td { padding: 7px 8px; border-top: 1px solid var(--line); vertical-align: middle; }
        td.number, th.number { text-align: right; white-space: nowrap; }
        td.tight { white-space: nowrap; }
        tbody tr { cursor: pointer; } tbody tr:hover { background: color-mix(in srgb, var(--accent-soft) 35%, transparent); }
        td .name { font-weight: 600; } td .sub { color: var(--soft); font-size: 12px; }
        .chip { display: inline-block; border-radius: 999px; padding: 1px 9px; font-size: 12px; white-space: nowrap; color: var(--soft); border: 1px solid var(--line); }
        .chip.energized { color: var(--good); border-color: color-mix(in srgb, var(--good) 45%, transparent); background: color-mix(in srgb, var(--good) 10%, transparent); }
        .chip.under_construction { color: var(--warn); border-color: color-mix(in srgb, var(--warn) 45%, transparent); background: color-mix(in srgb, var(--warn) 10%, transparent); }
        .chip.cancelled, .chip.retired, .chip.derated { color: var(--bad); border-color: color-mix(in srgb, var(--bad) 40%, transparent); }
        .meter { display: inline-block; vertical-align: middle; width: 56px; height: 6px; margin-left: 9px; border-radius: 3px; background: color-mix(in srgb, var(--line) 70%, transparent); overflow: hidden; }
        .meter i { display: block; height: 100%; background: var(--accent); border-radius: 3px; }

        .balance { display: grid; grid-template-columns: repeat(auto-fill, minmax(330px, 1fr)); gap: 18px 34px; }
        .region .top { display: flex; justify-content: space-between; gap: 8px; font-size: 13.5px; } .region .top b { font-weight: 640; }
        .region .top em { font-style: normal; white-space: nowrap; }
        .bars { display: grid; gap: 4px; margin: 7px 0 5px; }
        .bars div { height: 8px; border-radius: 4px; background: color-mix(in srgb, var(--line) 55%, transparent); overflow: hidden; display: flex; }
        .bars i { display: block; height: 100%; } .bars .need i { background: var(--ink); opacity: .78; } .bars .need .load { background: var(--accent); opacity: 1; }
        .bars .firm i { background: var(--good); } .bars .firm .short { background: repeating-linear-gradient(-45deg, var(--bad) 0 4px, transparent 4px 7px); }
        .region .sub { color: var(--soft); font-size: 12px; }

        dialog { border: 1px solid var(--line); border-radius: 16px; background: var(--panel); color: var(--ink); width: min(760px, 94vw); max-height: 86vh; padding: 20px 22px; box-shadow: 0 30px 80px rgb(0 0 0 / .35); }
        dialog::backdrop { background: rgb(10 12 16 / .5); backdrop-filter: blur(2px); }
        dialog .head { display: flex; align-items: center; justify-content: space-between; margin-bottom: 12px; }
        .pairs { display: grid; grid-template-columns: auto 1fr; gap: 5px 18px; font-size: 13.5px; margin: 0 0 16px; } .pairs dt { color: var(--soft); } .pairs dd { margin: 0; overflow-wrap: anywhere; }
        dialog h3 { font-size: 13.5px; margin: 16px 0 6px; } dialog table { font-size: 12.5px; } dialog tbody tr { cursor: default; } dialog pre { white-space: pre-wrap; overflow-wrap: anywhere; font: 12px/1.5 var(--mono); margin: 0; }
        footer { display: flex; justify-content: space-between; gap: 20px; flex-wrap: wrap; color: var(--soft); font-size: 12.5px; padding: 4px clamp(14px, 2.5vw, 34px) 28px; max-width: 1720px; margin: 0 auto; }

        @media (max-width: 1080px) { .race, .months, .alerts, .sites { grid-column: 1 / -1; } .figures { grid-template-columns: repeat(6, 1fr); } .figure { grid-column: span 2; } .figure:nth-child(n+4) { grid-column: span 3; } .bar { flex-wrap: wrap; gap: 12px 24px; } .feed { max-height: 360px; } }
        @media (max-width: 620px) { .bar { position: static; } .clocks { width: 100%; gap: 12px; } .clock { width: auto; flex: 1; } .figure, .figure:nth-child(n+4) { grid-column: span 3; padding: 12px 14px; min-height: 92px; } .figure:first-child { grid-column: 1 / -1; }
          main { gap: 12px; padding-top: 12px; } .panel { padding: 14px; border-radius: 12px; } .chart { height: 270px; } .hide-small { display: none; } .only-small { display: inline; } .sites .head { flex-wrap: wrap; } #sites-filter { width: 100%; order: 4; } .meter { display: none; } td, th { padding-left: 6px; padding-right: 6px; } .balance { grid-template-columns: 1fr; } }
        @media print { .bar { position: static; } .tools, .quiet, #sites-filter { display: none; } .scroll, .feed { max-height: none; } .panel, .figures { box-shadow: none; break-inside: avoid; } }
        """##
}
