// The dashboard's one page: structure and words only. Figures come from the API by DashboardScript, looks from DashboardStyle.

enum DashboardPage {
    static let icon = ##"""
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#12161d"/>
        <path d="M6 25h5v-5h5v-6h5V8h5" fill="none" stroke="#ffb02e" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>
        """##

    static let text = ##"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>Gigawatch</title>
        <link rel="icon" href="/icon.svg" type="image/svg+xml">
        <link rel="stylesheet" href="/dashboard.css">
        <script src="/chart.js" defer></script>
        <script src="/dashboard.js" defer></script>
        </head>
        <body>
        <a class="skip" href="#race">Skip to the figures</a>
        <header class="bar">
          <div class="brand">
            <svg viewBox="0 0 32 32" aria-hidden="true"><path d="M4 26h6v-6h6v-7h6V6h6"/></svg>
            <div><h1>Gigawatch</h1><p>the live ledger of the AI build-out</p></div>
          </div>
          <form class="clocks" id="clocks" aria-label="Clocks">
            <label class="clock"><span>as of <output id="as-of-text">today</output></span>
              <input type="range" id="as-of" min="0" max="100" value="100" aria-describedby="as-of-text"></label>
            <label class="clock"><span>as known <output id="as-known-text">today</output></span>
              <input type="range" id="as-known" min="0" max="100" value="100" aria-describedby="as-known-text"></label>
            <button type="button" id="now" class="quiet">now</button>
          </form>
          <div class="tools">
            <span class="pulse" id="pulse" role="status"><i></i><span id="pulse-text">connecting</span></span>
            <button type="button" id="theme" class="quiet" aria-label="Dark or light">◐</button>
          </div>
        </header>
        <p class="trouble" id="trouble" role="alert" hidden></p>
        <main>
          <section class="figures" id="figures" aria-label="The world in five figures"></section>

          <section class="panel race" id="race" aria-labelledby="race-title">
            <div class="head"><h2 id="race-title">The race against the ladder</h2><p id="race-note"></p></div>
            <div class="tabs" id="series" role="tablist" aria-label="Series"></div>
            <div class="chart"><canvas id="race-chart" role="img" aria-label="Observed values and the reference ladder over time, logarithmic"></canvas></div>
            <p class="legend"><span class="key observed"></span> observed <span class="key ladder"></span> reference ladder (2024)</p>
          </section>

          <section class="panel months" aria-labelledby="months-title">
            <div class="head"><h2 id="months-title">Months ahead or behind</h2></div>
            <div id="months" class="diverging"></div>
          </section>

          <section class="panel alerts" aria-labelledby="alerts-title">
            <div class="head"><h2 id="alerts-title">Alerts</h2><p id="alerts-note">live</p></div>
            <ul id="alerts" class="feed" aria-live="polite"></ul>
          </section>

          <section class="panel sites" aria-labelledby="sites-title">
            <div class="head"><h2 id="sites-title">Sites</h2><p id="sites-note"></p>
              <input type="search" id="sites-filter" placeholder="find a site, owner, country" aria-label="Find a site"></div>
            <div class="scroll" tabindex="0" role="region" aria-labelledby="sites-title"><table id="sites"></table></div>
          </section>

          <section class="panel regions" aria-labelledby="regions-title">
            <div class="head"><h2 id="regions-title">Power balance of the regions</h2><p id="regions-note"></p></div>
            <div id="regions" class="balance"></div>
            <p class="legend"><span class="key need"></span> need with reserve <span class="key firm"></span> firm supply <span class="key gap"></span> gap</p>
          </section>
        </main>
        <dialog id="sheet" aria-labelledby="sheet-title">
          <div class="head"><h2 id="sheet-title"></h2><button type="button" class="quiet" id="sheet-close" aria-label="Close">✕</button></div>
          <div id="sheet-body"></div>
        </dialog>
        <footer>
          <p id="positions"></p>
          <p><a href="/v1">API</a> · <a href="/v1/sites?format=csv">sites as CSV</a> · every figure comes from facts that name their source</p>
        </footer>
        </body>
        </html>
        """##
}
