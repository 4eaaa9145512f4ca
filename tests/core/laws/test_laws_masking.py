"""Masking as a property of generated histories (domain 05 IG-04, IG-05, IG-22, IG-23): what a restriction
hides stands nowhere in what a reader without the right to it is shown; each of the three flags does its own.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.masking import NOTE_OTHERS, NOTE_TREATED, Shield, shown_to
from runtime.place import load_place
from runtime.reader import OPERATOR, ROLES, Reader
from schemas.fact import Fact
from streams.core.reduce import reduce_person
from streams.core.views.lines import IdentityView, lines
from tests.core.laws.histories import histories
from tests.core.story import CONFIG, PERSON, at

LAW = settings(max_examples=40, deadline=None)
NOW = at("12 12:00")
PLACE = load_place("bromley")
AGREED = {"sharing_agreement": "A"}
ELSEWHERE = (
    Reader(name="other-ward", role="ward", partners=("other-adt",), **AGREED),
    Reader(name="other-hub", role="hub", hubs=("bromley-spa",), partners=("other-adt",), **AGREED),
    Reader(name="greenwich", role="council", councils=("E09000011",), **AGREED),
)
READERS = (*PLACE.readers, *ELSEWHERE)
BY_NAME = {reader.name: reader for reader in READERS}
TREATING = frozenset({"pruh-ward", "bromley-spa"})

WHEREABOUTS = (
    "location.poc", "location.room", "location.bed", "location.facility", "stays[].place", "pending[].place",
    "visit_number", "packages[].service_type", "packages[].component", "packages[].reason",
    "support[].service", "preferred_places[].place", "responsible.icb",
    "planned_destination.destination.raw", "tasks[].owner",
    "tasks[].kind", "tasks[].reason", "delays[].owner", "delays[].set_by", "delays[].reason.raw",
    "documents[].recipient", "discharge.destination.raw", "why[].owner", "why[].reason.raw",
    "waiting[].owner", "next_step.owner",
)  # fmt: skip
"""IG-05 read by hand: where the person is, was, will be or lives, and who could say so."""
TELLING = frozenset({"pruh-adt", "pruh-census", "Oakfield Homecare", "Other", "E09000006", "E09000011"})
"""Values that say it too, and that a relationship is judged by, so no canary can stand for them."""


def told(facts: list[Fact], shield: Shield) -> list[dict[str, Any]]:
    """The lines of a history as parsed, with a canary at every place that a restriction hides."""
    flags = tuple(name for name in ("location_hidden", "sharing_objection") if getattr(shield, name))
    who = IdentityView(PERSON, restricted=shield.restricted, flags=flags)
    rows = [json.loads(line) for line in lines(reduce_person(facts, CONFIG), PERSON, who, CONFIG)]
    for row in rows:
        for path in WHEREABOUTS:
            plant(row, path.split("."))
    return rows


def plant(value: Any, path: list[str]) -> None:
    """Put a canary where a path leads, if anything is known there."""
    key, rest = path[0].removesuffix("[]"), path[1:]
    if not isinstance(value, dict) or value.get(key) in (None, []):
        return
    if not rest:
        value[key] = "CANARY"
        return
    for one in value[key] if path[0].endswith("[]") else [value[key]]:
        plant(one, rest)


def leaves(value: Any) -> set[Any]:
    """Every value that stands anywhere in a row, but for the names of keys."""
    if isinstance(value, dict):
        return {leaf for inner in value.values() for leaf in leaves(inner)}
    if isinstance(value, list):
        return {leaf for inner in value for leaf in leaves(inner)}
    return {value}


def flags_taken(shown: list[dict[str, Any]]) -> list[Any]:
    """Take the person's flags off, and what follows from them; the rest must be equal."""
    for row in shown:
        row.pop("version")
        if row["view"] == "person" and "withheld" in row:
            row["withheld"] = [path for path in row["withheld"] if path != "flags"]
    return [row.pop("flags", None) for row in shown if row["view"] == "person"]


HIDING = st.sampled_from(
    [Shield(restricted=True), Shield(location_hidden=True), Shield(True, True), Shield(True, True, True)]
)


@LAW
@given(histories(), HIDING)
def test_what_is_hidden_stands_nowhere_for_who_is_not_entitled(facts: list[Fact], shield: Shield) -> None:
    """Every role and every reader but the ward and the hub of the treating trust."""
    rows = told(facts, shield)
    for reader in READERS:
        if reader.name not in TREATING:
            shown = shown_to(rows, reader, NOW)
            assert "CANARY" not in json.dumps(shown), reader.name
            assert not leaves(shown) & TELLING, reader.name


