"""A record that does not decode and a person that does not reduce delay nobody; many who do not make the
worker unready, and never restart it (design.md §4 law 8, §6).
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from kafka import KafkaProducer

from schemas.catalogue import HOSPITAL_SPELL, QUARANTINE
from schemas.codec import decode
from streams.agents.parking import MOST_PARKED
from tests.system.place import SystemPlace, until
from tests.system.verdict import read, rows_of
from tests.system.wire import Patient, patient, tell
from tests.system.worker_process import SECRET

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("system"), pytest.mark.timeout(600)]

VIEW_SECONDS = 10.0


def admit(place: SystemPlace, count: int) -> list[Patient]:
    """People in bed, as the API shows them."""
    found = [patient(place) for _ in range(count)]
    for who in found:
        assert tell(place, who.adt("A01")).code == "AA"
    for who in found:
        until(lambda who=who: in_bed(place, who), VIEW_SECONDS, who.visit.number)
    return found


def in_bed(place: SystemPlace, who: Patient) -> bool:
    """Whether the API shows somebody in the bed they are in."""
    lines = place.view("spell", visit=who.visit.number)
    return bool(lines) and (lines[0]["location"] or {}).get("bed") == who.visit.bed


def move(place: SystemPlace, who: Patient, bed: str) -> None:
    """A transfer on the wire."""
    assert tell(place, who.adt("A02", bed=bed)).code == "AA"


def person(place: SystemPlace, key: str) -> dict[str, object]:
    """The person line of a key."""
    return place.view("person", person=key)[0]


def parked(place: SystemPlace) -> int:
    """Persons parked, as the worker's metrics say."""
    page = place.metrics(f"{place.worker_url(place.workers[0])}/metrics")
    rows = [line for line in page.splitlines() if line.startswith("toc_persons_parked_count{")]
    return int(sum(float(row.rpartition(" ")[2]) for row in rows))


def ready(place: SystemPlace) -> int:
    """What the worker answers when asked whether it is ready."""
    return httpx.get(f"{place.worker_url(place.workers[0])}/v1/health/ready", timeout=5).status_code


@pytest.fixture
def poison(wired: SystemPlace) -> Iterator[list[Patient]]:
    """Somebody's spells, in the file that makes their reduce fail; everybody reduces again afterwards."""
    path = wired.folder / "poison"
    victims: list[Patient] = []
    yield victims
    path.unlink(missing_ok=True)
    for who in victims:
        move(wired, who, "70")
    until(lambda: parked(wired) == 0, VIEW_SECONDS, "nobody is parked any more")


def poisoned(place: SystemPlace, people: list[Patient]) -> dict[str, str]:
    """Make people's reduce fail; visit -> person key."""
    lines = {who.visit.number: place.view("spell", visit=who.visit.number)[0] for who in people}
    (place.folder / "poison").write_text(" ".join(line["spell_id"] for line in lines.values()))
    return {visit: line["person_key"] for visit, line in lines.items()}


class TestRecord:
    """A record of a topic that is not of the contract."""

    @pytest.mark.parametrize("what", ["garbage", "cut short", "unknown schema", "empty", "another key"])
    def test_goes_to_quarantine_with_its_place_and_delays_nobody(self, wired: SystemPlace, what: str) -> None:
        who, _ = admit(wired, 2)
        mine = wired.view("spell", visit=who.visit.number)[0]["person_key"].encode()
        good = next(m for m in read(wired, HOSPITAL_SPELL) if m.value and m.key != mine)
        value = {
            "garbage": b"\xff\xfe nothing of ours", "cut short": (good.value or b"")[:-4],
            "unknown schema": b"\0\0\0\xff\xff" + (good.value or b"")[5:], "empty": b"",
            "another key": good.value or b"",
        }[what]  # fmt: skip
        producer = KafkaProducer(bootstrap_servers=wired.bootstrap)
        put = producer.send(HOSPITAL_SPELL, key=mine, value=value).get(timeout=20)
        producer.close()
        move(wired, who, "55")
        until(lambda: in_bed(wired, who), VIEW_SECONDS, "the record behind it is folded")

        def said() -> list[dict[str, object]]:
            rows = [decode(m.value)[1] for m in read(wired, QUARANTINE) if m.value]
            place = (put.topic, put.partition, put.offset)
            return [row for row in rows if (row["topic"], row["partition"], row["offset"]) == place]

        until(lambda: len(said()) == 1, VIEW_SECONDS, "quarantined once, with topic, partition and offset")
        assert said()[0]["partner"] == "worker"
        page = wired.metrics(f"{wired.worker_url(wired.workers[0])}/metrics")
        reason = said()[0]["reason"]
        assert f'toc_records_undecodable_total{{reason="{reason}",topic="{HOSPITAL_SPELL}"}}' in page
        assert any(row["partner"] == "worker" and row["reason"] == reason for row in wired.view("quarantine"))


