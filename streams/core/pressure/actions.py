"""The action log of a place: how each action stands (domain 02 §2.5).

In: what was said of the actions of one site, in any order, any number of times. Out: each as it stands, a
function of the set. Of what was logged, and of how it ended, the word written down last counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from schemas.fact import Fact, order
from streams.core.facts.select import WITHDRAWN

FIELDS: Final = ("what", "owner", "due_at", "call", "about", "actor")


def actions_of(facts: Iterable[Fact]) -> dict[str, dict[str, Any]]:
    """Action id -> the fields of its view."""
    told: dict[str, dict[str, list[Fact]]] = {}
    for fact in facts:
        if WITHDRAWN not in fact.flags:
            told.setdefault(_ident(fact), {}).setdefault(fact.kind, []).append(fact)
    return {ident: _row(ident, said) for ident, said in sorted(told.items())}


def _ident(fact: Fact) -> str:
    return fact.thing.partition("/")[2]


def _row(ident: str, said: dict[str, list[Fact]]) -> dict[str, Any]:
    logged, ended = said.get("ActionLogged", []), said.get("ActionDone", [])
    last = max(ended, key=order, default=None)
    over = last is not None and last.body.get("outcome") in ("done", "dropped")
    newest: Fact = max(logged or ended, key=order)
    body = newest.body if logged else {}
    return {
        "action_id": ident, "site": newest.key, **{name: body.get(name) for name in FIELDS},
        "logged_at": min((fact.occurred_at for fact in logged), default=None),
        "state": last.body["outcome"] if last and over else "open",
        "ended_at": last.occurred_at if last and over else None,
        "ended_by": last.body.get("actor") if last and over else None,
    }  # fmt: skip
