"""An objection to sharing (ZU8-2, domain 05 IG-22): from whom it holds what, and whether it stands.

In: the distinct `PersonFlagged` facts of a person. Out: yes or no. Each record's newest word counts, one
record that objects is enough: the OR, as with every restriction. It holds nothing from those who care for the
person, and never what takes back something told: a carer is not left standing at an empty home.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from schemas.fact import Fact
from streams.core.select import place_in_order

FIELD: Final = "sharing_objection"
HELD_FROM: Final = frozenset({"voluntary", "package"})
"""Sectors of recipients: charities, and the providers of packages."""


def objects(flags: Iterable[Fact]) -> bool:
    """Whether any record's newest word is an objection."""
    newest = {
        (fact.partner, fact.record): bool(fact.body[FIELD])
        for fact in sorted(flags, key=place_in_order)
        if FIELD in fact.body
    }
    return any(newest.values())
