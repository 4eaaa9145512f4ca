"""Invented people of a synthetic place, with the near misses that must never be joined.

In: a seeded `random.Random`. Out: `Person` records with their identifiers in every organisation. NHS
numbers come from the 999 test range only.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

FAMILIES = [
    "Ashdown",
    "Barrow",
    "Calder",
    "Denholm",
    "Eastwick",
    "Fenwick",
    "Garside",
    "Hadley",
    "Ingram",
    "Jessop",
    "Kelsall",
    "Langley",
    "Marsden",
    "Norbury",
    "Ormerod",
    "Prescott",
    "Quarles",
    "Radley",
    "Sefton",
    "Thirsk",
    "Upton",
    "Verity",
    "Wexford",
    "Yarrow",
    "Alder",
    "Birch",
    "Cotter",
    "Dunmore",
    "Elwood",
    "Farrow",
    "Gilby",
    "Hazel",
    "Inskip",
    "Jarvis",
]
GIVENS = [
    "Agnes",
    "Bertram",
    "Clara",
    "Douglas",
    "Elsie",
    "Francis",
    "Gwen",
    "Harold",
    "Iris",
    "Joseph",
    "Kathleen",
    "Leonard",
    "Mabel",
    "Norman",
    "Olive",
    "Percy",
    "Queenie",
    "Ronald",
    "Sylvia",
    "Thomas",
    "Una",
    "Victor",
    "Winifred",
    "Arthur",
    "Beryl",
    "Cyril",
    "Doris",
    "Ernest",
    "Freda",
    "George",
    "Hilda",
    "Ivor",
    "June",
    "Kenneth",
]
NEAR_MISS_KINDS = ("twin", "father_son", "same_dob_postcode", "one_digit_off", "placeholder", "wrong_dob")


def numbers(first_stem: int) -> Iterator[str]:
    """Valid numbers of the 999 test range, from nine-digit stem `first_stem` upwards (modulus 11)."""
    stem = first_stem
    while True:
        digits = [int(d) for d in str(stem)]
        check = 11 - sum(d * w for d, w in zip(digits, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            yield f"{stem}{0 if check == 11 else check}"
        stem += 1


@dataclass
class Person:
    """One invented person and what each organisation calls them. `sectors` are those that hold facts of
    theirs.
    """

    pid: int
    family: str
    given: str
    birth_date: date
    postcode: str
    sex: str
    nhs: str
    mrn: str
    number_on_adt: str = "verified"
    """How the hospital first sends the number: verified | late | absent | merged (under a temporary record
    until an A40).
    """
    council_id: str = ""
    charity_id: str = ""
    council_nhs: str | None = None
    """What the council believes the number is, when it differs from `nhs`."""
    council_birth_date: date | None = None
    near_miss: str = ""
    near_miss_of: int | None = None
    route: str = "number"
    """How the sectors come together in truth: number | late | merge | decision | none."""
    sectors: set[str] = field(default_factory=set)
    temporary_mrn: str = ""


class Population:
    """A deterministic supply of people with unique numbers and records."""

    def __init__(self, rng: random.Random, first_stem: int = 999_000_100) -> None:
        self.rng = rng
        self.people: list[Person] = []
        self._numbers = numbers(first_stem)

    def person(self, **given: object) -> Person:
        """A new person; keyword arguments override what is drawn."""
        rng, pid = self.rng, len(self.people) + 1
        drawn: dict[str, object] = {
            "pid": pid,
            "family": rng.choice(FAMILIES),
            "given": rng.choice(GIVENS),
            "birth_date": date(1930, 1, 1) + timedelta(days=rng.randrange(365 * 35)),
            "postcode": self._postcode(),
            "sex": rng.choice("12"),
            "nhs": next(self._numbers),
            "mrn": f"K{100000 + pid}",
        }
        person = Person(**{**drawn, **given})  # type: ignore[arg-type]
        self.people.append(person)
        return person

    def _postcode(self) -> str:
        rng = self.rng
        district, sector = rng.randrange(1, 9), rng.randrange(1, 9)
        return f"BR{district} {sector}{rng.choice('ABDEFGHJ')}{rng.choice('LNPQRSTU')}"

    def near_miss(self, kind: str, of: Person) -> Person:
        """Somebody else who looks like `of` in one way (design.md §5: it proposes, never joins)."""
        same: dict[str, object] = {"near_miss": kind, "near_miss_of": of.pid, "route": "none"}
        if kind == "twin":
            same |= {"family": of.family, "birth_date": of.birth_date, "postcode": of.postcode}
        elif kind == "father_son":
            same |= {"family": of.family, "given": of.given, "postcode": of.postcode}
        elif kind == "same_dob_postcode":
            same |= {"birth_date": of.birth_date, "postcode": of.postcode}
        person = self.person(**same)
        if kind == "one_digit_off":
            person.council_nhs = of.nhs[:-2] + str((int(of.nhs[-2]) + 1) % 10) + of.nhs[-1]
        elif kind == "placeholder":
            person.council_nhs = "9999999999"
        elif kind == "wrong_dob":
            person.council_nhs = of.nhs
        return person
