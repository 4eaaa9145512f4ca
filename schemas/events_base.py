"""What every event model shares: strict, frozen pydantic models, for the edges only (the fold uses `Fact`).

In: a mapping with the fields of the Avro record. Out: the same, checked. Errors never print the input.
A parity test holds each model to its Avro file, so neither can change alone.
"""
from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Int = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
"""Avro `int`."""
Long = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
"""Avro `long`; every time is one: µs since the epoch, UTC."""
Texts = Annotated[tuple[str, ...], Field(strict=False)]
"""Avro array of strings; a list is taken too."""


class Event(BaseModel):
    """One record of the contract; the class name is the name of the Avro record."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)

    def record(self) -> dict[str, Any]:
        """Give the fields as `schemas.codec.encode` takes them."""
        fields = self.model_dump()
        return {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}


class PersonEvent(Event):
    """The common fields of every person event, in wire order (design.md §3 "Three times", "Key")."""

    event_id: str
    partner: str
    person_key: str
    local_key: str | None = None
    dob_tag: str | None = None
    number_rank: Int = 0
    thing: str
    instance: str = ""
    occurred_at: Long
    recorded_at: Long
    received_at: Long
    sequence: Long = -1
    translator_rev: Int = 1
    content_tag: str = ""
    flags: Texts = ()
    withdrawn: Long = 0


class FeedEvent(Event):
    """The common fields of the feed events, which are about a partner, not a person."""

    event_id: str
    partner: str
    occurred_at: Long
    recorded_at: Long
    received_at: Long
    heard_at: Long | None = None
