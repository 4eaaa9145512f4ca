"""Our own events as they are posted to the intake: CloudEvents 1.0, structured (published as OpenAPI).

They are about people who have a pseudonym already; no identifier of anybody stands in them.
"""
from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from connectors.webhook_body import Body, Ref, Text, Time

Key = Annotated[str, StringConstraints(pattern=r"^p[0-9]+:[A-Z2-7]{26}$")]
"""A pseudonym key as on the topics."""


Holder = Annotated[str, StringConstraints(
    pattern=r"^(p[0-9]+:[A-Z2-7]{26}|place:[A-Za-z0-9._-]{1,60}|watch:[A-Za-z0-9._:|-]{1,100})$"
)]
"""Who holds an alert: a pseudonym key, a place, or what is watched over (schemas/holders.py)."""
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
"""A word of a list that a desk keeps; never free text."""


class CloudEvent(Body):
    """The envelope: required attributes of CloudEvents 1.0, and the data of the type."""

    specversion: Literal["1.0"]
    id: Ref
    source: Ref
    type: Ref
    time: Time | None = None
    data: dict[str, Any]


class FactData(Body):
    """What every fact of a hub's desk or of a service says; beside it the fields of its type, as
    docs/topics.md lists them (times ISO 8601, null or "" = deleted).
    """

    person_key: Key
    thing: Ref
    """The spell's id; of a task event the task's."""
    occurred_at: Time | None = None


class NoticeData(Body):
    """A notice that was sent, acknowledged, failed, or told by telephone (domain/01 §1.14)."""

    person_key: Key
    thing: Ref
    """The notice's id."""
    occurred_at: Time | None = None
    recipient: Text | None = None
    fact: Text | None = None
    about: Text | None = None
    fact_id: Text | None = None
    retracts: Text | None = None
    how: Text | None = None
    told_by: Text | None = None


class ErasedData(Body):
    """It was ordered that what is known under this key is erased (docs/adr/0011)."""

    person_key: Key
    occurred_at: Time | None = None
    ordered_by: Text
    reference: Text | None = None


class ClearedData(Body):
    """A human looked, and what restricted the record of this key so far no longer holds (design.md §5);
    nothing else takes a restriction off, and what a source says later restricts anew.
    """

    person_key: Key
    occurred_at: Time | None = None
    cleared: Annotated[list[Literal["restricted", "location_hidden"]], Field(min_length=1)]
    cleared_by: Text


class MatchUndoneData(Body):
    """A human takes back a decision about two records."""

    person_key: Key
    other_key: Key
    occurred_at: Time | None = None
    decided_by: Text | None = None


class MatchDecidedData(MatchUndoneData):
    """A human says whether two records are one person; `survivor_key` is the one that stays where they are.
    """

    decision: Literal["same", "not_same", "unsure"]
    survivor_key: Key | None = None


class ActionData(Body):
    """An action of a call: codes alone; what can be said stands in schemas/actions.py."""

    site: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,60}$")]
    """The site or place whose call it is."""
    action_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,60}$")]
    occurred_at: Time | None = None
    actor: Text
    """Role or account; never a person's name."""


class LoggedData(ActionData):
    """What, by whom, until when, agreed on which call; said again of one id it is corrected."""

    what: Code
    owner: Code
    due_at: Time | None = None
    call: Code
    about: Ref | None = None


class DoneData(ActionData):
    """It is done or was dropped; `open` takes that back."""

    outcome: Literal["done", "dropped", "open"] = "done"


class CommandedData(Body):
    """Somebody's word on an alert; `snooze` needs `until_at`."""

    person_key: Holder
    thing: Ref
    """The alert's id."""
    occurred_at: Time | None = None
    verb: Literal["acknowledge", "unacknowledge", "snooze", "resolve", "reopen", "told_by_phone"]
    actor: Text
    """Role or account; never a person's name."""
    reason: Code | None = None
    until_at: Time | None = None
