"""Facts written short.

One call is one fact of the vocabulary, for histories told by hand and by hypothesis.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from schemas.fact import Fact
from streams.core.config import CoreConfig, RecipientRule
from streams.core.reduce import reduce_person
from streams.core.views.lines import IdentityView, lines

SPACE = UUID(int=7)
SPELL = str(uuid5(SPACE, "spell"))
PERSON = "p1:" + "A" * 26
MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

CONFIG = CoreConfig(
    partners=("pruh-adt", "pruh-census", "hub-list", "lbb-webhook", "lbb-csv", "bwell-webhook"),
    precedence={"ready": ("hub-list", "pruh-adt"), "expected_discharge": ("hub-list", "pruh-adt")},
    recipients=(
        RecipientRule("lbb", "London Borough of Bromley brokerage", ("discharged",), "council"),
        RecipientRule("oakfield", "Oakfield Homecare", ("discharged",), "package"),
        RecipientRule("bromley-well", "Bromley Well", ("discharged",), "voluntary"),
        RecipientRule("gp", "Registered GP practice", ("discharged",), ""),
    ),
    councils=("E09000006",),
    hub="bromley-spa",
    icb="QKK",
    responsibility={"E09000011": ("QKK", "greenwich-hub")},
    lapse_days={"lbb-webhook": 1},
    fast_track_hours=48,
    checklist={"medicines": "hospital", "transport_booked": "hospital"},
)


def at(text: str) -> int:
    """Read `12 14:05` (day and time of January 2027, UTC) as µs."""
    day, _, clock = text.partition(" ")
    hour, _, minute = (clock or "00:00").partition(":")
    moment = datetime(2027, 1, int(day), int(hour), int(minute), tzinfo=UTC)
    return int(moment.timestamp()) * 1_000_000


def fact(
    kind: str,
    when: int | str,
    *,
    recorded: int | str | None = None,
    received: int | str | None = None,
    partner: str = "pruh-adt",
    thing: str = SPELL,
    name: str = "",
    instance: str = "",
    tag: str = "",
    sequence: int = -1,
    place: str | None = None,
    prior: str | None = None,
    flags: tuple[str, ...] = (),
    **body: Any,
) -> Fact:
    """Make a fact; `place` and `prior` are `M4^A^1`; recorded and received default to when it occurred."""
    occurred_at = at(when) if isinstance(when, str) else when
    recorded_at = occurred_at if recorded is None else at(recorded) if isinstance(recorded, str) else recorded
    received_at = recorded_at if received is None else at(received) if isinstance(received, str) else received
    for prefix, text in (("", place), ("prior_", prior)):
        if text is not None:
            body.update(zip((f"{prefix}poc", f"{prefix}room", f"{prefix}bed"), text.split("^"), strict=False))
    said = sorted(body.items())
    ident = name or f"{kind}/{partner}/{thing}/{occurred_at}/{recorded_at}/{instance}/{sequence}/{said}"
    return Fact(
        id=str(uuid5(SPACE, ident)),
        kind=kind,
        partner=partner,
        key=PERSON,
        local=None,
        thing=thing,
        occurred_at=occurred_at,
        recorded_at=recorded_at,
        received_at=received_at,
        instance=instance,
        sequence=sequence,
        tag=tag,
        flags=flags,
        body=body,
    )


A01 = fact("SpellAdmitted", "9 10:00", place="M4^A^1", patient_class="I", visit_number="V1")
A02 = fact("SpellTransferred", "9 12:00", place="M5^B^2", prior="M4^A^1", instance="x")
A03 = fact("SpellDischarged", "10 14:00", place="M5^B^2", discharge_method="1", discharge_destination="85")
A04 = fact("SpellRegistered", "9 08:00", place="ED^R^1", patient_class="E")


def lines_of(facts: Iterable[Fact]) -> list[bytes]:
    """The final lines of a person."""
    return lines(reduce_person(facts, CONFIG), PERSON, IdentityView(PERSON), CONFIG)


def spell_of(*facts: Fact) -> dict[str, Any]:
    """The spell line of a history."""
    return next(row for row in map(json.loads, lines_of(facts)) if row["view"] == "spell")


def stays(*facts: Fact) -> list[tuple[str | None, str | None, str, bool]]:
    """Stays as (from, to, place, inferred), times as `09 10:00`."""

    def short(text: str | None) -> str | None:
        return text and f"{text[8:10]} {text[11:16]}"

    return [(short(s["from"]), short(s["to"]), s["place"], s["inferred"]) for s in spell_of(*facts)["stays"]]
