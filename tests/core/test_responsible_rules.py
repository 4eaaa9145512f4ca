"""Whose patient, by hand (domain 01 §1.15)."""

from __future__ import annotations

from typing import Any

from schemas.fact import Fact
from tests.core.story import A01, fact, spell_of


def said(when: str, council: str | None, partner: str = "hub-list", **more: Any) -> Fact:
    """A word on responsibility."""
    body = {"basis": "stated" if council else None, "council": council} | more
    return fact("ResponsibilitySet", when, partner=partner, instance=when, **body)


def held(*facts: Fact) -> dict[str, Any]:
    """What the line says."""
    return dict(spell_of(A01, *facts)["responsible"])


def test_said_again_it_is_since_first_said() -> None:
    """And anew where the council changed in between."""
    again = [said("10 09:00", "E09000011"), said("11 09:00", "E09000011")]
    assert held(*again)["since"] == "2027-01-10T09:00:00Z"
    between = said("10 12:00", "E09000006")
    assert held(*again, between)["since"] == "2027-01-11T09:00:00Z"


def test_what_is_taken_back_is_the_places_own_again() -> None:
    """Nobody says anything else now."""
    facts = [said("10 09:00", "E09000011"), said("11 09:00", None)]
    assert (held(*facts)["council"], held(*facts)["basis"]) == ("E09000006", "place")


def test_sources_that_agree_are_no_dispute() -> None:
    """One of them may say it is one, though."""
    agree = [said("10 09:00", "E09000011"), said("10 10:00", "E09000011", "pruh-adt")]
    assert (held(*agree)["basis"], held(*agree)["claims"]) == ("stated", [])
    argued = said("10 11:00", "E09000011", "pruh-adt", basis="disputed")
    assert (held(agree[0], argued)["basis"], len(held(agree[0], argued)["claims"])) == ("disputed", 2)


def test_an_icb_alone_leaves_the_council_open() -> None:
    """It is no dispute with a source that names a council, and nobody is out of area by it."""
    line = spell_of(A01, said("10 09:00", None, basis="gp", icb="QWE"))
    assert (line["responsible"]["council"], line["responsible"]["icb"]) == (None, "QWE")
    assert "out_of_area" not in line["flags"]
    both = held(said("10 09:00", None, icb="QWE"), said("10 09:00", "E09000006", "pruh-adt"))
    assert both["basis"] != "disputed"


def test_the_neighbours_are_served_as_the_place_file_says() -> None:
    """What the source names goes before it; of a council nobody mapped nothing is known."""
    neighbour = held(said("10 09:00", "E09000011"))
    assert (neighbour["icb"], neighbour["hub"]) == ("QKK", "greenwich-hub")
    assert held(said("10 09:00", "E09000011", icb="QWE"))["icb"] == "QWE"
    unmapped = held(said("10 09:00", "E07000000"))
    assert (unmapped["icb"], unmapped["hub"]) == (None, None)
