"""Which alerts a play must raise, from its ledger and the text of domain 02 §2.4 and domain 06 §6.2 alone.

In: the `words` of a ledger: who said what of whom, received when. Out: what is raised of whom, due when,
known when, and how it stands at the end. It knows nothing of the fold: no facts, no pictures, no spans of
ours; at each word everything is read again from the first one. Hours are the place's (places/bromley.toml).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.oracles.alert_truth_story import Told, story_of

Word = dict[str, Any]


@dataclass(frozen=True)
class Late:
    """A condition: of what, due when, over when."""

    thing: tuple[str, ...]
    opening: str
    due: datetime
    over: datetime | None = None


@dataclass(frozen=True)
class Expected:
    """An alert that must be there. `thing`: (kind, names)."""

    rule: str
    thing: tuple[str, ...]
    due: datetime
    raised: datetime
    state: str


@dataclass
class Stand:
    """How one alert stands while the words are read; one that is so again was raised when it was again."""

    due: datetime
    raised: datetime
    state: str = "open"


@dataclass
class Reading:
    """The words of one person, read one moment after the other."""

    rule: Callable[[Told], Iterator[Late]]
    raised: dict[tuple[tuple[str, ...], str], Stand] = field(default_factory=dict)

    def read(self, words: list[Word], end: datetime) -> None:
        """Each moment: hold what stands against what is known; then let the clock run to the next one."""
        moments = sorted({_at(word["received"]) for word in words})
        for moment, following in zip(moments, [*moments[1:], None], strict=True):
            known = [word for word in words if _at(word["received"]) <= moment]
            now = {(late.thing, late.opening): late for late in self.rule(story_of(known))}
            for name, stand in self.raised.items():
                _hold(stand, now.get(name), moment)
            for name, late in now.items():
                until = end if following is None else following - timedelta(microseconds=1)
                stand = self.raised.get(name)
                if late.over is None and late.due <= until and (stand is None or stand.state != "open"):
                    self.raised[name] = Stand(late.due, max(moment, late.due))


def _hold(stand: Stand, late: Late | None, moment: datetime) -> None:
    """No longer so: withdrawn. Over after it was due: resolved, unless it had been withdrawn. Over before, or
    due only later by what is known now: it never was, or is not yet.
    """
    if late is None or (late.over is not None and late.over <= late.due):
        stand.state = "withdrawn"
    elif late.over is not None:
        stand.due = late.due
        stand.state = "withdrawn" if stand.state == "withdrawn" else "resolved"
    elif stand.state == "open" and late.due >= moment:
        stand.state = "withdrawn"
    elif stand.state == "open":
        stand.due = late.due


def expected(
    words: Iterable[Word], rules: dict[str, Callable[[Told], Iterator[Late]]], end: datetime
) -> list[Expected]:
    """Every alert there was until the end, of every rule."""
    people: dict[int, list[Word]] = {}
    for word in words:
        people.setdefault(word["pid"], []).append(word)
    out = []
    for said in people.values():
        for name, rule in rules.items():
            reading = Reading(rule)
            reading.read(said, end)
            out += [
                Expected(name, thing, stand.due, stand.raised, stand.state)
                for (thing, _), stand in reading.raised.items()
            ]
    return out


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
