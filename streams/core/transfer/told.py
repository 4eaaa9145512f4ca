"""Told, and must be un-told (domain 01 §1.14): what we told anyone is a fact of its own.

In: spells, the open things that make somebody a recipient, and the notice facts. Out: notices owed,
what was told, and what was told but no longer stands, until each recipient acknowledges the retraction
or someone phones. Pure: what is owed is a function of the set, so a repeated A03 owes nothing new, and
a discharge made again after a cancel owes a notice of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple, cast

import msgspec

from schemas.fact import Fact
from schemas.ids import notice_id
from streams.core.config import CoreConfig
from streams.core.facts.select import latest, place_in_order
from streams.core.spells.spell import Spell
from streams.core.transfer.objection import HELD_FROM
from streams.core.transfer.packages import Package
from streams.core.transfer.recipients import concerned
from streams.core.transfer.support import Support

DISCHARGED = "discharged"
RETRACTED = "discharged-retracted"
"""Only inside the id of a retraction, so that it differs from the notice it takes back."""


NOTICE_STATES: Final = {
    "owed": "to be sent",
    "held": "not sent while a death is stated, or to whom the person objects: a human looks first",
    "sent": "delivered, not acknowledged",
    "failed": "could not be delivered",
    "acknowledged": "they said they know",
    "told_by_phone": "somebody phoned",
}


class Notice(msgspec.Struct, frozen=True):
    """One recipient told one fact; `state` as in NOTICE_STATES."""

    notice_id: str
    recipient: str
    title: str
    fact: str
    about: str
    fact_id: str
    retracts: str | None
    state: str
    sent_at: int | None = None
    acked_at: int | None = None
    how: str | None = None

    @property
    def told(self) -> bool:
        """It reached them, or may have."""
        return self.sent_at is not None


class Retraction(NamedTuple):
    """A told fact that no longer stands, and how far un-telling it is."""

    told: Notice
    notice: Notice
    since: int | None


class Telling(NamedTuple):
    """Everything the view says of notices. `notices` holds those owed, held, under way and done."""

    notices: tuple[Notice, ...] = ()
    told: tuple[Notice, ...] = ()
    must_retract: tuple[Retraction, ...] = ()


NOTHING: Final = Telling()


def telling_of(
    spells: Sequence[Spell],
    packages: Sequence[Package],
    supports: Sequence[Support],
    facts: Mapping[str, list[Fact]],
    config: CoreConfig,
    objecting: bool = False,
) -> Telling:
    """Work out what is owed, told and to be retracted. `facts` are the distinct notice facts by notice id;
    `objecting`: the person objects to sharing.
    """
    if not facts and all(spell.departure is None for spell in spells):
        return NOTHING
    known = _all_known(facts, config)
    wanted = {notice.notice_id: notice for notice in _owed(spells, packages, supports, config, objecting)}
    told = newest_told(known.values())
    by_id = {spell.spell_id: spell for spell in spells}
    retractions: list[Retraction] = []
    for notice in told:
        spell = by_id.get(notice.about)
        if spell is not None and spell.status == DISCHARGED:
            continue
        undo = _retraction(notice)
        undo = known.get(undo.notice_id, undo)
        if undo.acked_at is None:
            wanted[undo.notice_id] = undo
            retractions.append(Retraction(notice, undo, spell.undone_at if spell else None))
    every = {**wanted, **known}
    return Telling(
        tuple(sorted(every.values(), key=_by_about)),
        tuple(sorted((n for n in known.values() if n.told and n.retracts is None), key=_by_about)),
        tuple(sorted(retractions, key=lambda retraction: _by_about(retraction.told))),
    )


def due(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """Leave what still has to be sent: the `NoticeOwed` events this state promises."""
    return tuple(notice for notice in notices if notice.state == "owed")


def _by_about(notice: Notice) -> tuple[str, str, str, str]:
    return (notice.about, notice.recipient, notice.fact_id, notice.notice_id)


def known_notices(facts: Iterable[Fact], config: CoreConfig) -> dict[str, Notice]:
    """What became of each notice that distinct notice facts speak of, by its id."""
    by_thing: dict[str, list[Fact]] = {}
    for fact in facts:
        by_thing.setdefault(fact.thing, []).append(fact)
    return _all_known(by_thing, config)


def _all_known(facts: Mapping[str, list[Fact]], config: CoreConfig) -> dict[str, Notice]:
    titles = {rule.name: rule.title for rule in config.recipients}
    return {thing: _known(thing, said, titles) for thing, said in facts.items()}


def _known(thing: str, facts: Sequence[Fact], titles: Mapping[str, str]) -> Notice:
    ordered = sorted(facts, key=place_in_order)
    recipient = str(latest(ordered, "recipient") or "")
    sent = min((fact.occurred_at for fact in ordered if fact.kind == "NoticeSent"), default=None)
    acked = min((fact.occurred_at for fact in ordered if fact.kind == "NoticeAcknowledged"), default=None)
    phoned = min((fact.occurred_at for fact in ordered if fact.kind == "NoticeToldByPhone"), default=None)
    knows = [at for at in (acked, phoned) if at is not None]
    reached = [at for at in (sent, *knows) if at is not None]
    return Notice(
        notice_id=thing,
        recipient=recipient,
        title=titles.get(recipient, recipient),
        fact=str(latest(ordered, "fact") or DISCHARGED),
        about=str(latest(ordered, "about") or ""),
        fact_id=str(latest(ordered, "fact_id") or ""),
        retracts=cast("str | None", latest(ordered, "retracts")),
        state=_state(sent, acked, phoned),
        sent_at=min(reached, default=None),
        acked_at=min(knows, default=None),
        how=_how(ordered, acked, phoned),
    )


def _state(sent: int | None, acked: int | None, phoned: int | None) -> str:
    if acked is not None:
        return "acknowledged"
    if phoned is not None:
        return "told_by_phone"
    return "sent" if sent is not None else "failed"


def _how(ordered: Sequence[Fact], acked: int | None, phoned: int | None) -> str | None:
    if phoned is not None and acked is None:
        return "phone"
    said = latest([fact for fact in ordered if fact.kind in ("NoticeSent", "NoticeAcknowledged")], "how")
    return str(said) if said is not None else "webhook"


def _owed(
    spells: Iterable[Spell],
    packages: Sequence[Package],
    supports: Sequence[Support],
    config: CoreConfig,
    objecting: bool,
) -> Iterable[Notice]:
    for spell in spells:
        gone = spell.departure
        if gone is None or gone.late or gone.from_emergency:
            continue
        # A stated death holds every notice until a human has looked (domain 01 §1.16).
        dead = spell.death_stated_at is not None
        for rule in config.recipients:
            state = "held" if dead or (objecting and rule.when in HELD_FROM) else "owed"
            if DISCHARGED in rule.facts and concerned(rule, gone.at, packages, supports, config):
                yield Notice(
                    notice_id(spell.spell_id, DISCHARGED, gone.fact_id, rule.name),
                    rule.name,
                    rule.title,
                    DISCHARGED,
                    spell.spell_id,
                    gone.fact_id,
                    None,
                    state,
                )


def _retraction(told: Notice) -> Notice:
    return Notice(
        notice_id(told.about, RETRACTED, told.fact_id, told.recipient),
        told.recipient,
        told.title,
        told.fact,
        told.about,
        told.fact_id,
        told.notice_id,
        "owed",
    )


def newest_told(known: Iterable[Notice]) -> list[Notice]:
    """A later notice of the same fact to the same recipient stands for the earlier ones."""
    newest: dict[tuple[str, str, str], Notice] = {}
    for notice in known:
        if notice.told and notice.retracts is None:
            name = (notice.about, notice.fact, notice.recipient)
            held = newest.get(name)
            if held is None or (notice.sent_at or 0, notice.notice_id) > (held.sent_at or 0, held.notice_id):
                newest[name] = notice
    return list(newest.values())
