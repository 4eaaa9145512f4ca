"""Returns from partner files, offline: the same intake, keys and facts as a replay's lines.

In: what the intake took, the place, a trust, a day. Out: cells, and their lines as JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from cli.replay.export import figures_of, settled, standing
from cli.replay.intake import Taken
from runtime.errors import Misconfigured
from runtime.place import Place
from schemas.fact import Fact
from schemas.figures import FIGURE_KINDS
from streams.agents.config import core_config
from streams.core.config import CoreConfig
from streams.core.moments import local_moment, utc_text
from streams.core.pressure.figures import Book
from streams.core.state.network import Network
from streams.core.views.view import look
from streams.returns.cells import Cell, Change
from streams.returns.day import SNAPSHOT_MINUTE, Snapshot, snapshot
from streams.returns.discharge import Heard, discharge_cells
from streams.returns.layout import Organisation
from streams.returns.seen import Seen, Unplaced, seen_of
from streams.returns.uec import uec_cells

Kind = Literal["discharge", "uec"]


@dataclass(frozen=True)
class Wanted:
    """A return that is asked for."""

    kind: Kind
    trust: str
    day: date
    as_at: int | None = None


def trust_of(place: Place, code: str | None) -> str:
    """The trust asked for, or the place's only one. Raises Misconfigured."""
    known = ", ".join(sorted(place.trusts)) or "none"
    if code is None and len(place.trusts) == 1:
        return next(iter(place.trusts))
    if code not in place.trusts:
        raise Misconfigured(f"--trust: {'say which' if code is None else 'no such trust'}; known: {known}")
    return str(code)


def organisation(place: Place, code: str) -> Organisation:
    """The trust as the place states it."""
    of = place.trusts[code]
    return Organisation(code, of.title, of.region, of.icb)


def cells_of(taken: Taken, place: Place, wanted: Wanted) -> list[Cell]:
    """Every cell of a return."""
    config = core_config(place)
    hospitals = ((name, p.controller) for name, p in place.partners.items() if p.sector == "hospital")
    partners = frozenset(name for name, controller in hospitals if controller == wanted.trust)
    snap = moment_of(wanted)
    network, _ = settled(taken)
    people, frozen = people_of(network, partners, snap, config)
    listing = any(place.partners[name].sector == "hub" for name in taken.heard)
    heard = _heard(taken, partners)._replace(frozen=frozen, lists=listing)
    if wanted.kind == "discharge":
        return discharge_cells(people, heard, snap, config)
    sites = [site for site in place.sites if site.startswith(wanted.trust)]
    return uec_cells(people, heard, Book(figures_of(taken), config), sites, snap, config)


def moment_of(wanted: Wanted) -> Snapshot:
    """The day as at the moment asked for: by default its end, of beds 08:00."""
    eight = local_moment(wanted.day, SNAPSHOT_MINUTE) if wanted.kind == "uec" else None
    return snapshot(wanted.day, eight if wanted.as_at is None else wanted.as_at)


def people_of(
    network: Network, partners: frozenset[str], snap: Snapshot, config: CoreConfig
) -> tuple[list[Seen | Unplaced], int]:
    """Everyone on the day, each spell once, and how many are frozen. A key that was merged into another shows
    nothing of its own.
    """
    found: list[Seen | Unplaced] = []
    frozen = 0
    for _, state in sorted(network.states.items()):
        view = look(state, config).view
        if view is None or view.status == "merged":
            continue
        if view.status == "parked":
            frozen += 1
        else:
            found += seen_of(standing(state), partners, snap, config)
    return _once(found), frozen


def _once(found: Sequence[Seen | Unplaced]) -> list[Seen | Unplaced]:
    """Of a visit that stands under two records nobody has joined, the one of which more is known."""
    spells: dict[str, Seen] = {}
    for one in found:
        if isinstance(one, Seen):
            held = spells.get(one.spell_id)
            if held is None or len(one.facts) > len(held.facts):
                spells[one.spell_id] = one
    listed = (one for one in found if isinstance(one, Unplaced) and one.thing not in spells)
    return [*spells.values(), *listed]


def _heard(taken: Taken, partners: frozenset[str]) -> Heard:
    said = [fact for fact in _of_hospitals(taken, partners) if fact.kind not in FIGURE_KINDS]
    through = [at for name, at in taken.heard.items() if name in partners]
    return Heard(min((fact.occurred_at for fact in said), default=None), max(through, default=None))


def _of_hospitals(taken: Taken, partners: frozenset[str]) -> Iterator[Fact]:
    return (fact for _, facts in taken.facts for fact in facts if fact.partner in partners)


def rows_of(
    cells: Iterable[Cell | Change], place: Place, wanted: Wanted, known_at: int
) -> Iterator[dict[str, Any]]:
    """The lines of a return: first what it is, then a line a cell."""
    snap = moment_of(wanted)
    yield {
        "view": "return", "kind": wanted.kind, "draft": True, "trust": wanted.trust,
        "day": wanted.day.isoformat(), "as_at": utc_text(min(snap.before, snap.ends)),
        "known_at": utc_text(known_at), "exclusions": _stated(place),
    }  # fmt: skip
    for one in cells:
        yield _row(one.now) | _was(one) if isinstance(one, Change) else _row(one)


def _stated(place: Place) -> list[Mapping[str, object]]:
    return [{"name": one.name, "source": one.source, "verified": one.verified} for one in place.exclusions]


def _row(cell: Cell) -> dict[str, Any]:
    return {
        "view": "return_cell", "residents": cell.residents, "cell": cell.name, "value": cell.value,
        "complete": cell.complete, "missing": list(cell.missing), "as_at": utc_text(cell.as_at),
        "spells": list(cell.spells), "events": list(cell.events),
    }  # fmt: skip


def _was(change: Change) -> dict[str, Any]:
    now, was = set(change.now.spells), set(change.was.spells)
    return {
        "was": change.was.value, "difference": change.difference,
        "spells_added": sorted(now - was), "spells_gone": sorted(was - now),
    }  # fmt: skip