@LAW
@given(histories())
def test_ward_and_hub_of_the_treating_trust_see_ward_and_bed_and_go_to_the_record(facts: list[Fact]) -> None:
    rows = told(facts, Shield(restricted=True))
    spells = [row for row in rows if row["view"] == "spell"]
    known = {row["spell_id"]: row["location"] for row in spells if row["partner"] == "pruh-adt"}
    for name in TREATING:
        for row in shown_to(rows, BY_NAME[name], NOW):
            if row["view"] == "spell" and row["spell_id"] in known:
                assert row["location"] == known[row["spell_id"]]
                assert (row["note"], row["stays"]) == (NOTE_TREATED, [])


@LAW
@given(histories())
def test_withheld_is_not_unknown(facts: list[Fact]) -> None:
    """What is known and not said is named; what nobody knows is null and not named."""
    rows = told(facts, Shield(location_hidden=True))
    before = {r.get("spell_id"): r for r in rows if r["view"] == "spell"}
    for row in shown_to(rows, BY_NAME["lbb"], NOW):
        if row["view"] == "spell":
            known = any(before[row["spell_id"]]["location"][part] for part in ("poc", "facility"))
            assert ("location" in row["withheld"]) == known
            assert (row["location"], row["note"]) == (None, NOTE_OTHERS)


@LAW
@given(histories(), st.booleans(), st.booleans())
def test_an_objection_holds_from_charities_and_providers_and_from_nobody_else(
    facts: list[Fact], restricted: bool, hidden: bool
) -> None:
    """The three flags are three: the objection hides nothing from those who care, and says so to the hub."""
    plain, objecting = told(facts, Shield(restricted, hidden)), told(facts, Shield(restricted, hidden, True))
    for reader in READERS:
        mine, then = shown_to(plain, reader, NOW), shown_to(objecting, reader, NOW)
        if reader.role in ("voluntary", "provider", "hospice"):
            assert then == []
        else:
            said, unsaid = flags_taken(then), flags_taken(mine)
            assert then == mine
            if said and reader.role == "hub" and not restricted:
                assert "sharing_objection" in said[0]
                assert "sharing_objection" not in unsaid[0]


@LAW
@given(histories())
def test_least_data_holds_without_any_restriction(facts: list[Fact]) -> None:
    """Charities and providers never see a place, nor one another; council never a bed; the rest no person."""
    rows = told(facts, Shield())
    for reader in READERS:
        shown = shown_to(rows, reader, NOW)
        said = {path for row in shown for path in row}
        if reader.role in ("provider", "voluntary"):
            assert not said & {"location", "stays", "delays", "tasks", "why", "candidate_links", "partner"}
        if reader.role in ("hospice", "voluntary"):
            assert "packages" not in said
        if reader.role == "hospice":
            codes = {task["code"] for row in shown if row["view"] == "transfer" for task in row["tasks"]}
            assert codes <= set(reader.tasks)
            assert not said & {"stays", "delays", "why", "candidate_links", "partner", "checklist"}
        if reader.role == "council":
            assert all(set(row["location"]) == {"poc", "facility"} for row in shown if row["view"] == "spell")
        if reader.role in ("viewer", "integrator"):
            assert shown == []
        if reader.role == "control_centre":
            assert "person_key" not in said


@LAW
@given(histories(), st.sampled_from([Shield(), Shield(True)]))
def test_no_role_no_agreement_no_line(facts: list[Fact], shield: Shield) -> None:
    rows = told(facts, shield)
    for reader in READERS:
        for unfit in (
            {"role": "surgeon"}, {"role": ""}, {"role": "operator"}, {"sharing_agreement": ""},
            {"agreement_ends": "2026-12-31"},
        ):  # fmt: skip
            assert shown_to(rows, Reader.model_validate(reader.model_dump() | unfit), NOW) == []
        if reader.role in ("ward", "hub", "council", "provider", "hospice", "voluntary"):
            assert shown_to(rows, reader.model_copy(update={"purpose": "research"}), NOW) == []
    assert shown_to(rows, OPERATOR, NOW) == rows


@LAW
@given(histories())
def test_a_relationship_ends_so_many_days_after_what_it_was_about(facts: list[Fact]) -> None:
    """IG-04, travelling in time: nothing open, and later than the days: nobody sees anything."""
    rows = told(facts, Shield())
    for row in rows:
        if row["view"] == "spell" and row["status"] not in ("discharged", "cancelled", "deleted"):
            row.update(status="discharged", discharged_at="2027-01-12T09:00:00Z")
        for one in row.get("packages", []) + row.get("support", []):
            one["state"] = "ended" if "package_id" in one else "closed"
    long_after = at("12 12:00") + 90 * 24 * 3_600_000_000
    for reader in READERS:
        if reader.role != "auditor":
            assert shown_to(rows, reader, long_after) == []


def test_the_place_has_a_reader_of_every_role() -> None:
    assert {reader.role for reader in PLACE.readers} == set(ROLES)
