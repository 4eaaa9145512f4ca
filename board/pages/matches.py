"""The match queue: two records that may be one person, side by side; same, not the same, unsure, undo.

What the hub decides goes out as `homeward match` sends it: a signed event of our own to the intake. Nobody is
joined here: the fold does that, and the queue shows when it has.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from fastapi import FastAPI, Request, Response

from board.outbox import NotTaken
from board.people import Shown
from board.site import Site
from board.visit import Link, Refused, Visit, visit
from runtime.errors import Transient
from runtime.naming import Identity

LINK: Final = Link("/matches", "Matches", ("hub",))
UNDECIDED: Final = ("proposed", "unsure")
DECISIONS: Final = ("same", "not_same", "unsure")
REASONS: Final = {
    "name_dob_postcode": "Same family name, date of birth and postcode",
    "unverified_number": "Same NHS number, which a source has not verified",
    "dob_mismatch": "Same NHS number, another date of birth", "decided": "Decided by a person",
}  # fmt: skip


class Side(NamedTuple):
    """One of two records."""

    key: str
    who: Identity
    lines: tuple[str, ...]
    mine: bool
    """The hub has to do with them; of the other only who they are said to be is shown."""


class Pair(NamedTuple):
    """A candidate link, once for its two records."""

    left: Side
    right: Side
    reason: str
    state: str


def add(app: FastAPI, site: Site) -> None:
    """`/matches`, and the forms `decide` and `undo`."""

    @app.get(LINK.path)
    async def queue(request: Request, decided: bool = False) -> Response:
        here = visit(site, request, LINK)
        pairs = _pairs(here, decided)
        here.read("match queue", sorted({side.key for pair in pairs for side in (pair.left, pair.right)}))
        return here.page("matches.html", pairs=pairs, decided=decided, reasons=REASONS)

    @app.post(LINK.path)
    async def decide(request: Request) -> Response:
        here = visit(site, request, LINK)
        fields = await here.form()
        pair = _of(here, fields.get("left", ""), fields.get("right", ""))
        decision = fields.get("decision", "")
        if decision not in (*DECISIONS, "undo"):
            raise Refused(400, "Say whether they are the same, not the same, or that you are unsure.")
        return await _send(here, pair, decision)


async def _send(here: Visit, pair: Pair, decision: str) -> Response:
    outbox = here.site.outbox
    if outbox is None:
        raise Refused(503, "This board cannot send decisions: HOMEWARD_SECRET_OWN is not set.")
    source, survivor = pair.right.key, pair.left.key
    word = {"person_key": source, "other_key": survivor, "decided_by": here.reader.name}
    kind = "MatchUndone" if decision == "undo" else "MatchDecided"
    more = {} if decision == "undo" else {"decision": decision, "survivor_key": survivor}
    try:
        await outbox.send(kind, word | more)
    except (Transient, NotTaken):
        here.site.wrote(here.session, f"match {decision}", "failed: not taken", [source, survivor])
        return here.back(
            LINK.path, "It was not taken: the intake does not answer. Nothing has changed. Try again."
        )
    here.site.wrote(here.session, f"match {decision}", "done", [source, survivor])
    said = {
        "same": "the same person",
        "not_same": "not the same person",
        "unsure": "unsure",
        "undo": "undone",
    }
    return here.back(LINK.path, f"Sent: {said[decision]}. The queue follows within seconds.")


def _of(here: Visit, left: str, right: str) -> Pair:
    for pair in _pairs(here, True) + _pairs(here, False):
        if {pair.left.key, pair.right.key} == {left, right}:
            return pair if pair.left.key == left else pair._replace(left=pair.right, right=pair.left)
    here.site.wrote(here.session, "match", "refused: no such pair of theirs")
    raise Refused(404, "No such pair is in your queue.")


def _pairs(here: Visit, decided: bool) -> list[Pair]:
    """Pairs of which one is the hub's, each once; a restricted person is not compared here."""
    people = {one.key: one for one in here.people()}
    found: dict[frozenset[str], Pair] = {}
    for one in people.values():
        for link in one.person.get("candidate_links") or ():
            pair = frozenset({one.key, link["person_key"]})
            wanted = (link["state"] in UNDECIDED) != decided
            if pair not in found and wanted and not _restricted(here, link["person_key"]):
                found[pair] = _pair(here, one, link, people.get(link["person_key"]))
    return sorted(found.values(), key=lambda pair: (pair.state != "proposed", pair.left.key, pair.right.key))


def _pair(here: Visit, one: Shown, link: dict[str, Any], other: Shown | None) -> Pair:
    """The record in hospital to the left: it stays."""
    mine, theirs = _side(one), _side(other) if other else _other(here, link["person_key"])
    ordered = (mine, theirs) if one.spells or not theirs.lines else (theirs, mine)
    return Pair(*ordered, link["reason"], link["state"])


def _side(shown: Shown) -> Side:
    spell, transfer = shown.spell, shown.transfer
    place = spell.get("location") or {}
    said = [f"{spell['status']} {place.get('poc') or ''}".strip()] if spell else []
    said += [f"package {one.get('ref')}: {one.get('state')}" for one in transfer.get("packages") or ()]
    said += [f"support {one.get('service') or one.get('ref')}: {one.get('state')}"
             for one in transfer.get("support") or ()]  # fmt: skip
    return Side(shown.key, shown.identity, tuple(said), True)


def _other(here: Visit, key: str) -> Side:
    """Whoever compares two records must see who both are said to be, and no more of the other (IG-15)."""
    return Side(key, here.site.board.projection.names.of(key), (), False)


def _restricted(here: Visit, key: str) -> bool:
    return here.site.board.projection.shield(key).restricted