class TestPerson:
    """A person whose facts break our code."""

    def test_is_parked_alone_and_unparked_by_the_next_success(
        self, wired: SystemPlace, poison: list[Patient]
    ) -> None:
        victim, other = admit(wired, 2)
        poison.append(victim)
        key = poisoned(wired, [victim])[victim.visit.number]
        move(wired, victim, "61")
        until(lambda: person(wired, key).get("state") == "parked", VIEW_SECONDS, "parked")
        stub = person(wired, key)
        assert (stub["reason"], stub["unread"]) == ("INVARIANT", 1)
        assert stub["frozen_since"]
        assert wired.view("spell", visit=victim.visit.number) == [], "a stub, nothing half-true"
        move(wired, victim, "62")
        until(lambda: person(wired, key)["unread"] == 2, VIEW_SECONDS, "its journal grows")
        move(wired, other, "63")
        until(lambda: in_bed(wired, other), VIEW_SECONDS, "others go on")
        assert (parked(wired), ready(wired)) == (1, 200)
        self.said(wired)
        (wired.folder / "poison").unlink()
        move(wired, victim, "64")
        until(lambda: in_bed(wired, victim), VIEW_SECONDS, "unparked by the next success")
        stays = wired.view("spell", visit=victim.visit.number)[0]["stays"]
        beds = [stay["place"].split("^")[2] for stay in stays]
        assert beds[-3:] == ["61", "62", "64"], "nothing of what came meanwhile is lost"
        assert parked(wired) == 0

    def said(self, place: SystemPlace) -> None:
        """The log names the type of the error and where it was, and nothing of what it says."""
        rows = [row for path in place.logs() for row in rows_of(path) if row.get("event") == "person.parked"]
        assert {row["error"] for row in rows} == {"LookupError"}
        assert all(any("worker_process.py" in at for at in row["at"]) for row in rows)
        assert not [path for path in place.logs() if SECRET in path.read_text(errors="replace")]

    def test_many_make_the_worker_unready_and_up(self, wired: SystemPlace, poison: list[Patient]) -> None:
        people = admit(wired, MOST_PARKED + 3)
        victims, other = people[:-1], people[-1]
        poison.extend(victims)
        poisoned(wired, victims)
        for who in victims:
            move(wired, who, "65")
        until(lambda: parked(wired) == len(victims), VIEW_SECONDS, "all are parked")
        until(lambda: ready(wired) == 503, VIEW_SECONDS, "unready")
        worker = wired.workers[0]
        said = [row for row in worker.lines() if row.get("event") == "worker.too_many_parked"]
        assert said
        assert said[-1]["parked"] > MOST_PARKED
        move(wired, other, "66")
        until(lambda: in_bed(wired, other), VIEW_SECONDS, "others go on")
        (wired.folder / "poison").unlink()
        for who in victims:
            move(wired, who, "67")
        until(lambda: ready(wired) == 200, VIEW_SECONDS, "ready again")
        assert worker.ended() is None, "never a restart"
