"""A year of a place, made up from a seed: what its connectors publish of a share of its people, whose year is
whole, in the order received.

In: the share. Out: events as the topics have them. Assumed of the place: 110 admissions a day (a general
hospital of some 500 beds), a fifth of them readmissions within the year. An ADT message is two or three
events (link, fact, match tag); 48 % of them are A08s, most of which repeat what the last one said.
"""

from __future__ import annotations

import random
from collections.abc import Generator, Iterator
from typing import Any, ClassVar, NamedTuple

from bench.load import HOUR_US, MINUTE_US, START_US
from schemas.codec import encode
from schemas.headers import headers
from schemas.ids import event_id, notice_id
from schemas.samples import sample

ADMISSIONS_A_DAY, DAYS = 110, 365
DAY_US = 24 * HOUR_US
READMITTED = 0.2
"""Of people who went home, how many come back, each time."""
MIX: dict[str, float] = {
    "a08_of_messages": 0.48, "a08_changes": 0.25, "late": 0.01, "sent_again": 0.02, "requeued": 0.01,
    "attended_first": 0.6, "discharge_cancelled": 0.02, "on_hub_list": 0.3, "task": 0.3, "package": 0.12,
    "voluntary": 0.08,
}  # fmt: skip
"""Shares: of messages, or of stays."""
COURSES: dict[str, tuple[str, tuple[str, ...]]] = {
    "task": ("0002", ("TaskRequested", "TaskAcknowledged", "TaskAccepted", "TaskCompleted")),
    "package": (
        "0003", ("CarePackageRequested", "CarePackageApproved", "CarePackageStarted", "CarePackageEnded"),
    ),
    "voluntary": ("0004", ("SupportRequested", "SupportAccepted", "SupportVisitDone", "SupportClosed")),
}  # fmt: skip
Step = tuple[str, int, dict[str, Any]]
_TAGGED = frozenset({"SpellRegistered", "SpellAdmitted", "SpellAmended"})


class Made(NamedTuple):
    """One event. `arrived` orders the year, `message` tells whether an ADT message brought it."""

    arrived: int
    kind: str
    key: bytes
    value: bytes
    header_bytes: int


_NOT_IN_A08 = (
    "discharged_at", "discharge_method", "discharge_destination", "medically_fit_at", "poc", "room", "bed",
    "facility",
)  # fmt: skip


def persons_of(share: float) -> int:
    """How many people that share of a place-year is."""
    return round(ADMISSIONS_A_DAY * DAYS * (1 - READMITTED) * share)


def year(share: float, seed: int = 11) -> list[Made]:
    """Every event of so many people, in the order received."""
    out = [made for number in range(persons_of(share)) for made in _Person(number, seed).events()]
    out.sort(key=lambda made: made.arrived)
    return out


