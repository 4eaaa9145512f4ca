"""From facts to the lines of the public interface, offline: the network of keys, the views, the summary.

In: what the intake took. Out: JSON lines sorted by view and id, the summary last.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cli.replay.intake import IDENTIFIED, Taken
from runtime.closing import is_shown
from runtime.freshness import compact, feed_rows, staleness, with_freshness
from runtime.masking import shown_beside, shown_texts
from runtime.place import Place
from runtime.reader import OPERATOR, Reader
from schemas.fact import Fact
from schemas.figures import FIGURE_KINDS
from schemas.holders import PLACE, of_person
from streams.agents.config import core_config
from streams.core.alerts.judging import judged_anew
from streams.core.alerts.place_lives import place_rows
from streams.core.alerts.sweep import alert_line
from streams.core.config import CoreConfig
from streams.core.identity.identified import identifiable
from streams.core.identity.routes import Routes
from streams.core.pressure.as_at import measures
from streams.core.pressure.census import counted_of
from streams.core.pressure.figures import Book
from streams.core.pressure.lines import measure_lines
from streams.core.state.erasure import cuts_of, left_of
from streams.core.state.network import Network
from streams.core.state.person import PersonState
from streams.core.views.lines import encode
from streams.core.views.view import held
from streams.rules.catalogue import PLACE_RULES, RULES

PERSON_LINE, SPELL_LINE, TRANSFER_LINE = (b'{"view":"' + name for name in (b"person", b"spell", b"transfer"))


@dataclass(frozen=True)
class Asked:
    """What a caller wants to see beside the lines everybody gets."""

    now: int | None = None
    as_at: int | None = None
    """Of measures; None: each site's newest figures."""
    provenance: bool = False
    identifiable: bool = False
    reader: Reader = OPERATOR
    """As whom; the operator sees everything."""


class Restricted:
    """Adds identifiers, name, date of birth and conflicts to person lines, from the restricted facts."""

    def __init__(self, taken: Taken) -> None:
        facts = (fact for _, found in taken.facts for fact in found)
        self._links = [fact for fact in facts if fact.kind == "PersonsLinked"]

    def added(self, state: PersonState, line: bytes) -> bytes:
        """The person line of a state with its restricted fields; a retired key has none of its own."""
        row = json.loads(line)
        row.pop("version")
        facts = () if row["merged_into"] else standing(state)
        said = [fact for fact in facts if fact.kind == IDENTIFIED]
        return encode({**row, **identifiable([*said, *self._links])})


def standing(state: PersonState) -> Sequence[Fact]:
    """The facts that count at a key: none of a retired one, nothing from before an erasure."""
    facts = held(state, Routes(state.known))[0]
    cuts = cuts_of(facts, state.key, state.restriction.cuts())
    return left_of(facts, cuts, CoreConfig()).since if cuts else facts


def person_lines(
    network: Network,
    place: Place,
    restricted: Restricted | None = None,
    now: int | None = None,
    reader: Reader = OPERATOR,
) -> Iterator[str]:
    """Every line of every key that shows one; with what `--identifiable` adds where it is asked for, and
    without the transfers that were closed more than 30 days before `now`. To a reader, as far as theirs.
    """
    for view in network.views(core_config(place)):
        lines = _shown(view.lines, now)
        if restricted is not None and view.status != "parked":
            state = network.states[view.person_key]
            lines = [restricted.added(state, one) if one.startswith(PERSON_LINE) else one for one in lines]
        yield from shown_texts([line.decode() for line in lines], reader, now or 0)


def _shown(lines: Sequence[bytes], now: int | None) -> Sequence[bytes]:
    transfers = [line for line in lines if line.startswith(TRANSFER_LINE)]
    if now is None or not transfers:
        return lines
    spells = [json.loads(line) for line in lines if line.startswith(SPELL_LINE)]
    return [line for line in lines if line not in transfers or is_shown(json.loads(line), spells, now)]


def alert_lines(
    network: Network, keys: Iterable[str], places: Iterable[Fact], place: Place, now: int
) -> list[str]:
    """The line of every alert about these persons, and about places, until `now`, by id."""
    config, found = core_config(place), place_alert_lines(places, place, now)
    for key in keys:
        for row, _ in judged_anew(network.states[key], RULES, config, now):
            found.append((row.alert.alert_id, alert_line(row.alert, row.life.state).decode()))
    return [line for _, line in sorted(found)]


def place_alert_lines(said: Iterable[Fact], place: Place, now: int) -> list[tuple[str, str]]:
    """(Id, line) of every alert about a site or a care home until `now`, of figures and people's words."""
    found = place_rows(said, PLACE_RULES, core_config(place), now)
    return [(row.alert.alert_id, alert_line(row.alert, row.life.state).decode()) for row in found]


