# ruff: noqa: INP001, T201  (a script for people to read, not part of the package)
"""A subscriber of Homeward's notices and views in plain Python: verifies, acknowledges, prints an inbox.

HOMEWARD_SECRET_NOTICES=… python examples/subscriber.py 9000     then     HOMEWARD_NOTICE_URL=http://127.0.0.1:9000
"""

import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = os.environ["HOMEWARD_SECRET_NOTICES"].encode()
SEEN = set()  # notices are sent at least once: the same notice_id again is the same notice


class Inbox(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), 1 << 20))
        stamp = self.headers.get("Homeward-Timestamp", "0")
        wanted = "v1=" + hmac.new(SECRET, f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(wanted, self.headers.get("Homeward-Signature", "")):
            return self.answer(401, {"error": "signature"})
        if "HOMEWARD_CLOCK" not in os.environ and abs(time.time() - int(stamp)) > 300:
            return self.answer(401, {"error": "too old"})
        message = json.loads(body)
        if "notice_id" in message and message["notice_id"] not in SEEN:
            SEEN.add(message["notice_id"])
            what = f"NO LONGER TRUE: {message['fact']}" if message["retracts"] else message["fact"]
            print(
                f"{message['sent_at']}  {message['recipient']:<14} {what}  spell {message['about'][:8]}",
                flush=True,
            )
        return self.answer(200, {"acknowledged": True})

    def answer(self, status, said):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 9000), Inbox).serve_forever()
