// The dashboard's behaviour: asks the API under the two clocks, draws, listens to the stream. Data becomes text nodes and numbers only, never
// markup, and every request is to this origin.

enum DashboardScript {
    static let text = ##"""
        "use strict";
        const $ = (id) => document.getElementById(id);
        const make = (tag, cls, text) => { const e = document.createElement(tag); if (cls) e.className = cls; if (text !== undefined && text !== null) e.textContent = text; return e; };
        const add = (parent, ...children) => { for (const c of children) if (c) parent.appendChild(c); return parent; };
        const clear = (e) => { while (e.firstChild) e.removeChild(e.firstChild); return e; };

        // ---- numbers and days
        const number = (v, d = 0) => v === null || v === undefined ? "–" : Number(v).toLocaleString("en-US", { maximumFractionDigits: d });
        const scaled = (v, unit) => {
          if (v === null || v === undefined) return ["–", ""];
          v = Number(v);
          if (unit === "MW") return Math.abs(v) >= 1000 ? [number(v / 1000, 2), "GW"] : [number(v, 0), "MW"];
          if (unit && unit.startsWith("USD")) return Math.abs(v) >= 1e12 ? ["$" + number(v / 1e12, 2), "T"] : Math.abs(v) >= 1e9 ? ["$" + number(v / 1e9, 1), "B"] : ["$" + number(v / 1e6, 0), "M"];
          if (unit && unit.startsWith("H100e")) return Math.abs(v) >= 1e6 ? [number(v / 1e6, 2), "M H100e"] : Math.abs(v) >= 1e3 ? [number(v / 1e3, 0), "k H100e"] : [number(v, 0), "H100e"];
          if (unit === "1") return [number(v * 100, 2), "%"];
          return [number(v, 2), unit || ""];
        };
        const short = (v, unit) => scaled(v, unit).join(" ").replace(/\$([\d.,–]+) ([TBM])/, "$$$1$2").replace(" %", "%");
        const day = (t) => t ? String(t).slice(0, 10) : "–";
        const moment = (t) => { const d = new Date(t); return isNaN(d) ? "–" : d.toISOString().slice(0, 16).replace("T", " "); };
        const yearOf = (t) => { const d = new Date(t); const y = d.getUTCFullYear(); const a = Date.UTC(y, 0, 1); return y + (d - a) / (Date.UTC(y + 1, 0, 1) - a); };
        const words = (s) => String(s || "").replace(/_/g, " ");
        const titles = { largest_site_power_mw: "Largest site, power", largest_site_h100e: "Largest site, compute", annual_capital_usd: "Annual capital",
          us_electricity_share: "Share of US electricity", ai_run_rate_usd: "AI run rate", chip_output_h100e: "Chip output" };
        const order = Object.keys(titles), place = (s) => { const i = order.indexOf(s); return i < 0 ? order.length : i; };
        const bySeries = (rows) => [...rows].sort((a, b) => place(a.series) - place(b.series));
        const title = (s) => titles[s] || words(s);
        const entityName = (s) => words(String(s || "").replace(/-/g, " ")).split(" ").map((w) => w.length <= 3 && !/^(new|of|the|and|in|at)$/.test(w) ? w.toUpperCase() : w.charAt(0).toUpperCase() + w.slice(1)).join(" ");