def _looked_at(people: Iterable[str]) -> Iterator[str]:
    """The keys of person lines that show a picture: neither a stub of a merged nor of a parked one."""
    for row in map(json.loads, people):
        if row.get("merged_into") is None and "state" not in row:
            yield row["person_key"]


def settled(taken: Taken) -> tuple[Network, int]:
    """The network once everything is said, and how many messages changed nothing."""
    network, superseded = Network(), 0
    for one_accepted, facts in taken.facts:
        people = [fact for fact in facts if fact.kind not in FIGURE_KINDS and of_person(fact.key)]
        changed = network.take(people)
        superseded += one_accepted and bool(people) and not changed
    network.settle()
    return network, superseded


def all_lines(taken: Taken, place: Place, asked: Asked) -> Iterator[str]:
    """The whole export."""
    network, superseded = settled(taken)
    now = asked.now if asked.now is not None else taken.now
    silence = {name: partner.silence_minutes for name, partner in place.partners.items()}
    stale = staleness(taken.heard, silence, now)
    restricted = Restricted(taken) if asked.identifiable else None
    people = _sorted(
        [with_freshness(line, stale) for line in person_lines(network, place, restricted, now, asked.reader)]
    )
    if asked.reader == OPERATOR:  # whose alert it is to see, no rule says yet
        alive = _looked_at(people["person"])
        yield from alert_lines(network, alive, [*figures_of(taken), *_words(taken)], place, now)
    feeds = feed_rows(taken.heard, silence, now)
    yield from (compact(row) for row in feeds if shown_beside(row, asked.reader, now))
    if shown_beside({"view": "measure"}, asked.reader, now):
        yield from _measures(network, figures_of(taken), place, asked.as_at)
    yield from people["person"]
    yield from _quarantine(taken, asked, now)
    yield from people["spell"]
    yield from people["transfer"]
    yield compact(summary(taken, superseded))


def figures_of(taken: Taken) -> list[Fact]:
    """The figures from outside among what was taken."""
    return [fact for _, facts in taken.facts for fact in facts if fact.kind in FIGURE_KINDS]


def _words(taken: Taken) -> Iterator[Fact]:
    """What people said of alerts about places."""
    return (fact for _, facts in taken.facts for fact in facts if fact.key.startswith(PLACE))


def figure_lines(figures: Sequence[Fact], place: Place, as_at: int | None = None) -> list[str]:
    """Every measure line as at a time; None: each site's newest."""
    found = measures(figures, core_config(place), as_at)
    return [line.decode() for line in measure_lines(found)]


def _measures(
    network: Network, figures: Sequence[Fact], place: Place, as_at: int | None
) -> Iterator[str]:
    """The measure lines: of figures, and as at a time that was asked for also what is counted then."""
    config = core_config(place)
    found = measures(figures, config, as_at)
    if as_at is not None:
        found += counted_of(network.states.values(), Book(figures, config), as_at, config)
    found.sort(key=lambda one: (one.measure, one.subject, one.until or 0))
    return (line.decode() for line in measure_lines(found))


def _sorted(lines: Sequence[str]) -> dict[str, list[str]]:
    """Lines by view, each view by its id (design.md §9 "Fixed details": by view name, then by id)."""
    found: dict[str, list[tuple[str, str]]] = {"person": [], "spell": [], "transfer": []}
    for line in lines:
        row = json.loads(line)
        found[row["view"]].append((row["spell_id"] if row["view"] == "spell" else row["person_key"], line))
    return {view: [line for _, line in sorted(rows)] for view, rows in found.items()}


def _quarantine(taken: Taken, asked: Asked, now: int) -> Iterator[str]:
    names = ("partner", "sha256", "message_id", "reason", "where")
    rows = {
        compact({"view": "quarantine"} | {name: getattr(r, name) for name in names} | (
            {"file": r.file, "index": r.index} if asked.provenance else {}))
        for r in taken.refused
        if shown_beside({"view": "quarantine", "partner": r.partner}, asked.reader, now)
    }  # fmt: skip
    yield from sorted(rows)


def summary(taken: Taken, superseded: int) -> dict[str, object]:
    """The last line: every partner message once (design.md §9 "summary")."""
    causes: dict[str, int] = {}
    totals = dict.fromkeys(("accepted", "duplicate", "quarantined", "ignored"), 0)
    for (kind, cause), count in taken.units.items():
        totals[kind] += count
        if cause:
            causes[cause] = causes.get(cause, 0) + count
    for refused in taken.refused:
        causes[refused.reason] = causes.get(refused.reason, 0) + 1
    if superseded:
        totals["accepted"] -= superseded
        totals["ignored"] += superseded
        causes["superseded"] = superseded
    return {
        "view": "summary", "read": sum(totals.values()), "accepted": totals["accepted"],
        "duplicates": totals["duplicate"], "quarantined": totals["quarantined"], "ignored": totals["ignored"],
        "causes": dict(sorted(causes.items())),
    }  # fmt: skip
