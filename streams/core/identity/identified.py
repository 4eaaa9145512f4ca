"""The restricted fields of a person line (`--identifiable`): identifiers, name, date of birth, conflicts.

In: `PersonIdentified` facts of one person, and the links that retired some of their records. Out: the
extra keys of the row. Offline or under break-glass only: the worker never reads these facts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from schemas.fact import Fact
from streams.core.facts.select import distinct, place_in_order

_PLACEHOLDERS: Final = frozenset(
    {*(digit * 10 for digit in "0123456789"), "9876543210", "1234567890", "0123456789"}
)
_VERIFIED: Final = frozenset({"NSTS01", "01", "1"})
_TRACED: Final = 2
_SYSTEMS: Final = ("MRN", "NHS", "SOCIAL_CARE", "LOCAL")
_RETIRES: Final = frozenset({"merge", "superseded"})


def identifiable(facts: Iterable[Fact]) -> dict[str, Any]:
    """Give `ids, name, birth_date, conflicts`.

    The newest word of each source record, every identifier ever seen.
    """
    ordered = sorted(distinct(facts), key=place_in_order)
    said = [fact for fact in ordered if fact.kind == "PersonIdentified"]
    newest = {(fact.partner, fact.record): fact for fact in said}
    return {
        "ids": _ids(said, _retired(ordered)),
        "name": {"family": _newest(said, "family"), "given": _newest(said, "given")},
        "birth_date": _newest(said, "birth_date"),
        "conflicts": _conflicts(list(newest.values())),
    }


def _retired(ordered: Sequence[Fact]) -> frozenset[str]:
    """Keys of records that a merge or a superseded number points away from, by the newest link of each."""
    links = {str(fact.body.get("source_key")): fact for fact in ordered if fact.kind == "PersonsLinked"}
    return frozenset(
        key
        for key, fact in links.items()
        if fact.body.get("target_key") and fact.body.get("basis") in _RETIRES
    )


def _ids(said: Sequence[Fact], retired: frozenset[str]) -> list[dict[str, str]]:
    found: dict[tuple[int, str, str, str], str] = {}
    for fact in said:
        for given in fact.body.get("ids") or ():
            system, authority, value = given["system"], given.get("authority") or "", given["value"]
            rank = _SYSTEMS.index(system) if system in _SYSTEMS else len(_SYSTEMS)
            owner = fact.record
            held = owner in retired and (system != "NHS" or fact.key in retired)
            name = (rank, system, authority, value)
            validity = "superseded" if held else _validity(system, given, fact.number_rank)
            # A verified number stays one, whoever repeats it without a status (domain 04 §4.1).
            if validity != "unverified" or found.get(name) != "valid":
                found[name] = validity
    return [
        {"system": system, "authority": authority, "value": value, "validity": validity}
        for (_, system, authority, value), validity in sorted(found.items())
    ]


def _validity(system: str, given: dict[str, str], number_rank: int) -> str:
    """A number is verified by its own status, or by the agreement that says the source's are traced."""
    if system != "NHS":
        return "valid" if given["value"].strip() else "invalid"
    number = re.sub(r"[\s-]", "", given["value"])
    if number in _PLACEHOLDERS:
        return "placeholder"
    if not _checks(number):
        return "invalid"
    verified = str(given.get("status") or "").upper() in _VERIFIED or number_rank == _TRACED
    return "valid" if verified else "unverified"


def _checks(number: str) -> bool:
    """Modulus 11 and an issued or a test range (domain 04 §4.1)."""
    if not re.fullmatch(r"[0-9]{10}", number) or number[0] not in "4679":
        return False
    rest = sum(int(digit) * weight for digit, weight in zip(number, range(10, 1, -1), strict=False)) % 11
    return (11 - rest) % 11 == int(number[9])


def _newest(said: Sequence[Fact], field: str) -> str | None:
    """The newest word that stands; a record that deleted its own (A29, `""`) says nothing any more."""
    now: dict[tuple[str, str], object] = {}
    for fact in said:
        if field in fact.body:
            record = (fact.partner, fact.record)
            now.pop(record, None)
            now[record] = fact.body[field]
    return next((str(value) for value in reversed(now.values()) if value), None)


def _conflicts(newest: Sequence[Fact]) -> list[dict[str, Any]]:
    """List fields on which source records differ now: kept and shown, never averaged."""
    out: list[dict[str, Any]] = []
    for field in ("family", "given", "birth_date"):
        by_value: dict[str, set[str]] = {}
        for fact in newest:
            if value := fact.body.get(field):
                by_value.setdefault(str(value), set()).add(fact.partner)
        if len({value.casefold() for value in by_value}) > 1:
            values = sorted(by_value)
            sources = sorted({source for value in values for source in by_value[value]})
            out.append({"field": field, "values": values, "sources": sources})
    return out
