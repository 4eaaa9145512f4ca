"""A hospital of 520 beds with a few days to live: admissions, moves, corrections, cancels, merges and
discharges as an ADT engine sends them.

In: a population and a seeded generator. Out: `Send`s on the wire `mllp`, the going-live census file, and
the truth about every bed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from simulator import hl7
from simulator.ledger import Send
from simulator.people import Person, Population

PARTNER = "pruh-adt"
WARDS = [f"M{n}" for n in range(1, 17)] + [f"S{n}" for n in range(1, 15)]
BEDS_PER_WARD = 20
ACCEPTED = {"accepted": 1}


@dataclass
class Stay:
    """A person in a bed, as the hospital knows it."""

    person: Person
    visit: hl7.Visit
    busy_until: datetime
    mrn: str = ""
    with_number: bool = True
    held: bool = False
    """Kept in bed by the story or for the community: not discharged at random."""


@dataclass
class Hospital:
    """The bed model. Every change puts a message on the wire and keeps the truth."""

    rng: random.Random
    population: Population
    sends: list[Send] = field(default_factory=list)
    stays: dict[str, Stay] = field(default_factory=dict)
    free: list[tuple[str, str, str]] = field(default_factory=list)
    control: int = 0
    visits: int = 0
    left: set[str] = field(default_factory=set)
    """Visits that ended: somebody must be told."""
    taken_back: set[str] = field(default_factory=set)
    """Visits that were said to have ended and had not: somebody may have been told."""
    written: list[tuple[str, Stay, datetime, datetime]] = field(default_factory=list)
    """Every message: trigger, stay, when it happened, when it was written down."""
    connected: datetime = datetime(2027, 1, 9, 12)
    last_send: datetime = datetime(2027, 1, 12, 15, 10)

    def __post_init__(self) -> None:
        self.free = [(w, f"B{b // 5 + 1}", f"{b + 1:02d}") for w in WARDS for b in range(BEDS_PER_WARD)]
        self.rng.shuffle(self.free)

    def control_id(self) -> str:
        """The engine's next MSH-10."""
        self.control += 1
        return f"ADT{self.control:07d}"

    def new_visit(
        self, place: tuple[str, str, str], admitted_at: datetime, patient_class: str = "I"
    ) -> hl7.Visit:
        """A visit with the next number."""
        self.visits += 1
        specialty = self.rng.choice(("300", "430", "110", "340", "320"))
        return hl7.Visit(
            f"V{self.visits:06d}", patient_class, *place, specialty=specialty, admitted_at=admitted_at
        )

    def take_bed(self) -> tuple[str, str, str]:
        """A free bed, at random."""
        return self.free.pop(self.rng.randrange(len(self.free)))

    def census(self, at: datetime, count: int) -> list[Stay]:
        """Fill `count` beds with people who came before the place was connected."""
        for _ in range(count):
            person = self.population.person()
            admitted = at - timedelta(hours=self.rng.randrange(6, 24 * 25), minutes=self.rng.randrange(60))
            visit = self.new_visit(self.take_bed(), admitted.replace(second=0))
            self.stays[visit.number] = Stay(person, visit, at)
        return list(self.stays.values())

    def send(
        self,
        trigger: str,
        stay: Stay,
        occurred: datetime,
        *,
        late: timedelta = timedelta(0),
        expect: dict[str, int] | None = None,
        label: str = "",
        effect: dict[str, str] | None = None,
        retired_mrn: str = "",
        story: str = "",
        recorded: datetime | None = None,
    ) -> Send:
        """Put one ADT message of a stay on the wire."""
        recorded = recorded or occurred + timedelta(seconds=self.rng.randrange(5, 50))
        at = min(recorded + late, max(self.last_send, recorded)) + timedelta(seconds=2)
        control_id = self.control_id()
        visit = None if trigger in ("A31", "A28", "A40") else stay.visit
        body = hl7.message(
            trigger,
            control_id,
            stay.person,
            visit,
            occurred=occurred,
            recorded=recorded,
            sent=at,
            with_number=stay.with_number,
            mrn=stay.mrn,
            retired_mrn=retired_mrn,
        )
        send = Send(
            at,
            PARTNER,
            "mllp",
            body,
            control_id,
            expect or ACCEPTED,
            label=label or trigger,
            effect=effect,
            story=story,
        )
        self.sends.append(send)
        self.written.append((trigger, stay, occurred, recorded))
        return send

    def admit(
        self, person: Person, at: datetime, *, through_ed: bool = False, late: timedelta = timedelta(0)
    ) -> Stay:
        """A01 (after an ED registration where `through_ed`); the number comes as the person's `number_on_adt`
        says.
        """
        visit = self.new_visit(self.take_bed(), at)
        stay = Stay(person, visit, at + timedelta(minutes=30), with_number=person.number_on_adt == "verified")
        if person.number_on_adt == "merged":
            stay.mrn = person.temporary_mrn
        self.stays[visit.number] = stay
        if through_ed and at - timedelta(hours=3) > self.connected:
            arrived = at - timedelta(hours=3)
            stay.visit = replace(
                visit, patient_class="E", poc="ED", room="MAJ", bed="01", admitted_at=arrived
            )
            self.send("A04", stay, arrived)
            stay.visit = visit
        self.send("A01", stay, at, late=late, effect=self._bed(stay))
        return stay

    def transfer(
        self, stay: Stay, at: datetime, *, late: timedelta = timedelta(0), cancelled: bool = False
    ) -> None:
        """A02, and its A12 when it was a mistake."""
        old = (stay.visit.poc, stay.visit.room, stay.visit.bed)
        new = self.take_bed()
        before = stay.visit
        stay.visit = stay.visit.at(*new)
        stay.busy_until = at + timedelta(minutes=30)
        self.send("A02", stay, at, late=late, effect=None if cancelled else self._bed(stay))
        if not cancelled:
            self.free.append(old)
            return
        stay.visit = before.at(*new).at(*old)
        self.send("A12", stay, at + timedelta(minutes=9), effect=self._bed(stay))
        stay.visit = replace(before, prior=("", "", ""))
        self.free.append(new)

    def amend(self, stay: Stay, at: datetime, *, late: timedelta = timedelta(0)) -> None:
        """A08 with a new expected discharge date."""
        expected = at.replace(minute=0, second=0) + timedelta(days=self.rng.randrange(1, 7))
        stay.visit = replace(stay.visit, expected_discharge_at=expected, prior=("", "", ""))
        self.send("A08", stay, at, late=late)

    def discharge(
        self,
        stay: Stay,
        at: datetime,
        *,
        cancelled: bool = False,
        story: str = "",
        late: timedelta = timedelta(0),
    ) -> Send:
        """A03, and its A13 when the person did not leave after all."""
        open_visit = replace(stay.visit, prior=("", "", ""))
        (self.taken_back if cancelled or story else self.left).add(stay.visit.number)
        stay.visit = replace(open_visit, discharged_at=at, method="1", destination="19")
        sent = self.send(
            "A03",
            stay,
            at,
            story=story,
            late=late,
            effect=None
            if cancelled
            else {"visit": stay.visit.number, "field": "status", "value": "discharged"},
        )
        if cancelled:
            stay.visit = open_visit
            stay.busy_until = at + timedelta(minutes=60)
            self.send("A13", stay, at + timedelta(minutes=25))
            return sent
        if not story:
            self.free.append((stay.visit.poc, stay.visit.room, stay.visit.bed))
            del self.stays[stay.visit.number]
        return sent

    def identify(self, stay: Stay, at: datetime) -> None:
        """The number arrives late: A31 with both identifiers."""
        stay.with_number = True
        self.send("A31", stay, at, label="A31 number arrives")

    def merge(self, stay: Stay, at: datetime) -> None:
        """A40: the temporary record becomes the real one, which carries the number."""
        stay.with_number, stay.mrn = True, ""
        self.send("A40", stay, at, retired_mrn=stay.person.temporary_mrn, label="A40 merge")

    def _bed(self, stay: Stay) -> dict[str, str]:
        visit = stay.visit
        return {"visit": visit.number, "field": "place", "value": f"{visit.poc}^{visit.room}^{visit.bed}"}

    def beds(self) -> dict[str, str]:
        """Visit number -> poc^room^bed of everyone in bed now."""
        return {n: f"{s.visit.poc}^{s.visit.room}^{s.visit.bed}" for n, s in self.stays.items()}
