"""Who reads: a role, and what they have to do with a person (domain 05 IG-01, IG-04, IG-18).

In: `[[readers]]` of a place file. Out: frozen `Reader`s. Until there is sign-in, a process is one reader,
stated by configuration; nobody is anybody by asking.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final, Literal, get_args

from pydantic import BaseModel, ConfigDict

from runtime.errors import Misconfigured

Role = Literal[
    "viewer", "ward", "hub", "council", "provider", "hospice", "voluntary", "control_centre", "integrator",
    "auditor",
]
ROLES: Final[tuple[str, ...]] = get_args(Role)
DIRECT_CARE: Final = "direct-care"
CARING: Final = frozenset({"ward", "hub", "council", "provider", "hospice", "voluntary"})
"""Roles that read about people for those people's own care, and for no other purpose (IG-01)."""
DAY_US: Final = 86_400_000_000


class Reader(BaseModel):
    """One desk, team or subscriber. Every axis it does not name gives it nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str
    role: str = ""
    """One of ROLES; any other sees nothing."""
    title: str = ""
    partners: tuple[str, ...] = ()
    """Partner instances whose record is its own: a ward's trust, those a hub serves, a charity's system."""
    councils: tuple[str, ...] = ()
    """ONS codes whose people are its own."""
    hubs: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    """Names under which packages are brokered to it."""
    tasks: tuple[str, ...] = ()
    """Codes of tasks that are asked of it: a hospice's palliative care and fast track."""
    recipients: tuple[str, ...] = ()
    """Its names in the place's recipients: the notices it got."""
    sharing_agreement: str = ""
    """Under which agreement it reads; none: it reads nothing (IG-18)."""
    agreement_ends: date | None = None
    """The last day of that agreement."""
    purpose: Literal["direct-care", "planning", "research", "public"] = DIRECT_CARE
    days_after: int = 30
    """How long a relationship outlives what it was about (IG-04)."""

    def may_read(self, now: int) -> bool:
        """Whether its agreement stands at `now` (µs)."""
        if self == OPERATOR:
            return True
        today = datetime.fromtimestamp(now / 1_000_000, UTC).date()
        ended = self.agreement_ends is not None and self.agreement_ends < today
        fits = self.purpose == DIRECT_CARE or self.role not in CARING
        return bool(self.sharing_agreement) and not ended and fits and self.role in ROLES


OPERATOR: Final = Reader(name="operator", role="operator")
"""Whoever runs this machine: reads the topics, so hiding a line hides nothing. No place names it."""


def reader_of(readers: Sequence[Reader], name: str) -> Reader:
    """The reader of that name, else the one reader of that role, else OPERATOR by its own name.

    Raises Misconfigured where there is none, or several of the role.
    """
    if name == OPERATOR.name:
        return OPERATOR
    found = [one for one in readers if one.name == name] or [one for one in readers if one.role == name]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{one.name} ({one.role})" for one in readers)
    raise Misconfigured(f"{'no' if not found else 'several a'} reader {name!r}; the place's readers: {known}")
