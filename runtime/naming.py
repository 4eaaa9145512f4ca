"""Who a person is, for whom it is said: name, date of birth and number of the restricted identity topic,
read under the named purpose direct care (domain 05 IG-04, IG-05, IG-23, CS-08).

In: what sources said of a key, the person's lines, a reader, a time. Out: the identifiers that reader may
see; nobody who is not shown the person is told who they are. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from runtime.masking import Shield, shield_of, shown_to
from runtime.reader import DIRECT_CARE, OPERATOR, Reader
from runtime.relationship import Line, standing

FULL: Final = frozenset({"ward", "hub", "council", "hospice"})
"""Roles that match a person by three identifiers before they act."""
NAME_ONLY: Final = frozenset({"provider", "voluntary"})
"""Roles that know the person by their own reference: the name is enough (IG-23)."""


class Identity(NamedTuple):
    """What the newest word of any source says; empty = not known."""

    family: str = ""
    given: str = ""
    birth_date: str = ""
    nhs_number: str = ""
    local_id: str = ""
    said_at: int = 0

    @property
    def initials(self) -> str:
        """For a restricted person, where they are treated."""
        return "".join(f"{name[0].upper()}." for name in (self.given, self.family) if name)

    @property
    def known(self) -> int:
        """How many of the three identifiers are known (CS-08)."""
        return sum(map(bool, (self.family or self.given, self.birth_date, self.nhs_number)))


def identity_of(record: Mapping[str, Any]) -> Identity:
    """Read a `PersonIdentified` record. A number that the source does not vouch for is none."""
    ids = record.get("ids") or ()
    numbers = [one["value"] for one in ids if one["system"] == "NHS"] if record["number_rank"] >= 2 else []
    local = next((one["value"] for one in ids if one["system"] != "NHS"), "")
    return Identity(
        record.get("family") or "", record.get("given") or "", record.get("birth_date") or "",
        numbers[0] if numbers else "", local, record["recorded_at"],
    )  # fmt: skip


def newest(said: Sequence[Identity]) -> Identity:
    """Field by field the newest word that says anything."""
    ordered = sorted(said, key=lambda one: one.said_at)
    fields = {name: value for one in ordered for name, value in one._asdict().items() if value}
    return Identity(**fields)


def named(
    identity: Identity, rows: Sequence[Line], reader: Reader, now: int, shield: Shield | None = None
) -> Identity:
    """The identifiers of one person as `reader` may see them at `now` (µs); an empty one for none."""
    if reader == OPERATOR:
        return identity
    if reader.purpose != DIRECT_CARE or reader.role not in FULL | NAME_ONLY:
        return Identity()
    if not shown_to(rows, reader, now, shield):
        return Identity()
    guard = shield_of(rows).over(shield or Shield())
    if guard.restricted:
        treated = bool(standing(rows, reader, now).treated)
        return Identity(given=identity.initials) if treated else Identity()
    if reader.role in NAME_ONLY:
        return Identity(identity.family, identity.given)
    return identity
