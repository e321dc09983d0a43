#!/usr/bin/env python3
"""A webhook receiver for the demo: checks the Standard Webhooks signature by itself (https://www.standardwebhooks.com) and keeps each body.

usage: webhook_receiver.py PORT SECRET_FILE OUT
Each accepted delivery becomes one JSON line in OUT: {"id", "timestamp", "body"}. A wrong or missing signature is answered 401.
"""
import base64
import hashlib
import hmac
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

port, secret_file, out = int(sys.argv[1]), sys.argv[2], sys.argv[3]
with open(secret_file) as file:
    text = file.read().strip()
secret = base64.b64decode(text.removeprefix("whsec_"))


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        identity, timestamp = self.headers.get("webhook-id", ""), self.headers.get("webhook-timestamp", "")
        signed = f"{identity}.{timestamp}.".encode() + body
        expected = "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
        signatures = self.headers.get("webhook-signature", "").split(" ")
        status = 204 if any(hmac.compare_digest(expected, one) for one in signatures) else 401
        if status == 204:
            with open(out, "a") as file:
                file.write(json.dumps({"id": identity, "timestamp": timestamp, "body": json.loads(body)}) + "\n")
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", port), Receiver).serve_forever()
