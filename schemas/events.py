"""Every event model by record name: the edges' checked form of the contract.

In: a record name and its fields. Out: a frozen model, or BAD_VALUE at the field's JSON pointer.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError

from schemas import (
    events_alerts,
    events_capacity,
    events_community,
    events_hospital,
    events_hub,
    events_identity,
    events_output,
)
from schemas.catalogue import KINDS
from schemas.errors import ContractViolation
from schemas.events_base import Event
from schemas.reasons import Reason

_MODULES: Final = (
    events_hospital, events_identity, events_hub, events_community, events_capacity, events_output,
    events_alerts,
)


def _classes() -> Iterator[tuple[str, type[Event]]]:
    for module in _MODULES:
        for name, member in vars(module).items():
            if name in KINDS and isinstance(member, type) and issubclass(member, Event):
                yield name, member


EVENTS: Final[dict[str, type[Event]]] = dict(_classes())
"""Record name -> model."""


def parse(kind: str, record: Mapping[str, Any]) -> Event:
    """Check a record against its model. Raises UNKNOWN_EVENT_TYPE, BAD_VALUE or FIELD_MISSING."""
    model = EVENTS.get(kind)
    if model is None:
        raise ContractViolation(Reason.UNKNOWN_EVENT_TYPE)
    try:
        return model.model_validate(dict(record))
    except ValidationError as exc:
        first = exc.errors(include_input=False, include_url=False, include_context=False)[0]
        where = "/" + "/".join(map(str, first["loc"]))
        reason = Reason.FIELD_MISSING if first["type"] == "missing" else Reason.BAD_VALUE
        raise ContractViolation(reason, where) from None
