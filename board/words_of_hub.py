"""What a hub's desk can say of a person, and what it cannot because a feed says it already: entered once,
never twice. Pure.

In: a person as shown to the desk, what a form said. Out: the fields of the page with who owns each; the event
that a form becomes. Raises `NotSaid` where a form says nothing that can be said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final, NamedTuple

from board import wording
from board.people import Shown
from board.reasons import REASONS, SCHEME
from runtime.freshness import utc

FEEDS_THAT_OWN: Final = ("hospital", "council", "voluntary", "community")
"""Sectors whose systems are the record: what they say is not typed again. The hub's own list is its own."""
PATHWAYS: Final = ("P0", "P1", "P2", "P3")
OWNERS: Final = ("hospital", "ward", "hub", "council", "community", "voluntary", "family")
STEPS: Final = (
    "chase_medicines", "book_transport", "assess_therapy", "ring_family", "arrange_package",
    "order_equipment", "find_placement", "ask_home", "hand_over", "assess_needs", "choice_meeting",
    "best_interests_meeting", "duty_to_refer", "confirm_pathway", "leave",
)  # fmt: skip
"""What is said most comes first: nine have a digit."""
OPEN: Final = ("requested", "acknowledged", "on_hold", "unknown", "accepted", "in_progress")
NOT_KNOWN_YET: Final = ("owed", "held", "sent", "failed")
DECLINED: Final = (
    ("no_capacity", "No capacity"), ("not_eligible", "Not eligible"), ("needs_changed", "Needs have changed"),
    ("wrong_area", "Another area's"),
)  # fmt: skip


class NotSaid(Exception):
    """A form that says nothing that can be said; the text is for the page."""


class Event(NamedTuple):
    """An event of our own to be."""

    kind: str
    fields: Mapping[str, str | None]


class Field(NamedTuple):
    """One thing a desk says. `owner`: the feed that says it instead; empty: it is the desk's."""

    name: str
    title: str
    now: str
    choices: Sequence[tuple[str, str]] = ()
    owner: str = ""
    thing: str = ""
    """The task or notice it is about."""


def fields_of(shown: Shown, sectors: Mapping[str, str]) -> list[Field]:
    """What can be said of somebody now. `sectors`: partner -> sector."""
    spell, transfer = shown.spell, shown.transfer
    if not spell or shown.frozen or spell.get("withheld"):
        return []
    step = transfer.get("next_step") or {}
    found = [
        Field("owner", "Waiting for", wording.owner(step.get("owner")), _owners()),
        Field("step", "Next step", wording.step(step.get("what")) if step.get("what") else "none", _steps()),
        _owned("pathway", "Pathway, confirmed", _pathway(spell), [(one, one) for one in PATHWAYS],
               _last(_confirmed(spell)), sectors),
        _owned("reason", "Reason for the delay", _reason(spell), _reasons(),
               _last([one for one in spell.get("delays") or () if one.get("to") is None]), sectors),
        _owned("expected", "Expected to leave", wording.full(spell.get("expected_discharge_at")), (),
               _last(spell.get("expected_discharge_history") or ()), sectors),
    ]  # fmt: skip
    found += [_task_field(task, sectors) for task in transfer.get("tasks") or () if task.get("state") in OPEN]
    return found + [_told_field(notice) for notice in untold(transfer)]


def soon(now: int) -> list[tuple[str, str]]:
    """Times that are said most: noon and five of today and tomorrow, those that are still to come."""
    at = wording.london(now)
    days = (("Today", at.date()), ("Tomorrow", at.date() + timedelta(days=1)))
    said = [(name, datetime.combine(day, time(hour))) for name, day in days for hour in (12, 17)]
    return [(f"{when:%Y-%m-%dT%H:%M}", f"{name} {when:%H:%M}") for name, when in said
            if when > at.replace(tzinfo=None)]  # fmt: skip


