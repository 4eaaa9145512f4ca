"""JSON bodies of partners' webhooks to checked models; the refusals name a JSON pointer, never the value.

In: bytes and a pydantic model (one in every webhook kind's `model.py`; the OpenAPI page is made from them).
Out: the model. Three-state as events are: a key that is missing was not said, null or "" was deleted. Keys
the model does not know are ignored, for partners add some.
"""
from __future__ import annotations

import codecs
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from connectors import times
from connectors.message import RawMessage, Refusal
from runtime.place import Partner
from schemas.reasons import Reason

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)]
Ref = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
"""A partner's own reference; never empty."""
Time = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=40),
    Field(json_schema_extra={"format": "date-time"}, examples=["2027-01-12T14:06:00Z"]),
]
"""ISO 8601; without a zone it is the partner's local time."""
Quantity = Annotated[float, Field(ge=0, allow_inf_nan=False)]

Model = TypeVar("Model", bound="Body")


class Body(BaseModel):
    """What all webhook bodies share."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", hide_input_in_errors=True, coerce_numbers_to_str=True
    )


class Person(Body):
    """Whom the event is about. The partner's own id, or an NHS number, or both."""

    id: Text | None = Field(None, repr=False)
    nhs_number: Text | None = Field(None, repr=False)
    family: Text | None = Field(None, repr=False)
    given: Text | None = Field(None, repr=False)
    birth_date: Text | None = Field(None, repr=False, json_schema_extra={"format": "date"})
    postcode: Text | None = Field(None, repr=False)

    def said(self, where: str = "/person") -> dict[str, str]:
        """The person by the names of `people.IDENTITY_FIELDS`. Raises Refusal: NO_IDENTIFIER,
        BAD_DATE_OF_BIRTH.
        """
        if not (self.id or self.nhs_number):
            raise Refusal(Reason.NO_IDENTIFIER, f"{where}/id")
        born = times.birth_date(self.birth_date) if self.birth_date else ""
        if born is None:
            raise Refusal(Reason.BAD_DATE_OF_BIRTH, f"{where}/birth_date")
        return {
            "person_id": self.id or "", "nhs_number": self.nhs_number or "", "family": self.family or "",
            "given": self.given or "", "birth_date": born, "postcode": self.postcode or "",
        }


def read_body(model: type[Model], raw: RawMessage) -> Model:
    """The checked body. Raises Refusal: NOT_JSON, FIELD_MISSING, UNKNOWN_EVENT_TYPE, BAD_VALUE."""
    try:
        return model.model_validate_json(raw.body.removeprefix(codecs.BOM_UTF8))
    except ValidationError as exc:
        raise _refusal(exc) from None


def read_part(model: type[Model], part: Mapping[str, Any], where: str) -> Model:
    """As `read_body`, of a part that was read already and stands at pointer `where`."""
    try:
        return model.model_validate(part)
    except ValidationError as exc:
        raise _refusal(exc, where) from None


def _refusal(exc: ValidationError, base: str = "") -> Refusal:
    """The verdict of the first place that is wrong; what was there stays out of it."""
    wrong = exc.errors(include_input=False, include_context=False, include_url=False)
    first = min(wrong, key=lambda error: tuple(map(str, error["loc"])))
    where = base + pointer(first["loc"])
    if not where:
        return Refusal(Reason.NOT_JSON)
    if first["type"] == "missing":
        return Refusal(Reason.FIELD_MISSING, where)
    return Refusal(Reason.UNKNOWN_EVENT_TYPE if first["type"] == "literal_error" and where == "/event"
                   else Reason.BAD_VALUE, where)


def pointer(loc: Iterable[str | int]) -> str:
    """RFC 6901 pointer of a place in a body."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in loc)


def fields(body: Body, names: Iterable[str]) -> dict[str, Any]:
    """The named fields that were said, None where they were deleted."""
    return {name: getattr(body, name) or None for name in names if name in body.model_fields_set}


def moments(body: Body, names: Iterable[str], dialect: Partner) -> Mapping[str, times.Moment | None]:
    """The named times that were said; None where deleted. Raises Refusal BAD_DATE at the pointer of the first
    that cannot be read.
    """
    said = fields(body, names)
    zone = dialect.time_zone
    return {n: None if text is None else times.required(text, f"/{n}", zone) for n, text in said.items()}


def doubts(*said: times.Moment | None) -> set[str]:
    """Flags of times that were read."""
    return {flag for moment in said if moment is not None for flag in moment.flags}


def message_id(raw: RawMessage) -> str:
    """The idempotency key; a file offline has none and is named by its bytes."""
    return raw.message_id or raw.sha256[:32]


def content(body: Body) -> bytes:
    """What makes a re-send the same one: what was said, in the model's order, whatever the sender's spacing.
    """
    return body.model_dump_json(exclude_unset=True).encode()