class _Person:
    """One person's year: stays, and what hub, council and charity say around them."""

    _bases: ClassVar[dict[str, dict[str, Any]]] = {}

    def __init__(self, number: int, seed: int) -> None:
        self.chance = random.Random(f"{seed}/{number}")
        self.key, self.local = f"p1:{number:026d}", f"p1:L{number:025d}"
        self.tag, self.stays, self.told = f"{number:016x}", 0, 0
        self.number = number

    def events(self) -> Iterator[Made]:
        at = START_US + self.chance.randrange(DAYS * DAY_US // MINUTE_US) * MINUTE_US
        while at < START_US + DAYS * DAY_US:
            self.stays += 1
            at = yield from self._stay(at)
            if self.chance.random() >= READMITTED:
                return
            at += self.chance.randrange(2, 60) * DAY_US

    def _is(self, name: str) -> bool:
        return self.chance.random() < MIX[name]

    def _thing(self, what: str) -> str:
        return f"{self.number:08x}-{what}-5be1-{self.stays:04x}-5be15be15be1"

    def _stay(self, at: int) -> Generator[Made, None, int]:
        chance, spell = self.chance, self._thing("0001")
        days = min(1 + chance.expovariate(1 / 5.5), 60)
        left = at + round(days * 24 * 60) * MINUTE_US
        visit = {"visit_number": f"V{self.number:07d}{self.stays}", "admitted_at": at}
        steps: list[Step] = [("SpellAdmitted", at, {})]
        if self._is("attended_first"):
            steps.append(("SpellRegistered", at - 5 * HOUR_US, {"patient_class": "E"}))
        for move in range(chance.randrange(1, 2 + round(days / 4))):
            when = at + round(chance.random() * (left - at))
            bed = str(chance.randrange(1, 30))
            steps.append(("SpellTransferred", when, {"instance": f"m{move}", "bed": bed}))
        steps.append(("DischargePending", left - DAY_US // 2, {"expected_at": left}))
        steps.append(("SpellDischarged", left, {}))
        if self._is("discharge_cancelled"):
            steps.append(("SpellDischargeCancelled", left + HOUR_US, {}))
            steps.append(("SpellDischarged", left + DAY_US, {}))
        steps += self._amendments(len(steps), at, left)
        for kind, when, body in steps:
            yield from self._adt(kind, spell, when, visit | body)
        yield from self._around(spell, at, left)
        return left

    def _amendments(self, others: int, at: int, left: int) -> Iterator[Step]:
        chance, share = self.chance, MIX["a08_of_messages"]
        expected = at + 5 * DAY_US
        count = int(others * share / (1 - share) + chance.random())
        for part in sorted(chance.random() for _ in range(count)):
            if chance.random() < MIX["a08_changes"]:
                expected += chance.randrange(-1, 3) * DAY_US
            said = {"expected_discharge_at": expected, "medically_fit": "Y" if part > 0.8 else "N"}
            yield "SpellAmended", at + round(part * (left - at)), said

    def _adt(self, kind: str, spell: str, at: int, body: dict[str, Any]) -> Iterator[Made]:
        """What one message becomes: the link of its ids, the fact, the match tag; sent again now and then."""
        name = f"{kind}/{at}/{self.stays}"
        link = {"thing": "person", "source_key": self.local, "target_key": self.key}
        yield from self._event("PersonsLinked", self.local, at, name, link)
        yield from self._event(kind, self.key, at, name, {"thing": spell, **body})
        if kind in _TAGGED:
            tagged = {"thing": "person", "match_tags": [self.tag], "unverified_number_key": None}
            yield from self._event("PersonTagged", self.key, at, name, tagged)

    def _around(self, spell: str, at: int, left: int) -> Iterator[Made]:
        chance = self.chance
        if self._is("on_hub_list"):
            yield from self._listed(spell, at, left)
        for share, (what, kinds) in COURSES.items():
            if not self._is(share):
                continue
            when = max(at, left - 2 * DAY_US)
            names = {"spell_id": spell, "parent_id": None} if share == "task" else {}
            said = {"thing": self._thing(what), **names}
            for kind in kinds:
                yield from self._event(kind, self.key, when, kind, said)
                when += chance.randrange(1, 40) * HOUR_US
        about = f"pruh-adt/{spell}/SpellDischarged/0"
        notice = notice_id(spell, "discharged", about, "bromley-well")
        for kind in ("NoticeSent", "NoticeAcknowledged"):
            if chance.random() < MIX["voluntary"]:
                said = {"thing": notice, "recipient": "bromley-well", "about": spell, "fact_id": about}
                yield from self._event(kind, self.key, left + HOUR_US, kind, said | {"retracts": None})

    def _listed(self, spell: str, at: int, left: int) -> Iterator[Made]:
        """A hub list's changes: on the list from the second day, looked at daily, a pathway, a reason."""
        ready = at + round((left - at) * 0.7)
        said: list[Step] = [("WorklistRowSeen", at + DAY_US, {}), ("WorklistRowGone", left + HOUR_US, {})]
        said += [("PathwaySet", ready, {"stage": "confirmed", "instance": "confirmed"})]
        said += [("OwnerSet", ready + HOUR_US, {})]
        said += [("ExpectedDischargeSet", ready, {"expected_discharge_at": left})]
        said += [("DelayReasonSet", ready + 6 * HOUR_US, {"reason": "CA2"})]
        for day in range(at + DAY_US, left, DAY_US):
            result = "no_longer_meets" if day >= ready else "meets"
            said.append(("CriteriaToResideAssessed", day, {"result": result}))
        for kind, when, body in said:
            row = {"thing": spell, "instance": str(when)} | body
            yield from self._event(kind, self.key, when, f"{kind}/{when}", row)

    def _event(self, kind: str, key: str, at: int, name: str, said: dict[str, Any]) -> Iterator[Made]:
        """One event; some come hours late, some again, some again under another id."""
        chance = self.chance
        arrived = at + 2_000_000
        if self._is("late"):
            arrived += chance.randrange(1, 48) * HOUR_US
        record = self._record(kind, key, at, name, said) | {"received_at": arrived}
        yield _made(kind, record, arrived)
        if self._is("sent_again"):
            yield _made(kind, record | {"received_at": arrived + HOUR_US}, arrived + HOUR_US)
        if self._is("requeued"):
            again = event_id("bench", f"{record['event_id']}/2", "", kind)
            later = {"event_id": again, "received_at": arrived + HOUR_US}
            yield _made(kind, record | later, arrived + HOUR_US)

    def _record(self, kind: str, key: str, at: int, name: str, said: dict[str, Any]) -> dict[str, Any]:
        base = self._bases.get(kind)
        if base is None:
            base = self._bases[kind] = sample(kind)
        if kind == "SpellAmended":
            base = base | dict.fromkeys(_NOT_IN_A08)
        ident = event_id("bench", f"{self.number}/{name}/{said.get('thing')}", "", kind)
        return base | {
            "event_id": ident, "person_key": key, "local_key": self.local, "instance": "", "occurred_at": at,
            "recorded_at": at, "received_at": at, "content_tag": ident[-16:].replace("-", "0"),
        } | said  # fmt: skip


def _made(kind: str, record: dict[str, Any], arrived: int) -> Made:
    pairs = headers(kind, record, record["person_key"]).items()
    size = sum(len(name) + len(text.encode()) for name, text in pairs)
    return Made(arrived, kind, record["person_key"].encode(), encode(f"{kind}.v1", record), size)
