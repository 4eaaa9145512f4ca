"""Every example file is a record of its schema and survives every form the contract has of it."""
from __future__ import annotations

import re
from typing import Any

import pytest

from schemas.catalogue import EXAMPLES, KINDS
from schemas.codec import decode, decode_fact, encode, fact_from_record, record_from_fact
from schemas.errors import ContractViolation
from schemas.events import EVENTS, parse
from schemas.figures import PLACE_KINDS, decode_figure, figure_fields, pack_figure
from schemas.reasons import Reason
from schemas.released import COMMON, field_names, schema, specific_fields
from schemas.samples import CASES, sample, samples

ALL = list(samples())
PERSON_KINDS = [kind for kind in KINDS if field_names(kind)[: len(COMMON)] == COMMON]
FACT_KINDS = [kind for kind in PERSON_KINDS if kind != "PersonIdentified"]


def passes_mod_11(digits: str) -> bool:
    total = sum(int(digit) * (10 - place) for place, digit in enumerate(digits[:9]))
    check = 11 - total % 11
    return check != 10 and check % 11 == int(digits[9])


def with_defaults(kind: str, record: dict[str, Any]) -> dict[str, Any]:
    defaults = {f["name"]: f["default"] for f in schema(kind).document["fields"] if "default" in f}
    return {**defaults, **record}


def test_every_event_has_its_three_examples_and_no_others() -> None:
    assert sorted(ALL) == sorted((kind, case) for kind in KINDS for case in CASES)


@pytest.mark.parametrize(("kind", "case"), ALL)
def test_example_comes_back_from_the_wire_as_written(kind: str, case: str) -> None:
    record = sample(kind, case)
    assert decode(encode(kind, record)) == (kind, with_defaults(kind, record))


@pytest.mark.parametrize(("kind", "case"), ALL)
def test_example_passes_its_model_unchanged(kind: str, case: str) -> None:
    record = sample(kind, case)
    model = parse(kind, record)
    assert type(model) is EVENTS[kind]
    assert decode(encode(kind, model.record())) == (kind, with_defaults(kind, record))


@pytest.mark.parametrize("kind", KINDS)
def test_minimal_example_holds_the_required_fields_only(kind: str) -> None:
    required = {f["name"] for f in schema(kind).document["fields"] if "default" not in f}
    assert set(sample(kind, "minimal")) == required


@pytest.mark.parametrize(("kind", "case"), [(kind, case) for kind, case in ALL if kind in FACT_KINDS])
def test_example_of_a_person_event_comes_back_through_the_fact(kind: str, case: str) -> None:
    record = with_defaults(kind, sample(kind, case))
    fact = fact_from_record(kind, record)
    assert fact == decode_fact(encode(kind, record))
    assert record_from_fact(fact) == record
    for bit, name in enumerate(specific_fields(kind)):
        if record["withdrawn"] >> bit & 1:
            assert fact.body[name] is None
        elif record[name] is None:
            assert name not in fact.body
        else:
            assert fact.body[name] == record[name]


@pytest.mark.parametrize(("kind", "case"), [(kind, case) for kind, case in ALL if kind in PLACE_KINDS])
def test_a_figure_has_a_compact_form_that_says_all_it_said(kind: str, case: str) -> None:
    record = with_defaults(kind, sample(kind, case))
    fact = decode_figure(encode(kind, record))
    assert fact.thing == (f"{record['site']}/{record['part']}" if record["part"] else record["site"])
    assert (fact.key, fact.occurred_at, fact.flags) == (
        record["site"], record["occurred_at"], tuple(record["flags"]),
    )
    said = {name: value for name in figure_fields(kind) if (value := record[name]) is not None}
    assert pack_figure(kind, fact.body) == {"withdrawn": record["withdrawn"], **fact.body}
    assert {name: value for name, value in fact.body.items() if value is not None} == said
    assert (case == "awkward") == (None in fact.body.values())


@pytest.mark.parametrize("kind", sorted(set(KINDS) - set(FACT_KINDS)))
def test_a_record_that_is_no_fact_is_refused_as_one(kind: str) -> None:
    with pytest.raises(ContractViolation) as refused:
        decode_fact(encode(kind, sample(kind)))
    assert refused.value.reason == Reason.UNKNOWN_EVENT_TYPE


def test_the_awkward_examples_use_all_three_states() -> None:
    for kind in FACT_KINDS:
        names = specific_fields(kind)
        body = decode_fact(encode(kind, sample(kind, "awkward"))).body
        if names:
            assert body[names[0]] is None, kind
        if len(names) > 2:
            assert names[-1] not in body, kind


def test_nhs_numbers_stand_in_the_identity_record_only_and_come_from_the_test_range() -> None:
    found = {}
    for path in sorted(EXAMPLES.glob("*/*.json")):
        text = path.read_text(encoding="utf-8")
        numbers = re.findall(r"(?<![\w-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\w-])", text)
        for number in (re.sub(r"\D", "", spelt) for spelt in numbers):
            if passes_mod_11(number):
                assert path.parent.name == "PersonIdentified", path
                assert number.startswith("999"), path
                found[number] = path
    assert len(found) >= 2
