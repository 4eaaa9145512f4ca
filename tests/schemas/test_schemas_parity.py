"""The pydantic models and the Avro files say the same: names, nullability, symbols, defaults, every value."""
from __future__ import annotations

import math
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.catalogue import KINDS
from schemas.codec import decode, encode
from schemas.errors import ContractViolation
from schemas.events import EVENTS, parse
from schemas.events_base import Event
from schemas.reasons import Reason
from schemas.released import schema
from schemas.samples import sample

PLAIN = {"string": str, "int": int, "long": int, "double": float, "boolean": bool, "bytes": bytes}


def shape_of_avro(node: Any) -> Any:
    """An Avro type as a nested tuple that both sides can be written in."""
    match node:
        case ["null", inner]:
            return ("nullable", shape_of_avro(inner))
        case {"type": "enum", "symbols": symbols}:
            return ("enum", tuple(symbols))
        case {"type": "array", "items": items}:
            return ("array", shape_of_avro(items))
        case {"type": "record", "name": name, "fields": fields}:
            return ("record", name, tuple((f["name"], shape_of_avro(f["type"])) for f in fields))
        case _:
            return PLAIN[node]


def shape_of_model(annotation: Any) -> Any:
    """A model's annotation in the same form."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return shape_of_model(args[0])
    if origin in {Union, UnionType}:
        inner = [arg for arg in args if arg is not NoneType]
        assert len(inner) == 1
        return ("nullable", shape_of_model(inner[0]))
    if origin is Literal:
        return ("enum", args)
    if origin is tuple:
        return ("array", shape_of_model(args[0]))
    if isinstance(annotation, type) and issubclass(annotation, Event):
        return ("record", annotation.__name__, fields_of_model(annotation))
    return annotation


def fields_of_model(model: type[Event]) -> tuple[tuple[str, Any], ...]:
    return tuple((name, shape_of_model(field.annotation)) for name, field in model.model_fields.items())


def values(node: Any) -> st.SearchStrategy[Any]:
    """Every value the Avro type can hold (NaN aside: it equals nothing)."""
    match node:
        case ["null", inner]:
            return st.none() | values(inner)
        case {"type": "enum", "symbols": symbols}:
            return st.sampled_from(symbols)
        case {"type": "array", "items": items}:
            return st.lists(values(items), max_size=3)
        case {"type": "record", "fields": fields}:
            return st.fixed_dictionaries({f["name"]: values(f["type"]) for f in fields})
        case "int":
            return st.integers(-(2**31), 2**31 - 1)
        case "long":
            return st.integers(-(2**63), 2**63 - 1)
        case "double":
            return st.floats(allow_nan=False)
        case "boolean":
            return st.booleans()
        case "bytes":
            return st.binary(max_size=40)
        case _:
            return st.text(max_size=20)


def test_there_is_one_model_for_every_record() -> None:
    assert sorted(EVENTS) == sorted(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_model_has_the_fields_of_its_file_in_order(kind: str) -> None:
    fields = schema(kind).document["fields"]
    assert fields_of_model(EVENTS[kind]) == tuple((f["name"], shape_of_avro(f["type"])) for f in fields)


@pytest.mark.parametrize("kind", KINDS)
def test_model_has_the_defaults_of_its_file(kind: str) -> None:
    model = EVENTS[kind]
    for field in schema(kind).document["fields"]:
        member = model.model_fields[field["name"]]
        assert member.is_required() == ("default" not in field), field["name"]
        if "default" in field:
            default = list(member.default) if isinstance(member.default, tuple) else member.default
            assert default == field["default"], field["name"]
            assert type(default) is type(field["default"]), field["name"]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=8, deadline=None)
@given(case=st.data())
def test_any_value_of_the_file_passes_model_and_wire_unchanged(kind: str, case: st.DataObject) -> None:
    record = case.draw(values(schema(kind).document))
    model = parse(kind, record)
    assert decode(encode(kind, model.record())) == (kind, record)
    assert decode(encode(kind, record)) == (kind, record)


@pytest.mark.parametrize("kind", KINDS)
def test_model_and_codec_refuse_a_field_the_file_does_not_have(kind: str) -> None:
    record = {**sample(kind), "ward_sister": "x"}
    with pytest.raises(ContractViolation, match="BAD_VALUE at /ward_sister"):
        parse(kind, record)
    with pytest.raises(ContractViolation, match="BAD_VALUE at /ward_sister"):
        encode(kind, record)


def test_a_missing_field_is_named_without_its_neighbours() -> None:
    record = sample("SpellAdmitted")
    del record["thing"]
    with pytest.raises(ContractViolation) as refused:
        parse("SpellAdmitted", record)
    assert (refused.value.reason, refused.value.where) == (Reason.FIELD_MISSING, "/thing")


@pytest.mark.parametrize(("field", "bad"), [
    ("occurred_at", "CANARY-9990000018"), ("occurred_at", 2**63), ("number_rank", 2**31), ("flags", "CANARY"),
    ("bed", 7), ("person_key", None), ("withdrawn", 1.5),
])
def test_no_form_of_the_contract_prints_the_value_it_refuses(field: str, bad: Any) -> None:
    record = {**sample("SpellAdmitted"), field: bad}
    for refuse in (lambda: parse("SpellAdmitted", record), lambda: encode("SpellAdmitted", record)):
        with pytest.raises(ContractViolation) as refused:
            refuse()
        assert refused.value.where.startswith(f"/{field}")
        assert "CANARY" not in f"{refused.value!s}{refused.value!r}{refused.value.__cause__!r}"
        assert refused.value.__suppress_context__ or refused.value.__context__ is None
    with pytest.raises(ValidationError) as raw:
        EVENTS["SpellAdmitted"].model_validate(record)
    assert "CANARY" not in str(raw.value)


def test_models_are_frozen() -> None:
    model = parse("SpellAdmitted", sample("SpellAdmitted"))
    with pytest.raises(ValidationError):
        model.thing = "other"  # type: ignore[attr-defined]


def test_floats_of_the_wire_are_exact() -> None:
    record = {**sample("CarePackageStarted"), "units_per_week": math.nextafter(10.5, 11)}
    assert decode(encode("CarePackageStarted", record))[1]["units_per_week"] == record["units_per_week"]
