"""Which notices of alerts are due to which desk (domain 02 §2.4): several of one rule and place in one, none
twice, none in quiet hours but high ones, none of what somebody answered meanwhile.

In: steps in the life of alerts, in any repetition; a moment. Out: notices of rule, place, count and link:
never a person, nothing that leads to one. Pure: what was sent is told back, and remembered by whoever keeps
it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256
from typing import Any, Final, NamedTuple

from runtime.desk_load import BUDGET, HOUR_US, in_force, is_there, loads
from runtime.grouping import UNANSWERED, behind
from runtime.place import Place

MINUTE_US: Final = 60_000_000
STATES: Final = {
    "AlertRaised": "open", "AlertReopened": "open", "AlertEscalated": "escalated",
    "AlertAcknowledged": "acknowledged", "AlertSnoozed": "snoozed", "AlertResolved": "resolved",
    "AlertWithdrawn": "withdrawn", "AlertExpired": "expired",
}  # fmt: skip
WORDS: Final = {"AlertRaised": "raised", "AlertReopened": "raised again", "AlertEscalated": "nobody answered"}
"""The steps desks are told of."""
KEPT: Final = ("rule", "severity", "thing", "site", "desks", "raised_at", "due_at")


class Step(NamedTuple):
    """One step a desk may have to hear of."""

    token: str
    """Desk and step: what is remembered of it once it was sent."""
    alert_id: str
    desk: str
    rule: str
    site: str
    high: bool
    word: str
    at: int


class Notice(NamedTuple):
    """What is sent, and the tokens it settles."""

    id: str
    desk: str
    title: str
    body: str
    tokens: tuple[str, ...]


class Noticing:
    """What has been heard and what was sent. `told`: tokens sent before, and when; `desks`: those that can be
    told.
    """

    def __init__(
        self, place: Place, link: str, told: Mapping[str, int], desks: Collection[str]
    ) -> None:
        self._place, self._link, self._desks = place, link, frozenset(desks)
        self._told = dict(told)
        self._alerts: dict[str, dict[str, Any]] = {}
        self._pending: dict[str, Step] = {}
        self._last: dict[tuple[str, str], int] = {}
        """(Desk, alert) -> when it was last told of it."""

    def hear(self, kind: str, said: Mapping[str, Any], now: int) -> None:
        """One record of `toc.alert.v1`."""
        ident = said["alert_id"]
        self._alerts[ident] = {**{name: said[name] for name in KEPT}, "state": STATES.get(kind, "open")}
        word, age = WORDS.get(kind), now - said["recorded_at"]
        if word is None or (kind == "AlertReopened" and said["reason"] != "holds_again"):
            return
        for desk in self._desks.intersection(said["desks"]):
            token = f"{desk}/{said['event_id']}"
            if token in self._told:
                self._note(desk, ident, self._told[token])
            elif age < self._terms("horizon_hours", now, 168) * HOUR_US:
                high = said["severity"] == "high"
                self._pending[token] = Step(
                    token, ident, desk, said["rule"], said["site"] or self._place.title, high, word,
                    said["recorded_at"],
                )  # fmt: skip

    def due(self, now: int) -> list[Notice]:
        """The notices due at a moment; what needs none any more is let go of."""
        held, load = behind(self._alerts, self._place), loads(self._alerts.values(), now)
        found: list[Notice] = []
        for desk, steps in sorted(self._standing(held, now).items()):
            over = load[desk] > self._terms("budget", now, BUDGET)
            groups: dict[tuple[str, str, str], list[Step]] = defaultdict(list)
            for step in steps:
                groups[step.rule, step.site, step.word].append(step)
            ready = [one for one in groups.values() if self._ready(one, over, now)]
            high = [one for one in ready if one[0].high]
            calm = [one for one in ready if not one[0].high]
            found += [self._notice(desk, [one]) for one in high]
            found += [self._notice(desk, calm)] if over and calm else [self._notice(desk, [o]) for o in calm]
        return found

    def loads(self, now: int) -> Mapping[str, int]:
        """Desk -> how many alerts it had in the last eight hours."""
        return loads(self._alerts.values(), now)

    def sent(self, notice: Notice, now: int) -> None:
        """It is with the desk."""
        for token in notice.tokens:
            step = self._pending.pop(token)
            self._told[token] = now
            self._note(step.desk, step.alert_id, now)

    def _note(self, desk: str, alert_id: str, at: int) -> None:
        self._last[desk, alert_id] = max(at, self._last.get((desk, alert_id), 0))

    def _standing(self, held: Mapping[str, str], now: int) -> dict[str, list[Step]]:
        """By desk what nobody has answered and no silent feed holds up."""
        found: dict[str, list[Step]] = defaultdict(list)
        repeat = self._terms("repeat_minutes", now, 60) * MINUTE_US
        for token, step in list(self._pending.items()):
            state = self._alerts[step.alert_id]["state"]
            told = self._last.get((step.desk, step.alert_id))
            again = step.word == "raised again" and told is not None and step.at - told < repeat
            if state not in UNANSWERED or again:
                del self._pending[token]
            elif step.alert_id not in held:
                found[step.desk].append(step)
        return found

    def _ready(self, steps: Iterable[Step], over: bool, now: int) -> bool:
        """Whether the oldest has waited for its window; normal ones wait for the desk to be there."""
        oldest = min(steps, key=lambda step: step.at)
        if oldest.high:
            return True
        if not is_there(self._place.desks.get(oldest.desk), now):
            return False
        name, usual = ("batch_minutes", 60.0) if over else ("window_minutes", 5.0)
        return now - oldest.at >= self._terms(name, now, usual) * MINUTE_US

    def _terms(self, name: str, now: int, usual: float) -> float:
        return in_force(self._place.thresholds, f"notices.{name}", now, usual)

    def _notice(self, desk: str, groups: list[list[Step]]) -> Notice:
        tokens = tuple(sorted(step.token for one in groups for step in one))
        lines = [f"{_plain(one[0].rule)}, {one[0].site}: {len(one)} ({one[0].word})" for one in groups]
        title = lines[0] if len(lines) == 1 else f"{len(tokens)} alerts, {len(lines)} kinds"
        ident = sha256("|".join(tokens).encode()).hexdigest()[:16]
        return Notice(ident, desk, title, "\n".join([*lines, self._link]), tokens)


def _plain(rule: str) -> str:
    return rule.replace("_", " ").capitalize()
