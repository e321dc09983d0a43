#!/usr/bin/env python3
"""Checks what the demo must have come to, through the HTTP API alone. Exits 1 and says what is missing.

usage: outcome.py GIGAWATCH WEBHOOKS FACTS      (GIGAWATCH_QUERY_URL names the query service)
"""
import json
import os
import subprocess
import sys
import urllib.request

gigawatch, webhooks, facts = sys.argv[1:4]
query = os.environ["GIGAWATCH_QUERY_URL"]
missing = []


def get(path):
    with urllib.request.urlopen(query + path, timeout=10) as answer:
        return json.load(answer)


def every(path):
    """All items of a list, page by page."""
    items, cursor = [], None
    while True:
        page = get(path + ("&" if "?" in path else "?") + "limit=500" + (f"&cursor={cursor}" if cursor else ""))
        items += page["items"]
        cursor = page.get("next")
        if not cursor:
            return items


def expect(condition, sentence):
    if not condition:
        missing.append(sentence)


with open(facts) as file:
    sent = [json.loads(line) for line in file if line.strip()]
expect(len(sent) >= 120 and all(event.get("evidence") for event in sent), "at least 120 facts, each with its evidence, are sent")

events = every("/v1/events?source=/gigawatch/demo/public-reporting")
expect(len(events) == len(sent), f"all {len(sent)} facts are in the ledger (there are {len(events)})")

sites = {site["site"]: site for site in every("/v1/sites")}
expect(len(sites) >= 8, f"at least 8 sites are seen (there are {len(sites)})")
expect(sites.get("colossus-2", {}).get("facility_power_mw") == 1276, "Colossus 2 stands at 1,276 MW")

scenario = every("/v1/scenario")
expect(any(row.get("months_ahead") is not None for row in scenario), "the scenario says how many months ahead or behind the world is")

regions = {region["region"]: region for region in every("/v1/regions")}
expect(regions.get("PJM", {}).get("need_mw") is not None, "the power balance of PJM is known")

quarantined = every("/v1/quarantine")
expect(not quarantined, f"nothing is in quarantine (there are {len(quarantined)}: {quarantined[:1]})")

alerts = every("/v1/alerts")
rules_fired = sorted({alert["rule"] for alert in alerts})
expect(len(rules_fired) >= 4, f"at least 4 rules have fired (these did: {', '.join(rules_fired) or 'none'})")

received = []
if os.path.exists(webhooks):
    with open(webhooks) as file:
        received = [json.loads(line) for line in file]
load = [(delivery["id"], alert["status"]) for delivery in received for alert in delivery["body"]["alerts"]
        if alert["labels"].get("alertname") == "site-load-above-contract"]
expect(any(status == "firing" for _, status in load), "the webhook receiver was told that the simulated site passed its limit")
expect(any(status == "resolved" for _, status in load), "and that it came back")

audit = subprocess.run([gigawatch, "audit"], capture_output=True, text=True)
expect(audit.returncode == 0, f"gigawatch audit finds no gap and no double:\n{audit.stdout}{audit.stderr}")

if missing:
    print("not yet:")
    for sentence in missing:
        print("  -", sentence)
    sys.exit(1)
print(f"Checked: {len(events)} facts in the ledger, {len(sites)} sites, {len(rules_fired)} rules fired, "
      f"{len(received)} signed webhooks, audit without a gap or a double.")
