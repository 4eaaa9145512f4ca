"""The whole synthetic place, made from a seed: people, truth, and everything that will be put on the wires.

In: a seed. Out: `Town` with its ledger, complete before the first byte is sent.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from simulator import community, hub, mischief, pressure, story
from simulator.census import census_file
from simulator.days import live
from simulator.hospital import Hospital, Stay
from simulator.hub import HubRow
from simulator.ledger import Ledger, Send
from simulator.people import NEAR_MISS_KINDS, Person, Population
from simulator.stays import stays_of
from simulator.truth import write_truth

CONNECTED = datetime(2027, 1, 9, 12)
BEDS_ON_DAY_ONE = 520
COMMUNITY, DECIDED, LATE, MERGED, NEAR_MISSES_PER_KIND = 130, 26, 12, 12, 10
REASONS = (
    ("IF1", "council"),
    ("CA1", "council"),
    ("HP5", "ward"),
    ("CTH1", "hub"),
    ("IF3", "community"),
    ("WB1", "family"),
)


@dataclass
class Town:
    """A place ready to be played: `sends` in time order, the `ledger` of their truth."""

    sends: list[Send]
    ledger: Ledger
    edith_visit: str
    edna_visit: str
    left_in_play: list[str]


def _newcomers(population: Population, count: int) -> list[Person]:
    """People whom only an explicit link makes whole: a number that comes late, or a record under a temporary
    number that is merged.
    """
    people = []
    for number in range(count):
        late = number % 2 == 0
        person = population.person(
            number_on_adt="late" if late else "merged", route="late" if late else "merge"
        )
        person.temporary_mrn = "" if late else f"TMP{person.pid}"
        person.council_id = f"LBB{10000 + person.pid}"
        people.append(person)
    return people


def _hub_rows(stays: list[Stay], rng: random.Random) -> list[HubRow]:
    rows = []
    for stay in stays:
        row = HubRow(stay, CONNECTED + timedelta(hours=rng.randrange(1, 60)))
        reason, owner = rng.choice(REASONS)
        row.plan(
            row.since - timedelta(hours=rng.randrange(0, 2), minutes=rng.randrange(60)),
            reason,
            owner,
            rng.random() < 0.6,
        )
        rows.append(row)
    return rows


Packages = list[tuple[Person, str]]


def _packages(stays: list[Stay], rng: random.Random) -> tuple[list[Send], Packages, Packages]:
    """Two of three people get a new package by webhook, the third has had one for long (the council's full
    file); gives those that were approved too.
    """
    sends, old, approved_ones = [], [], []
    for number, stay in enumerate(stays):
        person = stay.person
        person.council_id = person.council_id or f"LBB{10000 + person.pid}"
        package = f"LBB-P-{10000 + person.pid}"
        if number % 3 == 2 and person.route == "number":
            old.append((person, package))
            continue
        asked = CONNECTED + timedelta(hours=rng.randrange(2, 60), minutes=rng.randrange(60))
        sends.append(community.package_event(person, package, "requested", asked))
        approved = asked + timedelta(hours=rng.randrange(4, 14))
        if approved < datetime(2027, 1, 12, 14, 48):
            approved_ones.append((person, package))
            sends.append(
                community.package_event(
                    person, package, "approved", approved, first_call=approved + timedelta(hours=20)
                )
            )
    return sends, old, approved_ones


def _near_misses(
    population: Population, stays: list[Stay], rng: random.Random, per_kind: int
) -> tuple[list[Person], list[Send]]:
    people, sends = [], []
    for kind in NEAR_MISS_KINDS:
        for stay in rng.sample(stays, per_kind):
            person = population.near_miss(kind, stay.person)
            person.council_id = f"LBB{10000 + person.pid}"
            person.sectors = {"council"}
            people.append(person)
            sends.append(
                community.package_event(
                    person,
                    f"LBB-P-{10000 + person.pid}",
                    "requested",
                    CONNECTED + timedelta(hours=rng.randrange(3, 48), minutes=rng.randrange(60)),
                )
            )
    return people, sends


def _supports(decided: list[Stay]) -> tuple[list[Send], list[Send]]:
    """Charity records without a number: webhooks for most, the export for the rest."""
    hooks, rows = [], []
    for number, stay in enumerate(decided):
        person = stay.person
        person.charity_id, person.route = f"BW{10000 + person.pid}", "decision"
        support = f"BW-S-{10000 + person.pid}"
        if number % 4 == 3:
            rows.append((person, support))
        else:
            hooks.append(
                community.support_event(
                    person, support, "accepted", CONNECTED + timedelta(hours=20, minutes=7 * number)
                )
            )
    return hooks, [community.support_file(rows, CONNECTED + timedelta(hours=22))]


def build(seed: int = 2027, scale: float = 1.0) -> Town:
    """Everything, from one seed. `scale` below 1 makes a smaller town with the same kinds of people and
    trouble, in which a dozen still go home during the play.
    """
    rng = random.Random(seed)
    decided, community_people = round(DECIDED * scale), max(round(COMMUNITY * scale), 24)
    population = Population(rng)
    hospital = Hospital(rng, population)
    edith = story.cast(hospital, CONNECTED)
    stays = hospital.census(CONNECTED, round(BEDS_ON_DAY_ONE * scale) - 2)
    ordinary = [s for s in stays if s is not edith.stay and s is not edith.other]
    known = rng.sample(ordinary, community_people)
    for stay in known:
        stay.held = True
    ledger = Ledger(day_one=sorted(hospital.stays), out_of_scope_words=list(mischief.SECRET_WORDS))
    census = census_file(stays, CONNECTED)
    newcomers = _newcomers(population, round((LATE + MERGED) * scale))
    every = timedelta(hours=round(1 / scale))
    live(hospital, CONNECTED + timedelta(minutes=20), datetime(2027, 1, 12, 15, 25), newcomers, every)
    arrived = [s for s in hospital.stays.values() if s.person.route in ("late", "merge")]

    packages, old, approved = _packages(known + arrived, rng)
    supports, support_files = _supports(known[:decided])
    near, near_sends = _near_misses(population, known, rng, round(NEAR_MISSES_PER_KIND * scale))
    rows = [*_hub_rows(known + arrived, rng), story.hub_row(edith, CONNECTED)]
    for row in rows:
        if row.stay.visit.admitted_at and row.since < row.stay.visit.admitted_at:
            row.since = row.stay.visit.admitted_at + timedelta(hours=2)
    play = story.afternoon(hospital, edith)
    left = _leave_in_play(hospital, known[decided : decided + 12], rows)

    ordinary_sends = list(hospital.sends)
    files = hub.hub_files(rows, _file_times())
    morning = [
        community.package_file(old, CONNECTED + timedelta(hours=h), set() if not n else {r for _, r in old})
        for n, h in enumerate((3, 27, 51))
    ]
    trouble = mischief.repeats(ordinary_sends, hospital, 25) + mischief.unreadable(
        hospital, population.person(), datetime(2027, 1, 12, 14, 16)
    )
    trouble += mischief.requeue(
        ordinary_sends,
        hospital,
        datetime(2027, 1, 10, 14),
        datetime(2027, 1, 12, 14),
        datetime(2027, 1, 12, 15, 3),
        1200,
    )
    trouble += mischief.out_of_scope(
        hospital, CONNECTED + timedelta(hours=2), round(1000 * scale), timedelta(hours=60)
    )
    sends = [
        census,
        *ordinary_sends,
        *packages,
        *supports,
        *support_files,
        *near_sends,
        *story.history(edith),
        *play,
        *pressure.situation(),
        *pressure.council([one for one in approved if one[0].route == "number"]),
        *files,
        *morning,
        *trouble,
    ]
    sends.sort(key=lambda s: (s.at, s.partner, s.message_id))
    ledger.stays = stays_of(hospital, stays, CONNECTED, rows, _file_times())
    write_truth(ledger, hospital, edith, known, arrived, near)
    ledger.book(sends)
    return Town(sends, ledger, edith.stay.visit.number, edith.other.visit.number, left)


def _file_times() -> list[datetime]:
    hours = [CONNECTED + timedelta(hours=h, minutes=5) for h in range(1, 74, 2)]
    return [
        *(h for h in hours if h < story.PLAY_START),
        *(story.PLAY_START + timedelta(minutes=m) for m in range(2, 90, 6)),
    ]


def _leave_in_play(hospital: Hospital, stays: list[Stay], rows: list[HubRow]) -> list[str]:
    """A dozen people of the hub's list go home during the play; their rows leave the list with them."""
    left = []
    for number, stay in enumerate(stays):
        at = story.PLAY_START + timedelta(minutes=3 + 2 * number)
        left.append(stay.visit.number)
        hospital.discharge(stay, at)
        for row in rows:
            if row.stay is stay:
                row.gone_at = at + timedelta(minutes=3)
    return left
