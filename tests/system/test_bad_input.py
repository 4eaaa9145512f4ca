"""Bad input over real wires to one running connectors process: each gets a clear answer and is counted under
its reason, and a good message sent beside it is answered yes within two seconds.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from simulator.ledger import Send
from simulator.mischief import SECRET_WORDS
from simulator.people import Person
from simulator.town import build
from tests.system.place import SystemPlace, until
from tests.system.traces import found_in, traces
from tests.system.verdict import archived
from tests.system.wire import START, ask, connected, drop, package, patient, post, table, tell

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("system"), pytest.mark.timeout(600)]

BESIDE_SECONDS = 15.0
ADT, COUNCIL, CHARITY = "pruh-adt", "lbb-webhook", "bwell-csv"
MEGABYTE = 1 << 20


def refusals(place: SystemPlace, reason: str) -> int:
    """How often a reason was counted."""
    return sum(numbers(place, rf'toc_refusals_total{{[^}}]*reason="({reason})"}}').values())


def numbers(place: SystemPlace, metric: str) -> dict[str, int]:
    """What the connectors' metrics page says of a metric, by the label that `metric` picks out, added up."""
    found: dict[str, int] = {}
    for label, count in re.findall(rf"^{metric} (\S+)$", place.metrics(), re.MULTILINE):
        found[label] = found.get(label, 0) + int(float(count))
    return found


def quarantined(place: SystemPlace) -> dict[tuple[str, str], int]:
    """Lines of the quarantine as the API shows them, by partner and reason."""
    found: dict[tuple[str, str], int] = {}
    for row in place.view("quarantine"):
        found[row["partner"], row["reason"]] = found.get((row["partner"], row["reason"]), 0) + 1
    return found


@contextmanager
def refused(place: SystemPlace, reason: str, partner: str = "", *, kept: int = 1) -> Iterator[None]:
    """Inside, something is refused once for this reason; `kept` quarantine lines of the partner say so after.

    A good message on a connection of its own is answered AA in time while it happens.
    """
    counted, there = refusals(place, reason), quarantined(place).get((partner, reason), 0)
    answers: list[tuple[str, float]] = []

    def good() -> None:
        answer = tell(place, patient(place).adt("A01"))
        answers.append((answer.code, answer.seconds))

    beside = threading.Thread(target=good)
    beside.start()
    try:
        yield
    finally:
        beside.join(20)
    assert answers, "the good message beside was answered"
    assert answers[0][0] == "AA"
    assert answers[0][1] < BESIDE_SECONDS
    until(lambda: refusals(place, reason) == counted + 1, 10, f"{reason} counted")
    until(lambda: quarantined(place).get((partner, reason), 0) == there + kept, 10, f"{reason} in quarantine")


