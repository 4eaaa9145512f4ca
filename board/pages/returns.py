"""Returns as drafts: each figure leads to the spells and events it was counted from; a person submits them.

The board counts none of this: it shows what `homeward returns` laid down (ADR 18). People behind a figure are
named to whom they are shown anyway; to others they are spells.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import FileResponse

from board.drafts import GROUPS, KINDS, RESIDENTS, Cell, Draft, drafts_in, named
from board.reasons import REASONS
from board.rows import name_of
from board.site import Site
from board.visit import Link, Refused, Visit, visit

LINK: Final = Link("/returns", "Returns", ("control_centre", "ward", "hub"))
LONG_LISTS: Final = ("reason", "destination")
"""Groups with a figure for each code of a national list."""
WORDS: Final = {f"{group}.{code}": words for group in ("reason", "reason_los7", "reason_los14")
                for code, words in REASONS}  # fmt: skip
TYPES: Final = {".csv": "text/csv; charset=utf-8", ".jsonl": "application/x-ndjson"}


def add(app: FastAPI, site: Site) -> None:
    """`/returns`, one draft by `draft`, one figure by `cell` and `residents`; `/returns/<file>`."""

    @app.get(LINK.path)
    async def show(
        request: Request,
        draft: str = Query("", max_length=200),
        cell: str = Query("", max_length=80),
        residents: str = Query("all", max_length=20),
    ) -> Response:
        here = visit(site, request, LINK)
        found, others = drafts_in(site.returns)
        chosen = next((one for one in found if one.name == draft), found[0] if found and not draft else None)
        if draft and chosen is None:
            raise Refused(404, "No such draft is laid down here.")
        figure = chosen.cell(cell, residents) if chosen and cell else None
        if cell and figure is None:
            raise Refused(404, "No such figure is in this draft.")
        behind = _behind(here, figure) if figure else []
        here.read("returns", [row["key"] for row in behind if row["key"]])
        return here.page(
            "returns.html", drafts=found, others=others, chosen=chosen, figure=figure, behind=behind,
            groups=_groups(chosen) if chosen else [], residents=RESIDENTS, kinds=KINDS,
            words=WORDS,
        )  # fmt: skip

    @app.get(LINK.path + "/{name}")
    async def download(request: Request, name: str) -> Response:
        here = visit(site, request, LINK)
        path: Path | None = named(site.returns, name)
        if path is None:
            raise Refused(404, "No such draft is laid down here.")
        site.wrote(here.session, "return downloaded", "shown")
        return FileResponse(path, filename=path.name, media_type=TYPES[path.suffix])


Group = tuple[str, list[tuple[str, list[Cell | None]]], list[str]]
"""Title; figure -> a cell for each of whose people it is; figures of a long list nobody is known in."""


def _groups(draft: Draft) -> list[Group]:
    names: dict[str, dict[str, dict[str, Cell]]] = {}
    for one in draft.cells:
        names.setdefault(one.group, {}).setdefault(one.name, {})[one.residents] = one
    out: list[Group] = []
    for group, figures in names.items():
        quiet = [name for name, by in figures.items() if group.startswith(LONG_LISTS)
                 and not any(one.value for one in by.values())]  # fmt: skip
        shown = {name: by for name, by in figures.items() if name not in quiet}
        rows = [(name, [by.get(who) for who in RESIDENTS]) for name, by in shown.items()]
        out.append((GROUPS.get(group, group.replace("_", " ")), rows, quiet))
    return out


def _behind(here: Visit, figure: Cell) -> list[dict[str, Any]]:
    """The spells of a figure, with whose they are where the reader is shown them."""
    shown = {spell["spell_id"]: one for one in here.people() for spell in one.spells}
    rows = []
    for spell_id in dict.fromkeys((*figure.spells, *figure.gone)):
        who = shown.get(spell_id)
        how = "no longer counted" if spell_id in figure.gone else "new" if spell_id in figure.added else ""
        named = who is not None and bool(who.person)
        rows.append({"spell": spell_id, "key": who.key if who and named else "",
                     "name": name_of(who) if who and named else "", "how": how})  # fmt: skip
    return rows