        // ---- clocks
        const state = { asOf: null, asKnown: null, series: null, sort: "facility_power_mw", down: true, sites: [], scenario: [], ladder: [], history: [], alerts: new Map() };
        const today = new Date(); today.setUTCHours(0, 0, 0, 0);
        const dayMs = 86400000, firstDay = Date.UTC(2022, 0, 1);
        const span = { "as-of": [firstDay, Date.UTC(2030, 11, 31)], "as-known": [firstDay, today.getTime()] };
        const fromSlider = (id) => { const [a] = span[id]; return new Date(a + Number($(id).value) * dayMs); };
        const toSlider = (id, t) => { $(id).value = String(Math.round((t - span[id][0]) / dayMs)); };
        for (const id of Object.keys(span)) { $(id).max = String(Math.round((span[id][1] - span[id][0]) / dayMs)); toSlider(id, today.getTime()); }
        let timer = 0;
        function clocksMoved() {
          for (const [id, key] of [["as-of", "asOf"], ["as-known", "asKnown"]]) {
            const d = fromSlider(id); const isNow = Math.abs(d - today) < dayMs;
            state[key] = isNow ? null : d.toISOString().slice(0, 10);
            $(id + "-text").textContent = isNow ? "today" : state[key];
          }
          clearTimeout(timer); timer = setTimeout(refresh, 180);
        }
        $("as-of").addEventListener("input", clocksMoved); $("as-known").addEventListener("input", clocksMoved);
        $("now").addEventListener("click", () => { toSlider("as-of", today.getTime()); toSlider("as-known", today.getTime()); clocksMoved(); });
        $("clocks").addEventListener("submit", (e) => e.preventDefault());

        // ---- asking
        async function ask(path, parameters = {}, clocks = true) {
          const q = new URLSearchParams(parameters);
          if (clocks) { if (state.asOf) q.set("as_of", state.asOf); if (state.asKnown) q.set("as_known", state.asKnown); }
          const r = await fetch(path + (q.size ? "?" + q : ""), { headers: { Accept: "application/json" } });
          const body = await r.json().catch(() => ({}));
          if (!r.ok) throw new Error(body.detail || "the service answered " + r.status);
          return body;
        }
        const troubles = new Map();
        function trouble(where, error) {
          if (error) troubles.set(where, error.message || String(error)); else troubles.delete(where);
          const t = $("trouble"); t.hidden = troubles.size === 0;
          t.textContent = [...troubles].map(([w, m]) => w + ": " + m).join("  ·  ");
        }
        async function part(name, work) { try { await work(); trouble(name, null); } catch (e) { trouble(name, e); } }

        let round = 0;
        async function refresh() {
          const mine = ++round;
          const still = () => mine === round;
          await Promise.all([
            part("Sites", async () => { const a = await ask("/v1/sites", { limit: 1000 }); if (still()) { state.sites = a.items; state.totals = a.totals; drawSites(); drawFigures(); drawFooter(a.positions); } }),
            part("Scenario", async () => { const a = await ask("/v1/scenario"); if (still()) { state.scenario = a.items; drawMonths(); drawTabs(); drawFigures(); } }),
            part("Ladder", async () => { if (!state.ladder.length) state.ladder = (await ask("/v1/scenario/ladder", { limit: 1000 }, false)).items; if (still()) drawRace(); }),
            part("History", async () => { const a = await ask("/v1/scenario/history", { limit: 1000 }); if (still()) { state.history = a.items; drawRace(); } }),
            part("Regions", async () => { const a = await ask("/v1/regions", { limit: 200 }); if (still()) { state.regions = a.items; state.regionTotals = a.totals; drawRegions(); drawFigures(); } }),
          ]);
        }
        async function loadAlerts() {
          await part("Alerts", async () => {
            const a = await ask("/v1/alerts", { limit: 100 }, false);
            state.alerts.clear();
            for (const item of a.items) state.alerts.set(item.fingerprint, item);
            drawAlerts();
          });
        }

