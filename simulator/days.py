"""Ordinary days of a hospital: who comes, moves, is amended and leaves, hour by hour.

In: a hospital and a span. Out: nothing; the hospital's own `sends` and beds.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from simulator.hospital import Hospital
from simulator.people import Person


def live(
    hospital: Hospital,
    start: datetime,
    end: datetime,
    newcomers: list[Person],
    every: timedelta = timedelta(hours=1),
) -> None:
    """Hour by hour from `start` to `end`: some leave, some come (the `newcomers` first), some move, many are
    amended; some of it arrives late. `every` longer than an hour leaves quiet hours between.
    """
    rng, hour, coming = hospital.rng, start, list(newcomers)
    while hour < end:
        moments = sorted(
            hour + timedelta(minutes=rng.randrange(60), seconds=rng.randrange(60)) for _ in range(24)
        )
        for number, at in enumerate(m for m in moments if m < end):
            _one_moment(hospital, number, at, coming)
        hour += every


def _one_moment(hospital: Hospital, number: int, at: datetime, coming: list[Person]) -> None:
    rng = hospital.rng
    at = at.replace(second=0)
    idle = [s for s in hospital.stays.values() if s.busy_until < at and not s.held]
    late = timedelta(hours=rng.randrange(1, 5)) if rng.random() < 0.02 else timedelta(0)
    if number % 12 == 0 and len(hospital.free) > 30:
        person = coming.pop(0) if coming else hospital.population.person()
        stay = hospital.admit(
            person,
            at,
            through_ed=rng.random() < 0.4,
            late=late if person.number_on_adt == "verified" else timedelta(0),
        )
        if person.number_on_adt == "late":
            hospital.identify(stay, at + timedelta(minutes=95))
        elif person.number_on_adt == "merged":
            hospital.merge(stay, at + timedelta(minutes=95))
        if person.number_on_adt != "verified":
            stay.held = True
        return
    if not idle:
        return
    stay = rng.choice(idle)
    if number % 12 == 1:
        hospital.discharge(stay, at, cancelled=rng.random() < 0.1, late=late)
    elif number % 6 == 2:
        hospital.transfer(stay, at, late=late, cancelled=rng.random() < 0.12)
    else:
        stay.busy_until = at + timedelta(minutes=5)
        hospital.amend(stay, at, late=late)
