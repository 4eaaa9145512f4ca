"""The audit, newest first, for whoever audits: who read or did what, and every refusal. No names."""

from __future__ import annotations

import json
from collections import deque
from typing import Any, Final

from fastapi import FastAPI, Request, Response

from board.site import Site
from board.visit import Link, visit
from runtime.audit import verify

LINK: Final = Link("/audit", "Audit", ("auditor",))
MOST: Final = 200


def add(app: FastAPI, site: Site) -> None:
    """`/audit`."""

    @app.get(LINK.path)
    def show(request: Request, refused: bool = False) -> Response:
        here = visit(site, request, LINK)
        path = site.audit.path
        wrong = verify(path) if path and path.exists() else []
        return here.page("audit.html", rows=_newest(site, refused), wrong=wrong, refused=refused)


def _newest(site: Site, refused: bool) -> list[dict[str, Any]]:
    if site.audit.path is None or not site.audit.path.exists():
        return []
    with site.audit.path.open(encoding="utf-8") as lines:
        rows = map(json.loads, lines)
        kept = (row for row in rows if not refused or row["outcome"].startswith("refused"))
        return list(reversed(deque(kept, MOST)))
