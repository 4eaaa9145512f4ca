"""An objection to sharing (ZU8-2, domain 05 IG-22): from whom it holds what, and whether it stands.

In: the distinct `PersonFlagged` facts of a person. Out: yes or no. Each record's newest word counts, one
record that objects is enough: the OR, as with every restriction. It holds nothing from those who care for the
person, and never what takes back something told: a carer is not left standing at an empty home.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from schemas.fact import Fact
from streams.core.facts.select import place_in_order

Field = Literal["no_fixed_abode", "sharing_objection"]
SHOWN: Final[tuple[Field, ...]] = ("no_fixed_abode", "sharing_objection")
"""Said on the person line."""
HELD_FROM: Final = frozenset({"voluntary", "package"})
"""Sectors of recipients: charities, and the providers of packages."""


def said_by_any(flags: Iterable[Fact], field: Field) -> bool:
    """Whether any record's newest word of a flag is yes. In: the `PersonFlagged` facts of a person."""
    newest = {
        (fact.partner, fact.record): bool(fact.body[field])
        for fact in sorted(flags, key=place_in_order)
        if field in fact.body
    }
    return any(newest.values())


def objects(flags: Iterable[Fact]) -> bool:
    """Whether any record's newest word is an objection."""
    return said_by_any(flags, "sharing_objection")