        // ---- figures
        function figure(label, value, unit, note) {
          const f = make("dl", "figure"); const dd = make("dd", "", value);
          if (unit) add(dd, make("small", "", unit));
          return add(f, make("dt", "", label), dd, make("p", "", note));
        }
        function drawFigures() {
          const t = state.totals || {}; const box = clear($("figures"));
          const largest = state.scenario.find((s) => s.series === "largest_site_power_mw");
          const [mw, mwUnit] = scaled(t.facility_power_mw, "MW"), [h, hUnit] = scaled(t.h100e, "H100e"), [c, cUnit] = scaled(t.capital_cost_usd, "USD");
          const unknown = (n, what) => n ? `, ${n} ${what} unknown` : "";
          add(box, figure("Facility power", mw, mwUnit, `${number(t.sites_energized)} of ${number(t.sites_seen)} sites energized${unknown(t.unknown_facility_power_mw, "power")}`));
          add(box, figure("Compute", h, hUnit, "H100 equivalents" + unknown(t.unknown_h100e, "sites")));
          add(box, figure("Capital in the ground", c, cUnit, "cost of the sites so far" + unknown(t.unknown_capital_cost_usd, "sites")));
          const [l, lUnit] = scaled(largest && largest.observed_value, "MW");
          const m = largest ? largest.months_ahead : null;
          add(box, figure("Largest site", l, lUnit, largest && largest.observed_value !== null ? `${entityName(largest.entity)}${m === null ? "" : `, ${number(Math.abs(m), 1)} months ${m >= 0 ? "ahead" : "behind"}`}` : "nothing is known yet"));
          const r = state.regionTotals || {}; const [g, gUnit] = scaled(r.gap_mw, "MW");
          add(box, figure("Regions short of power", r.regions_short === undefined ? "–" : number(r.regions_short), r.regions ? `of ${number(r.regions)}` : "", r.gap_mw ? `${g} ${gUnit} of firm supply missing` : "no gap that is known"));
        }

        // ---- the race
        function drawTabs() {
          const box = clear($("series"));
          const names = bySeries(state.scenario).map((s) => s.series);
          if (!names.includes(state.series)) state.series = names.includes("largest_site_power_mw") ? "largest_site_power_mw" : names[0] || null;
          for (const s of names) {
            const b = make("button", "", title(s)); b.type = "button"; b.setAttribute("role", "tab"); b.setAttribute("aria-selected", String(s === state.series));
            b.addEventListener("click", () => { state.series = s; drawTabs(); drawRace(); }); add(box, b);
          }
          drawRace();
        }
        let chart = null;
        const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
        function drawRace() {
          if (!state.series) { $("race-note").textContent = "no series yet"; return; }
          const row = state.scenario.find((s) => s.series === state.series) || {};
          const unit = row.unit || "";
          const ahead = row.months_ahead;
          $("race-note").textContent = row.observed_value === null || row.observed_value === undefined ? "nothing observed yet" :
            `${short(row.observed_value, unit)} on ${day(row.observed_at)}` + (ahead === null ? "" : `: ${number(Math.abs(ahead), 1)} months ${ahead >= 0 ? "ahead" : "behind"}${row.extrapolated ? " (outside the ladder)" : ""}`);
          if (typeof Chart === "undefined") { $("race-note").textContent += "  (charts need libjs-chart.js)"; return; }
          const ladder = state.ladder.filter((p) => p.series === state.series).map((p) => ({ x: yearOf(p.point_on), y: p.value })).sort((a, b) => a.x - b.x);
          const seen = new Map();
          for (const h of state.history) if (h.series === state.series && h.observed_value > 0) { const x = yearOf(h.observed_at); seen.set(x.toFixed(3), { x, y: h.observed_value, at: h.observed_at, entity: h.entity }); }
          const observed = [...seen.values()].sort((a, b) => a.x - b.x);
          const accent = css("--accent"), soft = css("--soft"), line = css("--line"), ink = css("--ink"), panel = css("--panel");
          const data = { datasets: [
            { label: "observed", data: observed, borderColor: accent, backgroundColor: accent, showLine: true, borderWidth: 2.5, pointRadius: (c) => c.dataIndex === observed.length - 1 ? 6 : 2.5, pointBorderColor: panel, pointBorderWidth: 1.5, tension: 0.15, order: 1 },
            { label: "ladder", data: ladder, borderColor: soft, backgroundColor: panel, showLine: true, borderDash: [6, 5], borderWidth: 1.8, pointRadius: 4, pointStyle: "rectRot", pointBorderColor: soft, order: 2 },
          ] };
          const options = {
            responsive: true, maintainAspectRatio: false, animation: { duration: 350 }, interaction: { mode: "nearest", intersect: false },
            scales: {
              x: { type: "linear", min: 2022, max: 2031, grid: { color: line }, border: { color: line }, ticks: { color: soft, stepSize: 1, callback: (v) => Number.isInteger(v) ? String(v) : "" } },
              y: { type: "logarithmic", grid: { color: line }, border: { color: line }, ticks: { color: soft, callback: (v) => Number.isInteger(Math.round(Math.log10(v) * 1e6) / 1e6) ? short(v, unit) : null } },
            },
            plugins: { legend: { display: false }, tooltip: { backgroundColor: ink, titleColor: panel, bodyColor: panel, displayColors: false, padding: 10,
              callbacks: { title: (i) => { const y = i[0].raw.x; return i[0].raw.at ? day(i[0].raw.at) : "ladder, " + Math.floor(y); },
                label: (i) => short(i.raw.y, unit) + (i.raw.entity ? "  " + entityName(i.raw.entity) : "") } } },
          };
          if (chart) chart.destroy();
          Chart.defaults.font.family = css("--sans");
          chart = new Chart($("race-chart"), { type: "scatter", data, options });
        }
        function drawMonths() {
          const box = clear($("months"));
          if (!state.scenario.length) { add(box, make("p", "empty", "No series yet.")); return; }
          const most = Math.max(6, ...state.scenario.map((s) => Math.abs(s.months_ahead || 0)));
          for (const s of bySeries(state.scenario)) {
            const m = s.months_ahead; const side = m === null ? "" : m >= 0 ? "ahead" : "behind";
            const e = make("div", "diverge"), top = make("div", "top");
            add(top, make("span", "", title(s.series)), make("b", side, m === null ? "unknown" : (m >= 0 ? "+" : "−") + number(Math.abs(m), 1) + " months"));
            const track = make("div", "track");
            if (m !== null) { const f = make("i", "fill " + side); const w = Math.abs(m) / most * 50; f.style.width = w + "%"; f.style.left = (m >= 0 ? 50 : 50 - w) + "%"; add(track, f); }
            const sub = s.observed_value === null ? "nothing observed" : `${short(s.observed_value, s.unit)} against ${short(s.ladder_value, s.unit)} on the ladder` + (s.extrapolated ? ", outside it" : "");
            add(box, add(e, top, track, make("div", "sub", sub)));
          }
        }