def untold(transfer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Notices nobody has said they know of: a call settles them."""
    return [one for one in transfer.get("notices") or () if one.get("state") in NOT_KNOWN_YET]


def event_of(shown: Shown, said: Mapping[str, str], by: str, sectors: Mapping[str, str]) -> Event:
    """The event a form becomes. `by`: the desk. Raises NotSaid."""
    name, value, thing = said.get("field", ""), said.get("value", ""), said.get("thing", "")
    field = next((one for one in fields_of(shown, sectors) if (one.name, one.thing) == (name, thing)), None)
    if field is None:
        raise NotSaid("This can no longer be said: the page was out of date.")
    if field.owner:
        raise NotSaid("A feed says this: change it there, not here.")
    about = {"person_key": shown.key, "thing": thing or shown.spell["spell_id"]}
    if name in ("owner", "step", "pathway", "reason") and value not in dict(field.choices):
        raise NotSaid("Choose one of what is offered.")
    if name == "owner":
        return Event("OwnerSet", {**about, "owner": value})
    if name == "step":
        due = {"due_at": moment_of(said["due"])} if said.get("due") else {}
        return Event("NextStepSet", {**about, "step": value, **due, "set_by": "hub"})
    if name == "pathway":
        return Event("PathwaySet", {**about, "stage": "confirmed", "pathway": value[1:], "set_by": "hub"})
    if name == "reason":
        return Event("DelayReasonSet", {**about, "reason": value, "scheme": SCHEME, "set_by": "hub"})
    if name == "expected":
        return Event(
            "ExpectedDischargeSet", {**about, "expected_discharge_at": moment_of(value), "set_by": "hub"}
        )
    if name == "told":
        return _told(shown.transfer, thing, by, about)
    return _task(said, about, shown.spell["spell_id"])


def _task_field(task: Mapping[str, Any], sectors: Mapping[str, str]) -> Field:
    title = f"{wording.plain(task.get('kind') or task.get('code'))}: {wording.plain(task.get('state'))}"
    start, source = wording.full(task.get("planned_start_at")), task.get("source") or ""
    return _owned("task", title, start, DECLINED, source, sectors)._replace(thing=task["task_id"])


def _told_field(notice: Mapping[str, Any]) -> Field:
    state = wording.plain(notice["state"])
    return Field("told", notice["recipient"], state, thing=notice["notice_id"])


def _task(said: Mapping[str, str], about: Mapping[str, str], spell_id: str) -> Event:
    value, about = said.get("value", ""), {**about, "spell_id": spell_id}
    if value == "accept":
        start = said.get("start", "")
        return Event("TaskAccepted", {**about, **({"planned_start_at": moment_of(start)} if start else {})})
    if value not in dict(DECLINED):
        raise NotSaid("Accept it, or decline it with a reason.")
    return Event("TaskRejected", {**about, "reason": value})


def phoned(transfer: Mapping[str, Any], person_key: str, told: str, by: str) -> Event:
    """Somebody rang whoever was told by this notice: they know that it is no longer true. Raises NotSaid."""
    notice = next((one["notice_id"] for one in untold(transfer) if one.get("retracts") == told), None)
    if notice is None:
        raise NotSaid("They know already.")
    return _told(transfer, notice, by, {"person_key": person_key, "thing": notice})


def _told(transfer: Mapping[str, Any], thing: str, by: str, about: Mapping[str, str]) -> Event:
    notice = next(one for one in untold(transfer) if one["notice_id"] == thing)
    names = ("recipient", "fact", "about", "retracts")
    known = {name: notice[name] for name in names if notice.get(name)}
    return Event("NoticeToldByPhone", {**about, **known, "how": "phone", "told_by": by})


def moment_of(text: str) -> str:
    """A local time of a form as UTC."""
    try:
        at = datetime.fromisoformat(text).replace(tzinfo=wording.LONDON)
    except ValueError:
        raise NotSaid("Say a day and a time.") from None
    return utc(int(at.timestamp() * 1_000_000)) or ""


def _owned(
    name: str,
    title: str,
    now: str,
    choices: Sequence[tuple[str, str]],
    source: str,
    sectors: Mapping[str, str],
) -> Field:
    owner = source if sectors.get(source) in FEEDS_THAT_OWN else ""
    return Field(name, title, now, choices, owner)


def _owners() -> list[tuple[str, str]]:
    return [(one, wording.owner(one)) for one in OWNERS]


def _steps() -> list[tuple[str, str]]:
    return [(one, wording.step(one)) for one in STEPS]


def _reasons() -> list[tuple[str, str]]:
    return [(code, f"{code} {words}") for code, words in REASONS]


def _last(rows: Sequence[Mapping[str, Any]]) -> str:
    return str(rows[-1].get("source") or "") if rows else ""


def _confirmed(spell: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    history = (spell.get("pathway") or {}).get("history") or ()
    return [one for one in history if one.get("stage") == "confirmed" and one.get("pathway")]


def _pathway(spell: Mapping[str, Any]) -> str:
    return wording.coded((spell.get("pathway") or {}).get("confirmed"))


def _reason(spell: Mapping[str, Any]) -> str:
    running = [one for one in spell.get("delays") or () if one.get("to") is None and one.get("reason")]
    return ", ".join(wording.coded(one["reason"]) for one in running) or "none given"
