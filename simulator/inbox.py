"""The recipients' side of notices: council, care provider, charity and GP practice behind one small server.

`python -m simulator.inbox --port P --out FILE`: verifies the signature, writes every notice to FILE (one JSON
line each) and acknowledges, except that the council's brokerage has gone home: it does not acknowledge what
is
to be un-told.
"""

from __future__ import annotations

import argparse
import hmac
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from simulator.wires import sign

SILENT_ABOUT_RETRACTIONS = "lbb"


class Inbox(BaseHTTPRequestHandler):
    """One POST a notice."""

    out: Path
    secret: str

    def do_POST(self) -> None:
        """Verify, write down, acknowledge."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        stamp = self.headers.get("Homeward-Timestamp", "0")
        good = sign(self.secret, int(stamp), body)
        if not hmac.compare_digest(good, self.headers.get("Homeward-Signature", "")):
            self._answer(401, {})
            return
        notice: dict[str, Any] = json.loads(body)
        with self.out.open("a", encoding="utf-8") as out:
            out.write(json.dumps(notice) + "\n")
        silent = notice["recipient"] == SILENT_ABOUT_RETRACTIONS and notice["retracts"]
        self._answer(200, {"acknowledged": not silent})

    def log_message(self, *_: object) -> None:
        """The log is the file."""

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


def main() -> int:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="simulator.inbox", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.touch()
    Inbox.out, Inbox.secret = args.out, os.environ["HOMEWARD_SECRET_NOTICES"]
    ThreadingHTTPServer(("127.0.0.1", args.port), Inbox).serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
