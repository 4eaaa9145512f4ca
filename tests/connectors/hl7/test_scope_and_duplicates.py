"""Scope before persist, and the duplicate window."""

from __future__ import annotations

from itertools import permutations

import pytest

from connectors import times
from connectors.duplicates import Sighting, Window
from connectors.message import RawMessage
from connectors.partners.hl7_adt.scoping import scope_of
from connectors.pipeline import Pipeline
from connectors.scope import ScopeFacts, out_of_scope
from runtime.place import Scope, load_place
from runtime.pseudonym import KeyRing

HOUR = 3_600_000_000
NOW = 1_768_000_000_000_000
PRUH = Scope(classes=("I", "E"), sites=("RJZ30",), specialties=("300",), min_age_years=18, senders=("RJZ",))
IN = ScopeFacts(
    sender="RJZ", patient_class="I", site="RJZ30", specialty="300", birth_dates=("1940-12-13",), at=NOW
)


def facts(**changes: object) -> ScopeFacts:
    return ScopeFacts(**{name: changes.get(name, getattr(IN, name)) for name in ScopeFacts.__slots__})  # type: ignore[arg-type]


class TestScope:
    """Default deny on every axis; the class says which, never the value."""

    @pytest.mark.parametrize(
        ("changes", "closed"),
        [
            ({}, ""), ({"patient_class": "E"}, ""), ({"patient_class": "O"}, "class O"),
            ({"patient_class": ""}, "class other"),
            ({"patient_class": "Smith"}, "class other"), ({"site": "RJZ01"}, "site"), ({"site": ""}, "site"),
            ({"specialty": "501"}, "specialty"), ({"birth_dates": ("2015-01-01",)}, "age"),
            ({"birth_dates": ("2015-01-01", "1970-01-01")}, ""), ({"birth_dates": ()}, ""),
            ({"has_visit": False, "patient_class": "", "site": "", "specialty": ""}, "no visit"),
            ({"has_visit": False, "person_event": True, "patient_class": ""}, ""),
            ({"has_visit": False, "person_event": True, "sender": "NEWHAM"}, "sender"),
            ({"has_visit": False, "person_event": True, "birth_dates": ("2015-01-01",)}, "age"),
            ({"person_event": True, "patient_class": "O"}, "class O"),
        ],
    )  # fmt: skip
    def test_axes(self, changes: dict[str, object], closed: str) -> None:
        assert out_of_scope(facts(**changes), PRUH) == closed

    def test_an_empty_allow_list_lets_nothing_through(self) -> None:
        assert out_of_scope(IN, Scope(classes=())) == "class I"
        assert out_of_scope(IN, Scope(specialties=())) == "specialty"

    def test_an_open_profile_lets_everything_through(self) -> None:
        assert out_of_scope(ScopeFacts(has_visit=False), Scope()) == ""

    def test_the_eighteenth_birthday(self) -> None:
        day = times.moment("20260110120000")
        assert day is not None
        assert out_of_scope(facts(birth_dates=("2008-01-10",), at=day.us), PRUH) == ""
        assert out_of_scope(facts(birth_dates=("2008-01-11",), at=day.us), PRUH) == "age"


def adt(
    trigger: str, patient_class: str = "I", site: str = "RJZ30", born: str = "19401213", mid: str = "M1"
) -> RawMessage:
    visit = f"\rPV1|1|{patient_class}|OAK^1^2^{site}||||||||||||||||V1" if patient_class else ""
    body = (
        f"MSH|^~\\&|PAS|RJZ|||20260110120000||ADT^{trigger}|{mid}|P|2.4\rEVN||20260110115500||||202601101150\r"
        f"PID|1||1000001||SMITH^JANE||{born}{visit}\r"
    )
    return RawMessage("pruh-adt", body.encode(), NOW)


class TestScopeOfMessages:
    """Read from MSH, PV1 and PID-7 alone."""

    def test_what_is_read(self) -> None:
        place = load_place("bromley")
        message_id, read = scope_of(adt("A01"), place.partners["pruh-adt"])
        assert message_id == "M1"
        assert (read.patient_class, read.site, read.sender, read.birth_dates) == (
            "I",
            "RJZ30",
            "RJZ",
            ("1940-12-13",),
        )

    def test_the_class_map_of_a_dialect_is_used(self) -> None:
        dialect = (
            load_place("bromley").partners["pruh-adt"].model_copy(update={"codes": {"class": {"INP": "I"}}})
        )
        assert scope_of(adt("A01", "INP"), dialect)[1].patient_class == "I"

    @pytest.mark.parametrize(
        ("raw", "closed"),
        [
            (adt("A01"), ""), (adt("A01", "O"), "class O"), (adt("A04", "R"), "class R"),
            (adt("A01", site="RJZ01"), "site"),
            (adt("A01", born="20150101"), "age"), (adt("A01", born="196513121515"), ""), (adt("A31", ""), ""),
            (adt("A01", ""), "no visit"), (adt("A31", "", born="20150101"), "age"),
            (adt("A28", "O"), "class O"),
        ],
    )  # fmt: skip
    def test_out_of_scope_is_counted_by_class_and_makes_nothing(self, raw: RawMessage, closed: str) -> None:
        outcome = Pipeline(load_place("bromley"), "pruh-adt", KeyRing.offline()).process(raw)
        assert outcome.scope_class == closed
        assert (outcome.kind, outcome.cause) == (("ignored", "out of scope") if closed else ("accepted", ""))
        assert bool(outcome.events) != bool(closed)
        assert outcome.refusals == ()


class TestWindow:
    """Inside it a re-send makes no event; it is bounded."""

    def test_what_a_message_is(self) -> None:
        window = Window()
        seen = []
        for message_id, tag in (
            ("1", "a"),
            ("1", "a"),
            ("2", "a"),
            ("1", "b"),
            ("1", "b"),
            ("2", "a"),
            ("3", "c"),
        ):
            seen.append(window.look(message_id, tag, NOW))
            window.note(message_id, tag, NOW)
        assert seen == [
            Sighting.FRESH, Sighting.SAME_ID, Sighting.REQUEUED, Sighting.ID_REUSED,
            Sighting.SAME_ID, Sighting.SAME_ID, Sighting.FRESH,
        ]  # fmt: skip

    def test_how_many_of_each_there_are_never_depends_on_their_order(self) -> None:
        arrivals = [("1", "a"), ("1", "a"), ("2", "a"), ("1", "b"), ("2", "b"), ("3", "c")]
        counts = set()
        for order in set(permutations(arrivals)):
            window, seen = Window(hours=None), []
            for message_id, tag in order:
                seen.append(window.look(message_id, tag, NOW))
                window.note(message_id, tag, NOW)
            taken = sum(sighting in (Sighting.FRESH, Sighting.ID_REUSED) for sighting in seen)
            counts.add((taken, seen.count(Sighting.SAME_ID), seen.count(Sighting.REQUEUED)))
        assert counts == {(3, 1, 2)}

    def test_it_forgets_after_its_hours(self) -> None:
        window = Window(hours=24)
        window.note("1", "a", NOW)
        assert window.look("2", "a", NOW + 24 * HOUR) is Sighting.REQUEUED
        assert window.look("2", "a", NOW + 24 * HOUR + 1) is Sighting.FRESH

    def test_it_holds_no_more_than_it_may(self) -> None:
        window = Window(hours=None, most=3)
        for number in range(5):
            window.note(str(number), f"t{number}", NOW)
        assert [window.look(str(n), f"t{n}", NOW) for n in range(5)] == [Sighting.FRESH] * 2 + [
            Sighting.SAME_ID
        ] * 3
