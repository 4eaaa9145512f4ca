"""The CloudEvents envelope: complete, readable back, and free of identifiable values."""
from __future__ import annotations

import pytest

from schemas.catalogue import KINDS
from schemas.errors import ContractViolation
from schemas.headers import NAMES, from_kafka, headers, kind_of_headers, time_text, to_kafka
from schemas.released import schema
from schemas.samples import sample

SPELL = sample("SpellDischarged")
GIVEN = headers(
    "SpellDischarged", SPELL, SPELL["person_key"],
    correlation_id="ab12", controller="RJZ", purpose="direct-care",
)


def test_a_person_event_has_every_header_in_order() -> None:
    assert tuple(GIVEN) == NAMES
    assert GIVEN["ce_id"] == SPELL["event_id"]
    assert GIVEN["ce_type"] == "toc.spell.discharged.v1"
    assert GIVEN["ce_source"] == "/homeward/pruh-adt"
    assert GIVEN["ce_time"] == "2026-01-09T15:10:00.000000Z"
    assert GIVEN["receivedtime"] == "2026-01-09T15:11:02.000000Z"
    assert GIVEN["ce_specversion"] == "1.0"
    assert GIVEN["ce_partitionkey"] == SPELL["person_key"]
    assert GIVEN["ce_dataschema"] == f"/schemas/ids/{schema('SpellDischarged').id}"
    assert GIVEN["translatorrev"] == "1"


def test_headers_come_back_from_kafka() -> None:
    assert from_kafka(to_kafka(GIVEN)) == GIVEN
    assert kind_of_headers(GIVEN) == "SpellDischarged"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", ["happy", "minimal", "awkward"])
def test_every_record_has_an_envelope_and_it_is_always_the_same(kind: str, case: str) -> None:
    record = sample(kind, case)
    made = headers(kind, record, "p1:KEY")
    assert kind_of_headers(made) == kind
    assert made == headers(kind, record, "p1:KEY")
    assert set(made) <= set(NAMES)
    assert all(made.values())


@pytest.mark.parametrize("case", ["happy", "awkward"])
def test_the_identifiable_record_leaves_nothing_in_its_headers(case: str) -> None:
    record = sample("PersonIdentified", case)
    text = repr(to_kafka(headers("PersonIdentified", record, record["person_key"])))
    secrets = [record["family"], *(one["value"] for one in record["ids"])]
    assert all(secret and secret not in text for secret in secrets)


def test_two_versions_of_a_view_are_two_events() -> None:
    view = sample("TransferView")
    later = {**view, "version": "x"}
    assert headers("TransferView", view, "k")["ce_id"] != headers("TransferView", later, "k")["ce_id"]


def test_a_missing_attribute_is_named() -> None:
    with pytest.raises(ContractViolation, match="FIELD_MISSING at headers/ce_type"):
        kind_of_headers({name: value for name, value in GIVEN.items() if name != "ce_type"})


def test_another_version_of_cloudevents_is_refused() -> None:
    with pytest.raises(ContractViolation, match="BAD_VALUE at headers/ce_specversion"):
        kind_of_headers({**GIVEN, "ce_specversion": "0.3"})


def test_bytes_that_are_not_text_are_a_verdict() -> None:
    with pytest.raises(ContractViolation, match="UNDECODABLE at headers"):
        from_kafka([("ce_id", b"\xff")])
    assert from_kafka([("ce_id", None)]) == {"ce_id": ""}


@pytest.mark.parametrize(("micros", "text"), [
    (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
    (1, "1970-01-01T00:00:00.000001Z"),
])
def test_time_is_written_to_the_microsecond(micros: int, text: str) -> None:
    assert time_text(micros) == text
