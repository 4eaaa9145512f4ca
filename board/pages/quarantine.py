"""Quarantine: what was refused, where and why; never what stood there. For whoever looks after a feed."""

from __future__ import annotations

import json
from collections import Counter
from typing import Final

from fastapi import FastAPI, Request, Response

from board.app import quarantine_lines
from board.site import Site
from board.visit import Link, visit

LINK: Final = Link("/quarantine", "Quarantine", ("integrator",))
MOST: Final = 500


def add(app: FastAPI, site: Site) -> None:
    """`/quarantine`, narrowed by `partner` and `reason`."""

    @app.get(LINK.path)
    async def quarantine(request: Request, partner: str = "", reason: str = "") -> Response:
        here = visit(site, request, LINK)
        rows = [json.loads(line) for line in quarantine_lines(site.board, here.reader)]
        reasons = Counter(row["reason"] for row in rows)
        asked = {"partner": partner, "reason": reason}
        chosen = [row for row in rows if all(not want or row[name] == want for name, want in asked.items())]
        return here.page(
            "quarantine.html", rows=chosen[:MOST], total=len(chosen), chosen=asked,
            reasons=[(name, f"{name} ({count})") for name, count in reasons.most_common()],
            partners=[(name, name) for name in sorted({row["partner"] for row in rows})],
        )  # fmt: skip
