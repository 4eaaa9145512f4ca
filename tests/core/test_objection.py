"""An objection to sharing holds what goes to charities and providers, and nothing else (domain 05 IG-22)."""

from __future__ import annotations

from connectors.partners.hl7_adt.people import flag_fields
from connectors.partners.hl7_adt.reading import read
from runtime.place import load_place
from tests.core.story import fact
from tests.core.test_told import A01, A03, A13, PACKAGE, SUPPORT, owed, sent, transfer

OBJECTS = fact("PersonFlagged", "11 10:00", thing="person", sharing_objection="2")
AGREES = fact("PersonFlagged", "12 15:00", thing="person", sharing_objection=None)
ELSEWHERE = fact("PersonFlagged", "12 16:00", partner="other", thing="person", sharing_objection=None)


def test_charity_and_provider_are_held_council_and_practice_are_told() -> None:
    assert owed(A01, PACKAGE, SUPPORT, A03, OBJECTS) == {"lbb", "gp"}
    held = {
        n["recipient"]
        for n in transfer(A01, PACKAGE, SUPPORT, A03, OBJECTS)["notices"]
        if n["state"] == "held"
    }
    assert held == {"oakfield", "bromley-well"}


def test_the_records_own_newer_word_takes_it_off_and_no_other_records() -> None:
    """One record that objects is enough: the OR of what stands."""
    assert owed(A01, PACKAGE, A03, OBJECTS, AGREES) == {"lbb", "gp", "oakfield"}
    assert owed(A01, PACKAGE, A03, OBJECTS, ELSEWHERE) == {"lbb", "gp"}


def test_what_was_told_before_it_is_untold_to_all() -> None:
    """Nobody is left waiting at an empty home because the person objects since."""
    before = [A01, PACKAGE, SUPPORT, A03]
    told = [*before, *sent(*before)]
    assert owed(*told, OBJECTS, A13) == {"-lbb", "-gp", "-oakfield", "-bromley-well"}


def test_a_charity_that_was_refused_consent_hears_nothing() -> None:
    refused = fact("SupportAccepted", "12 09:00", partner="bwell-webhook", thing="s", consent="refused")
    assert owed(A01, refused, A03) == {"gp"}


def test_a_code_is_an_objection_unless_the_dialect_says_that_it_agrees() -> None:
    plain = load_place("bromley").partners["pruh-adt"]
    knows = plain.model_copy(update={"codes": {"sharing": {"1": "agrees"}}})
    for code, dialect, said in (
        ("1", plain, "1"),
        ("1", knows, None),
        ("2", knows, "2"),
        ('""', knows, None),
    ):
        text = f"MSH|^~\\&|A|B|C|D|20270101||ADT^A31|1|P|2.4\rPID|1||K1\rZU8||{code}"
        message = read(text.encode())
        pid = message.first("PID")
        assert pid is not None
        assert flag_fields(message, pid, dialect) == {"sharing_objection": said}
