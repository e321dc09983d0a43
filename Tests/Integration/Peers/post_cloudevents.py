#!/usr/bin/env python3
"""Posts two events with PyPI's `cloudevents`, one in structured and one in binary mode, and prints both HTTP statuses.

usage: post_cloudevents.py URL SUBJECT
"""
import sys
import urllib.request

from cloudevents.v1.http import CloudEvent, to_binary, to_structured

url, subject = sys.argv[1], sys.argv[2]


def event(identity, power):
    attributes = {
        "id": identity, "source": "/peers/python-cloudevents", "type": "site.capacity.reported.v1", "subject": subject,
        "time": "2026-03-01T00:00:00Z", "datacontenttype": "application/json", "confidence": "high", "assertion": "reported",
    }
    return CloudEvent(attributes, {"facility_power_mw": power})


for identity, convert, power in (("structured-1", to_structured, 120.5), ("binary-1", to_binary, 130.25)):
    headers, body = convert(event(identity, power))
    request = urllib.request.Request(url, data=body, headers=dict(headers), method="POST")
    with urllib.request.urlopen(request) as answer:
        print(answer.status, answer.read().decode())
