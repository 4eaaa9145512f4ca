"""Children are kept apart by scope, by their age when it happened, by each kind of partner (IG-24)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.message import RawMessage
from connectors.pipeline import Pipeline
from connectors.scope import ScopeFacts, of_age, out_of_scope
from runtime.clock import micros
from runtime.errors import Misconfigured
from runtime.place import PLACES, Place, Scope, load_place, parse_place
from runtime.pseudonym import KeyRing

TEXT = (PLACES / "bromley.toml").read_text(encoding="utf-8")
ADULTS, CHILDREN = Scope(min_age_years=18), Scope(max_age_years=18)
CHILDRENS_PLACE = parse_place(TEXT.replace("min_age_years", "max_age_years"), "children")
BIRTHDAY = micros("2027-01-12T00:00:00Z")
CENSUS = "Visit,MRN,NHS Number,NHS Status,Surname,Forename,DOB,Ward,Bay,Bed,Site,Admitted,Specialty\n"


@pytest.mark.parametrize(("at", "adult"), [(BIRTHDAY - 1, False), (BIRTHDAY, True)])
def test_the_age_is_that_of_the_event(at: int, adult: bool) -> None:
    """The eighteenth birthday; nobody is in both, and nobody in neither."""
    assert (of_age("2009-01-12", at, ADULTS), of_age("2009-01-12", at, CHILDREN)) == (adult, not adult)


@pytest.mark.parametrize("born", ["", "unknown"])
def test_an_unknown_age_is_an_adults_and_on_a_childrens_ward_nobodys(born: str) -> None:
    assert (of_age(born, BIRTHDAY, ADULTS), of_age(born, BIRTHDAY, CHILDREN)) == (True, False)
    for specialty, closed in (("300", ""), ("420", "age"), ("711", "age")):
        facts = ScopeFacts(patient_class="I", site="S", specialty=specialty)
        assert out_of_scope(facts, ADULTS) == closed
        assert out_of_scope(facts, CHILDREN) == "age"


def test_figures_are_of_no_age_in_a_place_of_children_too() -> None:
    said = {"event": "beds.reported", "site": "S", "beds_open": 9}
    at = {"as_at": "2027-01-19T08:00:00Z", "recorded_at": "2027-01-19T08:00:00Z"}
    assert taken(CHILDRENS_PLACE, "sel-figures", json.dumps(said | at).encode()) == ("accepted", "", 1)


def package(born: str, at: str = "2027-01-11T12:00:00Z") -> bytes:
    """A council's word about a package."""
    person = {"id": "C1", "birth_date": born} if born else {"id": "C1"}
    said: dict[str, Any] = {"event": "package.approved", "package_id": "P1", "person": person}
    return json.dumps(said | {"occurred_at": at, "recorded_at": at}).encode()


def taken(place: Place, partner: str, body: bytes, name: str = "") -> tuple[str, str, int]:
    """How a message ended in a place: kind, class, events."""
    raw = RawMessage(partner, body, micros("2027-01-20T00:00:00Z"), name=name)
    outcome = Pipeline(place, partner, KeyRing.offline()).process(raw)
    return outcome.kind, outcome.scope_class, len(outcome.events)


@pytest.mark.parametrize(
    ("born", "at", "adults"),
    [("2009-01-12", "2027-01-11T12:00:00Z", False), ("2009-01-12", "2027-01-13T12:00:00Z", True),
     ("1940-01-01", "2027-01-11T12:00:00Z", True)],
)  # fmt: skip
def test_a_webhook_is_in_one_place_and_leaves_nothing_in_the_other(born: str, at: str, adults: bool) -> None:
    """Ignored as out of scope is what the intake stores no byte of (test_intake.py)."""
    inside, outside = (load_place("bromley"), CHILDRENS_PLACE)[:: 1 if adults else -1]
    assert taken(inside, "lbb-webhook", package(born, at))[0] == "accepted"
    assert taken(outside, "lbb-webhook", package(born, at)) == ("ignored", "age", 0)


def test_of_a_file_the_rows_of_children_make_no_event_among_adults() -> None:
    """And the other way round; each row is counted."""
    row = "V{0},K{0},,,Name,Given,{1},M4,A,{0},RJZ30,11/01/2027 08:00,300\n"
    body = (CENSUS + row.format(1, "01/01/1940") + row.format(2, "01/01/2015")).encode()
    for place, visit in ((load_place("bromley"), "V1"), (CHILDRENS_PLACE, "V2")):
        raw = RawMessage("pruh-census", body, micros("2027-01-12T07:00:00Z"), name="census-20270112T0600.csv")
        outcome = Pipeline(place, "pruh-census", KeyRing.offline()).process(raw)
        said = {event.record["visit_number"] for event in outcome.events if "visit_number" in event.record}
        assert said == {visit}
        assert dict(outcome.units) == {("accepted", ""): 1, ("ignored", "out of scope"): 1}


def test_a_place_is_of_adults_or_of_children() -> None:
    with pytest.raises(Misconfigured, match="a place of their own"):
        parse_place(TEXT.replace("min_age_years", "max_age_years", 1), "mixed")


def test_a_real_partner_says_of_which_age_people_are() -> None:
    real = TEXT.replace('kind = "census"', 'kind = "census"\nreal = true')
    parse_place(real, "real")
    block = "[partners.pruh-census.scope]\nmin_age_years = 18\n"
    assert block in real
    with pytest.raises(Misconfigured, match="pruh-census: a real partner's scope"):
        parse_place(real.replace(block, ""), "real")
