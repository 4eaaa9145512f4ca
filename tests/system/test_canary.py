"""A name and a number of the test range are planted in messages of every kind, good, refused and out of
scope; then everything the run produced is searched for them (design.md §10).
"""

from __future__ import annotations

from datetime import date, timedelta

import httpx
import pytest

from tests.system.place import SystemPlace, until
from tests.system.traces import RESTRICTED, found_in, traces
from tests.system.verdict import archived, quiet, read
from tests.system.wire import Patient, drop, nhs_number, package, patient, post, table, tell, utc

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("system"), pytest.mark.timeout(600)]

FAMILY, GIVEN, POSTCODE, MRN = "Zeppelinatrix", "Quimbleton", "BR9 9QX", "ZMRN7417"
BORN = date(1931, 7, 17)
DATES = ["19310717", "1931-07-17", "17/07/1931"]
WORDS = [FAMILY, FAMILY.upper(), GIVEN, POSTCODE, MRN, *DATES, nhs_number(7417)]


def canary(place: SystemPlace) -> Patient:
    """The one whose name must be nowhere."""
    who = patient(place, FAMILY, GIVEN, serial=7417)
    who.person.birth_date, who.person.postcode, who.person.mrn = BORN, POSTCODE, MRN
    return who


def hospital(place: SystemPlace, who: Patient) -> None:
    """Every trigger that says who somebody is; what is refused; what is out of scope."""
    for trigger in ("A28", "A01", "A08", "A02", "A03", "A13", "A31"):
        assert tell(place, who.adt(trigger)).code == "AA"
    tell(place, who.adt("A40", retired_mrn=f"{MRN}T"))
    tell(place, who.adt("A40", retired_mrn=MRN))
    tell(place, who.adt("A20"))
    tell(place, who.adt("A01", processing="T"))
    tell(place, who.adt("A01").replace(b"|2.4", f"|{FAMILY}".encode()))
    tell(place, f"{FAMILY} {GIVEN} {who.person.nhs} is no message".encode())
    tell(place, who.adt("A08").replace(who.at.strftime("%Y%m%d%H%M").encode(), f"{FAMILY}".encode()))
    tell(place, who.adt("A08").replace(b"19310717", f"{FAMILY}".encode()))
    tell(place, who.adt("A01", number=f"{who.visit.number}O", patient_class="O"))


def webhooks(place: SystemPlace, who: Patient) -> None:
    """Taken, refused at a field, refused at the door; as the name of a partner and of a notice, too."""
    good = package(place, who, "ZP1")
    assert post(place, "lbb-webhook", good, key="Z1").code == "202"
    assert post(place, "lbb-webhook", good | {"occurred_at": FAMILY}, key="Z2").code == "422"
    assert post(place, "lbb-webhook", good | {"event": FAMILY}, key="Z3").code == "422"
    assert post(place, "lbb-webhook", f"{FAMILY} {who.person.nhs}".encode(), key="Z4").code == "400"
    assert post(place, "lbb-webhook", good, key="Z5", secret="wrong").code == "401"
    assert post(place, "lbb-webhook", good | {"package_id": "ZP2"}, key="Z1").code == "409"
    assert post(place, FAMILY, good, secret="any").code == "404"
    notice = f"/v1/notices/{who.person.nhs}/acknowledge"
    assert post(place, "homeward", b"{}", path=notice).code in ("401", "404")
    when = good["occurred_at"]
    support = {
        "event": "support.accepted", "support_id": "ZS1", "person": good["person"], "service": "Shopping",
        "consent": "given", "occurred_at": when, "recorded_at": when,
    }  # fmt: skip
    assert post(place, "bwell-webhook", support, key="Z6").code == "202"
    assert post(place, "bwell-webhook", support | {"consent": FAMILY}, key="Z7").code == "422"
    closed = {
        "event": "care_home.status", "site": "VM1A7", "admissions": "closed", "as_at": when,
        "recorded_at": when,
    }  # fmt: skip
    assert post(place, "sel-figures", closed, key="Z8").code == "202"
    assert post(place, "sel-figures", closed | {"reason": f"{FAMILY} is ill"}, key="Z9").code == "422"


def files(place: SystemPlace, who: Patient) -> None:
    """A good row, a row that cannot be read, a file that is refused, in the format of each partner."""
    born, at = BORN.strftime("%d/%m/%Y"), (utc(place) - timedelta(hours=3)).strftime("%d/%m/%Y %H:%M")
    known = {"nhs_number": who.person.nhs, "birth_date": born, "family": FAMILY, "given": GIVEN,
             "postcode": POSTCODE}  # fmt: skip
    rows = {
        "hub-list": {"mrn": MRN, "visit_number": who.visit.number, "ward": "W1", "bed": "1", "criteria": "N",
                     "criteria_at": at},
        "pruh-census": {"mrn": MRN, "visit_number": who.visit.number, "ward": "W1", "site": "RJZ30",
                        "admitted_at": at},
        "lbb-csv": {"package_id": "ZP9", "person_id": "ZL9", "status": "requested", "status_at": at},
        "bwell-csv": {"support_id": "ZS9", "person_id": "ZB9", "status": "accepted", "status_at": at,
                      "service": "Shopping", "consent": "given"},
        "pruh-sitrep": {"site": "RJZ30", "as_at": at, "metric": "decision to admit", "value": "7"},
    }  # fmt: skip
    for minutes, (partner, row) in enumerate(rows.items()):
        dialect = place.place.partners[partner]
        good = {name: value for name, value in (known | row).items() if name in dialect.columns}
        keys = ("visit_number", "mrn", "package_id", "person_id", "support_id")
        bad = {name: f"{v}B" if name in keys else FAMILY for name, v in good.items()}
        for number, body in enumerate((table(dialect, [good, bad]), table(dialect, [good], drift={
            head: f"{FAMILY} {head}" for head in dialect.columns.values()}))):  # fmt: skip
            name = drop(place, partner, body, 40 + 10 * minutes - number)
            until(lambda name=name, partner=partner: not (place.drop / partner / name).exists(), 15, name)


def questions(place: SystemPlace, who: Patient) -> None:
    """Names in addresses: of the API, of the intake, of a worker's health page."""
    for path in (f"/v1/views/spell?person={FAMILY}", f"/v1/views/{FAMILY}", f"/v1/views/spell?as_of={FAMILY}",
                 f"/{GIVEN}/{who.person.nhs}"):  # fmt: skip
        httpx.get(place.board_url + path, timeout=10)
        httpx.get(place.intake_url + path, timeout=10)
        httpx.get(place.worker_url(place.workers[0]) + path, timeout=10)


class TestCanary:
    """Nothing identifiable leaves the connectors but to the one restricted topic, and sealed."""

    def test_nowhere_but_where_it_may_be(self, wired: SystemPlace) -> None:
        who = canary(wired)
        for plant in (hospital, webhooks, files, questions):
            plant(wired, who)
        quiet(wired)
        words = [word.encode() for word in WORDS]
        assert found_in(traces(wired), words) == {}
        self.really_planted(wired)

    def really_planted(self, place: SystemPlace) -> None:
        """The opened archive has it from every partner, the restricted topic has it, refusals were made."""
        opened = archived(place)
        planted = {name for name, kept in opened.items() if any(FAMILY.encode() in m.body for m in kept)}
        assert planted == set(opened) - {"homeward"}
        identified = [message.value or b"" for message in read(place, RESTRICTED)]
        assert any(FAMILY.encode() in value for value in identified)
        reasons = {row["reason"] for row in place.view("quarantine")}
        print(sorted(planted), sorted(reasons))
        assert len(reasons) >= 6