        // ---- sites
        const siteColumns = [["name", "site", ""], ["status", "state", "hide-small"], ["owner", "owner", "hide-small"], ["country", "where", "hide-small"],
          ["facility_power_mw", "power (MW)", "number"], ["h100e", "H100e", "number hide-small"], ["capital_cost_usd", "cost (B$)", "number hide-small"], ["level_at", "level of", "hide-small"]];
        function drawSites() {
          const table = clear($("sites")); const head = make("tr");
          for (const [key, label, cls] of siteColumns) {
            const th = make("th", cls); const b = make("button", "", label); b.type = "button";
            if (state.sort === key) th.setAttribute("aria-sort", state.down ? "descending" : "ascending");
            b.addEventListener("click", () => { state.down = state.sort === key ? !state.down : cls.includes("number"); state.sort = key; drawSites(); });
            add(head, add(th, b));
          }
          add(table, add(make("thead"), head));
          const wanted = $("sites-filter").value.trim().toLowerCase();
          const rows = state.sites.filter((s) => !wanted || [s.site, s.name, s.owner, s.country, s.region, s.status].some((v) => v && String(v).toLowerCase().includes(wanted)));
          const value = (s) => { const v = state.sort === "name" ? s.name || s.site : s[state.sort]; return v === undefined ? null : v; };
          rows.sort((a, b) => { const x = value(a), y = value(b); if (x === null && y === null) return 0; if (x === null) return 1; if (y === null) return -1;
            const d = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y), "en"); return state.down ? -d : d; });
          const most = Math.max(1, ...state.sites.map((s) => s.facility_power_mw || 0));
          const body = make("tbody");
          for (const s of rows) {
            const tr = make("tr"); tr.tabIndex = 0;
            const open = () => showSite(s.site);
            tr.addEventListener("click", open); tr.addEventListener("keydown", (e) => { if (e.key === "Enter") open(); });
            const name = add(make("td"), make("div", "name", s.name || entityName(s.site)));
            add(name, make("span", "sub only-small", words(s.status) + " "));
            if (s.planned_facility_power_mw) add(name, make("div", "sub", "plan " + short(s.planned_facility_power_mw, "MW")));
            const power = make("td", "number", number(s.facility_power_mw, 0)); const meter = make("span", "meter"), fill = make("i");
            fill.style.width = (s.facility_power_mw || 0) / most * 100 + "%"; add(power, add(meter, fill));
            add(tr, name, add(make("td", "hide-small tight"), make("span", "chip " + (s.status || ""), words(s.status) || "–")), make("td", "hide-small", entityName(s.owner) || "–"),
              make("td", "hide-small tight", [s.country, s.region].filter(Boolean).join(" · ") || "–"), power, make("td", "number hide-small", number(s.h100e, 0)),
              make("td", "number hide-small", s.capital_cost_usd === null ? "–" : number(s.capital_cost_usd / 1e9, 1)), make("td", "hide-small tight", day(s.level_at)));
            add(body, tr);
          }
          if (!rows.length) { const td = make("td", "empty", state.sites.length ? "No site matches." : "No site is known under these clocks. Send facts: gigawatch send facts.jsonl"); td.colSpan = siteColumns.length; add(body, add(make("tr"), td)); }
          add(table, body);
          $("sites-note").textContent = `${number(rows.length)} of ${number(state.sites.length)}`;
        }
        $("sites-filter").addEventListener("input", drawSites);

        // ---- regions
        function drawRegions() {
          const box = clear($("regions"));
          const rows = (state.regions || []).filter((r) => r.need_mw !== null || r.load_mw || r.firm_mw);
          rows.sort((a, b) => (b.gap_mw || 0) - (a.gap_mw || 0) || (b.need_mw || b.load_mw || 0) - (a.need_mw || a.load_mw || 0));
          if (!rows.length) { add(box, make("p", "empty", "No region is known under these clocks.")); $("regions-note").textContent = ""; return; }
          for (const r of rows.slice(0, 24)) {
            const needed = r.need_mw === null ? null : r.need_mw * (1 + (r.reserve_margin || 0));
            const most = Math.max(needed || 0, r.firm_mw || 0, r.load_mw || 0, 1);
            const width = (v) => Math.max(0, v || 0) / most * 100 + "%";
            const e = make("div", "region"), top = make("div", "top");
            add(top, make("b", "", r.name || r.region), make("em", r.gap_mw > 0 ? "behind" : r.gap_mw === 0 ? "ahead" : "", r.gap_mw > 0 ? "short " + short(r.gap_mw, "MW") : r.gap_mw === 0 ? "covered" : "balance unknown"));
            const need = make("div", "need"), base = make("i"), load = make("i", "load");
            const added = Math.min(r.added_load_mw ?? r.load_mw ?? 0, needed ?? Infinity);
            base.style.width = width((needed ?? 0) - (needed === null ? 0 : added)); load.style.width = width(added); add(need, base, load);
            const firm = make("div", "firm"), have = make("i"), gap = make("i", "short");
            have.style.width = width(r.firm_mw); gap.style.width = width(r.gap_mw); add(firm, have, gap);
            const known = [needed === null ? null : "need " + short(needed, "MW"), "firm " + short(r.firm_mw, "MW"), "AI load " + short(r.load_mw, "MW"), r.contracted_mw ? "contracted " + short(r.contracted_mw, "MW") : null];
            add(box, add(e, top, add(make("div", "bars"), need, firm), make("div", "sub", known.filter(Boolean).join(" · "))));
          }
          $("regions-note").textContent = `${rows.length} regions` + (state.asOf ? ` on ${state.asOf}` : " today");
        }

        // ---- alerts
        const rank = { firing: 0, error: 1, no_data: 1, pending: 2, recovering: 3, resolved: 4, inactive: 5 };
        function drawAlerts(fresh) {
          const list = clear($("alerts"));
          const items = [...state.alerts.values()].sort((a, b) => (rank[a.state] ?? 9) - (rank[b.state] ?? 9) || String(b.event_at).localeCompare(String(a.event_at)));
          for (const a of items.slice(0, 60)) {
            const li = make("li", a.state + (a.fingerprint === fresh ? " fresh" : "")); li.tabIndex = 0;
            add(li, make("i", "mark"), make("b", "", a.rule), make("time", "", moment(a.event_at)));
            const summary = a.annotations && a.annotations.summary;
            const what = [a.entity ? entityName(a.entity) : null, a.value === null || a.value === undefined ? null : `${number(a.value, 3)}${a.threshold === null || a.threshold === undefined ? "" : " against " + number(a.threshold, 3)}`].filter(Boolean).join(", ");
            add(li, make("span", "detail", words(a.state) + (a.level ? " " + a.level : "") + ": " + (summary || what || "no details")));
            const open = () => showAlert(a.fingerprint);
            li.addEventListener("click", open); li.addEventListener("keydown", (e) => { if (e.key === "Enter") open(); });
            add(list, li);
          }
          if (!items.length) add(list, make("li", "empty", "No rule has fired."));
          const firing = items.filter((a) => a.state === "firing").length;
          $("alerts-note").textContent = firing ? `${firing} firing` : "none firing";
          document.title = (firing ? `(${firing}) ` : "") + "Gigawatch";
        }
        function onAlert(t) {
          const labels = t.labels || {};
          const old = state.alerts.get(t.fingerprint) || {};
          state.alerts.set(t.fingerprint, { ...old, fingerprint: t.fingerprint, rule: t.rule, state: t.to_state, level: t.level, value: t.value, threshold: t.threshold, event_at: t.event_at,
            entity: labels.subject || labels.entity || labels.site || labels.region || old.entity, annotations: t.annotations || old.annotations });
          drawAlerts(t.fingerprint);
        }

        // ---- sheets
        function openSheet(name) { $("sheet-title").textContent = name; clear($("sheet-body")); const d = $("sheet"); if (!d.open) d.showModal(); return $("sheet-body"); }
        $("sheet-close").addEventListener("click", () => $("sheet").close());
        $("sheet").addEventListener("click", (e) => { if (e.target === $("sheet")) $("sheet").close(); });
        function pairs(list) { const dl = make("dl", "pairs"); for (const [k, v] of list) if (v !== null && v !== undefined && v !== "" && v !== "–") add(dl, make("dt", "", k), make("dd", "", v)); return dl; }
        function grid(headings, rows) {
          const t = make("table"), h = make("tr"), b = make("tbody");
          for (const x of headings) add(h, make("th", x[1] || "", x[0]));
          for (const r of rows) { const tr = make("tr"); r.forEach((c, i) => add(tr, make("td", headings[i][1] || "", c))); add(b, tr); }
          return add(t, add(make("thead"), h), b);
        }
        async function showSite(id) {
          const body = openSheet(entityName(id));
          try {
            const [s, steps, facts] = await Promise.all([ask("/v1/sites/" + encodeURIComponent(id)), ask("/v1/sites/" + encodeURIComponent(id) + "/timeline"), ask("/v1/events", { subject: id, limit: 25 })]);
            $("sheet-title").textContent = s.name || entityName(id);
            add(body, pairs([["state", words(s.status)], ["owner", entityName(s.owner)], ["users", (s.users || []).map(entityName).join(", ")], ["where", [s.country, s.region].filter(Boolean).join(" · ")],
              ["power", short(s.facility_power_mw, "MW")], ["planned", s.planned_facility_power_mw ? short(s.planned_facility_power_mw, "MW") : null], ["limit by contract", s.site_limit_mw ? short(s.site_limit_mw, "MW") : null],
              ["compute", short(s.h100e, "H100e")], ["cost", short(s.capital_cost_usd, "USD")], ["basis", [s.assertion, s.confidence && s.confidence + " confidence"].filter(Boolean).join(", ")]]));
            if (s.contracts && s.contracts.length) add(body, make("h3", "", "Power contracts"), grid([["contract"], ["state"], ["role"], ["MW", "number"]], s.contracts.map((c) => [c.contract, words(c.status), words(c.role), number(c.power_mw)])));
            if (steps.items.length) add(body, make("h3", "", "Steps"), grid([["from"], ["state"], ["MW", "number"], ["H100e", "number"]], steps.items.slice(-30).reverse().map((x) => [day(x.at), words(x.status), number(x.facility_power_mw), number(x.h100e)])));
            if (facts.items.length) {
              add(body, make("h3", "", "Facts and their evidence"));
              const t = grid([["when"], ["known"], ["type"], ["evidence"]], facts.items.map((f) => [day(f.occurred_at), day(f.known_at), f.type, ""]));
              [...t.tBodies[0].rows].forEach((tr, i) => { const f = facts.items[i]; if (!f.evidence) return;
                if (/^https?:\/\//.test(f.evidence)) { const a = make("a", "", f.evidence.replace(/^https?:\/\//, "").slice(0, 60)); a.href = f.evidence; a.rel = "noopener noreferrer"; a.target = "_blank"; add(tr.cells[3], a); } else tr.cells[3].textContent = f.evidence; });
              add(body, t);
            }
          } catch (e) { add(body, make("p", "empty", e.message)); }
        }
        async function showAlert(id) {
          const body = openSheet("Alert");
          try {
            const a = await ask("/v1/alerts/" + encodeURIComponent(id), {}, false);
            $("sheet-title").textContent = a.rule;
            add(body, pairs([["state", words(a.state) + (a.level ? " " + a.level : "")], ["about", entityName(a.entity)], ["value", number(a.value, 4)], ["threshold", number(a.threshold, 4)], ["began", moment(a.started_at)],
              ["summary", a.annotations && a.annotations.summary], ["rule version", a.rule_version], ["fingerprint", a.fingerprint]]));
            add(body, make("h3", "", "Transitions"), grid([["when"], ["from"], ["to"], ["value", "number"], ["decided by"]],
              (a.transitions || []).slice().reverse().map((t) => [moment(t.event_at), words(t.from_state), words(t.to_state) + (t.level ? " " + t.level : ""), number(t.value, 3), t.topic ? `${t.topic}/${t.partition}/${t.record_offset}` : ""])));
          } catch (e) { add(body, make("p", "empty", e.message)); }
        }

        // ---- footer, stream, theme
        function drawFooter(positions) {
          const total = Object.values(positions || {}).reduce((a, b) => a + Number(b), 0);
          $("positions").textContent = total ? `${number(total)} records applied from ${Object.keys(positions).length} partitions` : "no record applied yet";
        }
        let later = 0;
        function soon() { clearTimeout(later); later = setTimeout(() => { if (!state.asOf && !state.asKnown) refresh(); }, 1500); }
        function listen() {
          const s = new EventSource("/v1/stream?topics=alerts,positions,metrics");
          const pulse = (cls, text) => { $("pulse").className = "pulse " + cls; $("pulse-text").textContent = text; };
          s.onopen = () => { pulse("live", "live"); loadAlerts(); };
          s.onerror = () => pulse("lost", "connection lost, trying again");
          s.addEventListener("alert", (e) => { try { onAlert(JSON.parse(e.data)); } catch { /* a line we cannot read is no reason to stop */ } });
          s.addEventListener("metric", soon);
          s.addEventListener("positions", (e) => { pulse("live", "live"); try { const all = JSON.parse(e.data); const mine = {}; for (const k of Object.keys(all)) if (k.startsWith("projection:")) mine[k] = all[k]; drawFooter(mine); } catch { /* as above */ } });
          s.addEventListener("trouble", () => pulse("lost", "the database cannot be reached"));
        }
        $("theme").addEventListener("click", () => {
          const root = document.documentElement;
          const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
          root.dataset.theme = dark ? "light" : "dark"; drawRace();
        });
        matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawRace);
        refresh(); loadAlerts(); listen();
        """##
}
