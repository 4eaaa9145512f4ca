"""`Complete-To` of a running place: it follows what the worker has folded, and stands still without one
however much the connectors go on receiving.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

import httpx
import pytest

from tests.system.place import SystemPlace, until
from tests.system.wire import patient, tell

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("system"), pytest.mark.timeout(300)]


def complete_to(place: SystemPlace) -> int:
    """The header, µs; 0 while unknown."""
    said = httpx.get(f"{place.board_url}/v1/views/spell", timeout=20).headers["Complete-To"]
    if said == "unknown":
        return 0
    return int(datetime.strptime(said, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp() * 1_000_000)


def passes(place: SystemPlace, moment: int) -> None:
    until(lambda: complete_to(place) > moment, 60, f"complete to {moment}")


def told_and_withheld(place: SystemPlace) -> None:
    who = patient(place, "Amberley")
    assert tell(place, who.adt("A01")).code == "AA"
    passes(place, place.clock.now())
    assert place.view("spell", visit=who.visit.number), "what is complete is shown"
    for worker in place.workers:
        assert place.stop(worker) == 0
    stopped = place.clock.now()
    later = patient(place, "Bexhill")
    assert tell(place, later.adt("A01")).code == "AA"
    time.sleep(4)
    assert 0 < complete_to(place) <= stopped
    assert place.view("spell", visit=later.visit.number) == []
    place.make_whole()
    passes(place, place.clock.now())
    assert place.view("spell", visit=later.visit.number)


def test_on_the_embedded_broker(wired: SystemPlace) -> None:
    told_and_withheld(wired)


@pytest.mark.kafka
def test_on_kafka(kafka_place: SystemPlace) -> None:
    told_and_withheld(kafka_place)