class TestHospital:
    """What an engine sends that it should not."""

    def test_bytes_that_are_no_message(self, wired: SystemPlace) -> None:
        with refused(wired, "UNREADABLE", ADT):
            assert tell(wired, b"\x00\x01 this is no HL7 \xff").code == "AR"

    def test_garbage_before_a_frame_is_counted_and_the_message_taken(self, wired: SystemPlace) -> None:
        metric, stray = r'toc_garbage_bytes_total{partner="(.*)"}', b"GET / HTTP/1.1\r\n\r\n"
        before = numbers(wired, metric).get(ADT, 0)
        with connected(wired) as connection:
            connection.sendall(stray)
            assert ask(connection, patient(wired).adt("A01")).code == "AA"
        assert numbers(wired, metric)[ADT] == before + len(stray.strip())

    def test_a_frame_without_end(self, wired: SystemPlace) -> None:
        with refused(wired, "FRAME_INCOMPLETE", kept=0), connected(wired) as connection:
            connection.sendall(START + patient(wired).adt("A01")[:200])
            assert tell(wired, patient(wired).adt("A01")).seconds < BESIDE_SECONDS
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(100) == b"", "nothing is answered to half a message"

    def test_twenty_megabytes(self, wired: SystemPlace) -> None:
        with refused(wired, "TOO_LARGE", kept=0), connected(wired, 60) as connection:
            head = b"MSH|^~\\&|PAS|RJZ|||20270109||ADT^A01|BIG|P|2.4\r"
            answer = ask(connection, head + b"x" * (20 * MEGABYTE))
            assert (answer.code, "TOO_LARGE" in answer.text) == ("AR", True)
            assert ask(connection, patient(wired).adt("A01")).code == "AA", "the connection goes on"

    def test_test_traffic(self, wired: SystemPlace) -> None:
        with refused(wired, "WRONG_PROCESSING_ID", ADT):
            answer = tell(wired, patient(wired).adt("A01", processing="T"))
            assert (answer.code, "WRONG_PROCESSING_ID" in answer.text) == ("AA", True)

    def test_a_trigger_we_do_not_translate_yet(self, wired: SystemPlace) -> None:
        with refused(wired, "UNSUPPORTED_EVENT", ADT):
            assert tell(wired, patient(wired).adt("A20")).code == "AA"

    def test_a_latin_1_name_is_accepted(self, wired: SystemPlace) -> None:
        who = patient(wired, "Müller-Désirée", "Zoë")
        body = who.adt("A01")
        assert "Müller".encode("latin-1") in body
        assert tell(wired, body).code == "AA"
        assert spell(wired, who.visit.number)["status"] == "admitted"

    def test_a_month_13_date_of_birth_costs_the_date_not_the_message(self, wired: SystemPlace) -> None:
        who = patient(wired)
        born = who.person.birth_date.strftime("%Y%m%d").encode()
        assert tell(wired, who.adt("A01").replace(born, b"19411301")).code == "AA"
        line = spell(wired, who.visit.number)
        assert (line["status"], "BAD_DATE_OF_BIRTH" in line["flags"]) == ("admitted", True)

    def test_a_placeholder_number_joins_nobody(self, wired: SystemPlace) -> None:
        keys = set()
        for _ in range(2):
            who = patient(wired)
            assert tell(wired, who.adt("A01").replace(who.person.nhs.encode(), b"9876543210")).code == "AA"
            line = spell(wired, who.visit.number)
            assert "NHS_NUMBER_PLACEHOLDER" in line["flags"]
            keys.add(line["person_key"])
        assert len(keys) == 2


def spell(place: SystemPlace, visit: str) -> dict[str, object]:
    """The line of a visit, once it is there."""
    until(lambda: bool(place.view("spell", visit=visit)), 10, f"spell of {visit}")
    return place.view("spell", visit=visit)[0]


class TestWebhooks:
    """What a council's system, or somebody who says he is one, posts."""

    def test_an_unknown_partner(self, wired: SystemPlace) -> None:
        with refused(wired, "UNKNOWN_PARTNER", kept=0):
            answer = post(wired, "nobody", {}, secret="any")
            assert (answer.code, '"UNKNOWN_PARTNER"' in answer.text) == ("404", True)

    def test_a_wrong_signature(self, wired: SystemPlace) -> None:
        with refused(wired, "BAD_SIGNATURE", kept=0):
            answer = post(wired, COUNCIL, package(wired, patient(wired), "P1"), secret="wrong")
            assert (answer.code, '"BAD_SIGNATURE"' in answer.text) == ("401", True)

    def test_an_expired_timestamp(self, wired: SystemPlace) -> None:
        with refused(wired, "SIGNATURE_EXPIRED", kept=0):
            answer = post(wired, COUNCIL, package(wired, patient(wired), "P1"), seconds_ago=3600)
            assert (answer.code, '"SIGNATURE_EXPIRED"' in answer.text) == ("401", True)

    def test_replayed_with_the_same_body_and_with_another(self, wired: SystemPlace) -> None:
        body, other = (package(wired, patient(wired), f"P{n}") for n in (2, 3))
        assert [post(wired, COUNCIL, body, key="K2").code for _ in range(2)] == ["202", "200"]
        with refused(wired, "REPLAYED", kept=0):
            answer = post(wired, COUNCIL, other, key="K2")
            assert (answer.code, '"REPLAYED"' in answer.text) == ("409", True)

    def test_a_month_13_date_of_birth(self, wired: SystemPlace) -> None:
        body = package(wired, patient(wired), "P4", person={"id": "L4", "birth_date": "1941-13-01"})
        with refused(wired, "BAD_DATE_OF_BIRTH", COUNCIL):
            answer = post(wired, COUNCIL, body, key="K4")
            assert (answer.code, '"/person/birth_date"' in answer.text) == ("422", True)

    def test_no_json(self, wired: SystemPlace) -> None:
        with refused(wired, "NOT_JSON", COUNCIL):
            assert post(wired, COUNCIL, b'{"event":', key="K5").code == "400"


