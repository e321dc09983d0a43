#!/usr/bin/env python3
"""A receiver that is not ours: checks each delivery with PyPI's `standardwebhooks` and keeps what it accepts.

usage: webhook_receiver.py PORT SECRET OUT [FAIL]
The first FAIL deliveries are answered 500, 429 (Retry-After: 1) in turn, so that a test sees the same webhook-id again.
Each delivery becomes a JSON line in OUT: {"status", "id", "headers", "body"}.
"""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook

port, secret, out = int(sys.argv[1]), sys.argv[2], sys.argv[3]
to_fail = int(sys.argv[4]) if len(sys.argv) > 4 else 0
webhook = Webhook(secret)
seen = 0


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        global seen
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            webhook.verify(body, headers)
            status = 204
        except Exception as problem:
            print(f"refused: {problem}", file=sys.stderr, flush=True)
            status = 401
        if status == 204 and seen < to_fail:
            status = 500 if seen % 2 == 0 else 429
            seen += 1
        with open(out, "a") as file:
            file.write(json.dumps({"status": status, "id": headers.get("webhook-id"), "headers": headers, "body": json.loads(body)}) + "\n")
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", "1")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", port), Receiver)
print("listening", flush=True)
server.serve_forever()
