"""Erasure follows told (design.md §10, domain 05 IG-13): what was received of a record until it was ordered
to be erased counts no more, and whoever was told of it is told so.

In: when each record was erased, the facts one key holds. Out: the facts that count; what is left to tell; the
stub that stands for the person. An order is a cut in `received_at`, so it commutes with every other fact, and
what is delivered again stays erased; what comes later is new. It follows the record (the local id, else the
number): so nothing of somebody else goes whose facts came under a wrong number. Restrictions and links are
kept: they protect, and say nothing else. What we told anyone is kept as the audit stub: whom, when, of what.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from schemas.fact import Fact
from schemas.ids import notice_id
from streams.core.config import CoreConfig
from streams.core.facts.select import FAMILIES, distinct
from streams.core.moments import utc_text
from streams.core.transfer.told import Notice, known_notices, newest_told

ERASED: Final = "erased"
"""The fact of a notice that takes back everything; the state of the stub."""
Cuts = Mapping[str, int]
"""Record -> µs until which what was received of it is erased."""


class Left(NamedTuple):
    """What an erasure leaves: facts that came since, and the notices of it, one to each who was told."""

    since: tuple[Fact, ...]
    telling: tuple[Notice, ...]

    @property
    def lives(self) -> bool:
        """Whether anything but the telling itself came since."""
        return any(fact.kind in FAMILIES and not _is_notice(fact) for fact in self.since)


def cuts_of(facts: Iterable[Fact], own: str, cuts: Cuts) -> Cuts:
    """The cuts that matter here: of this key, and of records whose facts are here, not of its neighbours."""
    here = {own, *(fact.record for fact in facts)} if cuts else ()
    return {record: at for record, at in cuts.items() if record in here}


def left_of(facts: Iterable[Fact], cuts: Cuts, config: CoreConfig) -> Left:
    """What is left of everything a key holds. Of copies of one fact the first received says when it came, so
    that a re-queue brings nobody back.
    """
    every = distinct(facts)
    notices = [fact for fact in every if _is_notice(fact)]
    standing = [fact for fact in every if not _is_notice(fact) and not _before(fact, cuts)]
    things, early = {fact.thing for fact in standing}, {fact.thing for fact in notices if _before(fact, cuts)}
    known = known_notices(notices, config)
    # One that was under way when it was ordered is of something erased as well.
    gone = {name: notice for name, notice in known.items() if name in early or notice.about not in things}
    undone = (_notice(notice) for notice in newest_told(gone.values()))
    telling = sorted((known.get(n.notice_id, n) for n in undone), key=lambda notice: notice.notice_id)
    return Left((*standing, *(fact for fact in notices if fact.thing not in gone)), tuple(telling))


def stub(key: str, restricted: bool, cuts: Cuts, telling: Sequence[Notice]) -> dict[str, Any]:
    """The person line of somebody who was erased: since when, and who has still to be told."""
    return {
        "view": "person", "person_key": key, "merged_into": None, "restricted": restricted, "flags": [],
        "state": ERASED, "erased_at": utc_text(max(cuts.values())),
        "must_tell": [
            {"recipient": notice.recipient, "notice_id": notice.notice_id, "state": notice.state}
            for notice in telling if notice.acked_at is None
        ],
    }  # fmt: skip


def _before(fact: Fact, cuts: Cuts) -> bool:
    return fact.received_at <= cuts.get(fact.record, -1)


def _is_notice(fact: Fact) -> bool:
    return FAMILIES.get(fact.kind) == "notice"


def _notice(told: Notice) -> Notice:
    return Notice(
        notice_id(told.about, ERASED, told.fact_id, told.recipient),
        told.recipient, told.title, ERASED, told.about, told.fact_id, told.notice_id, "owed",
    )  # fmt: skip