class TestFiles:
    """What lands in a drop folder. Each test's file is later than those before it."""

    minutes_ago = 3000

    def rows(self, count: int) -> list[dict[str, str]]:
        return [
            {"support_id": f"S{n}", "person_id": f"B{n}", "family": "Oak", "birth_date": "01/02/1940",
             "service": "Shopping", "status": "accepted", "status_at": "01/01/2027 10:00", "consent": "given"}
            for n in range(count)
        ]  # fmt: skip

    def dropped(self, place: SystemPlace, body: bytes) -> str:
        """Drop a file and wait until it is taken; the folder it went to."""
        TestFiles.minutes_ago -= 60
        name = drop(place, CHARITY, body, self.minutes_ago)
        folder = place.drop / CHARITY
        until(lambda: not (folder / name).exists(), 15, f"{name} taken")
        return next(path.parent.name for path in folder.glob(f"*/{name}*"))

    def test_headers_that_drifted(self, wired: SystemPlace) -> None:
        partner = wired.place.partners[CHARITY]
        with refused(wired, "HEADER_DRIFT", CHARITY):
            assert self.dropped(wired, table(partner, self.rows(3), drift={"Status": "State"})) == "refused"

    def test_a_file_cut_short_of_its_trailer(self, wired: SystemPlace) -> None:
        body = table(wired.place.partners[CHARITY], self.rows(4))
        cut = b"\n".join([*body.splitlines()[:3], b"#rows=4", b""])
        with refused(wired, "FILE_INCOMPLETE", CHARITY):
            assert self.dropped(wired, cut) == "refused"

    def test_a_file_still_being_written(self, wired: SystemPlace) -> None:
        half = wired.drop / CHARITY / "support-20270101T0000.csv.part"
        before = wired.counted().get(CHARITY, {})
        half.write_bytes(table(wired.place.partners[CHARITY], self.rows(2))[:100])
        time.sleep(1.5)
        assert tell(wired, patient(wired).adt("A01")).seconds < BESIDE_SECONDS
        assert half.exists()
        assert wired.counted().get(CHARITY, {}) == before
        half.unlink()

    def test_a_file_of_half_the_rows_of_the_last(self, wired: SystemPlace) -> None:
        partner = wired.place.partners[CHARITY]
        assert self.dropped(wired, table(partner, self.rows(10))) == "done"
        with refused(wired, "FILE_SHRUNKEN", CHARITY):
            self.dropped(wired, table(partner, self.rows(4)))


class TestOutOfScope:
    """Acked, counted by class, and no byte anywhere."""

    def test_a_thousand_messages_leave_no_byte(self, wired: SystemPlace) -> None:
        strangers = [s for s in build().sends if s.label == "out of scope"]
        assert len(strangers) == 1000
        classes = self.classes(wired)
        canaries = [word.encode() for word in SECRET_WORDS]
        assert all(any(word in send.body for word in canaries) for send in strangers)
        senders = wired.send(strangers, per_second=2000)
        senders.finish(120)
        assert {answer for _, answer in senders.answers} == {"AA"}
        counted = {name: n - classes.get(name, 0) for name, n in self.classes(wired).items()}
        print(counted)
        assert sum(counted.values()) == 1000
        assert len([n for n in counted.values() if n > 300]) == 3, "outpatients, children, another site"
        assert found_in(traces(wired), canaries) == {}
        assert not self.opened(wired, strangers)

    def classes(self, place: SystemPlace) -> dict[str, int]:
        """Out-of-scope messages by class."""
        return numbers(place, r'toc_messages_out_of_scope_total{.*scope_class="(.*)"}')

    def opened(self, place: SystemPlace, strangers: list[Send]) -> list[str]:
        """Those of them that the archive holds, opened."""
        bodies = {message.body for message in archived(place)[ADT]}
        return [send.message_id for send in strangers if send.body in bodies]


def test_people_of_these_tests_have_numbers_of_the_test_range(wired: SystemPlace) -> None:
    """A fixture is nobody real."""
    people: list[Person] = [patient(wired).person for _ in range(20)]
    assert all(person.nhs.startswith("999") and len(person.nhs) == 10 for person in people)
    assert len({person.nhs for person in people}) == 20
