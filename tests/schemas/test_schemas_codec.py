"""The wire codec: framing, poison payloads, the three states, upgrades between versions."""
from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.catalogue import KINDS
from schemas.codec import decode, decode_fact, encode, fact_from_record, pack_body, record_from_fact
from schemas.errors import ContractViolation
from schemas.fact import Fact
from schemas.reasons import Reason
from schemas.released import schema, specific_fields
from schemas.samples import CASES, sample

CORPUS = Path(os.environ.get("HOMEWARD_CORPORA", Path(__file__).parents[3] / "shared" / "corpora"))
PAYLOADS = [encode(kind, sample(kind, case)) for kind in KINDS for case in CASES]

FACT = Fact(
    "00000000-0000-5000-8000-000000000001", "SpellAmended", "pruh-adt", "p1:AAAAAAAAAAAAAAAAAAAAAAAAAA", None,
    "spell-1", 1, 2, 3, body={"specialty": "430", "medically_fit": None},
)


def refusal_of(payload: bytes) -> str:
    with pytest.raises(ContractViolation) as refused:
        decode(payload)
    return refused.value.reason


def test_payload_is_framed_as_confluent_does() -> None:
    payload = encode("SpellAdmitted", sample("SpellAdmitted"))
    assert payload[0] == 0
    assert int.from_bytes(payload[1:5], "big") == schema("SpellAdmitted.v1").id


def test_name_with_and_without_version_write_the_same() -> None:
    record = sample("TaskAccepted")
    assert encode("TaskAccepted", record) == encode("TaskAccepted.v1", record)


@pytest.mark.parametrize("name", ["Nothing", "SpellAdmitted.v9", "SpellAdmitted.vx", "", ".v1", "../ids"])
def test_unknown_schema_name_is_refused(name: str) -> None:
    with pytest.raises(ContractViolation) as refused:
        encode(name, {})
    assert refused.value.reason == Reason.UNKNOWN_SCHEMA


@pytest.mark.parametrize(("payload", "reason"), [
    (b"", Reason.UNDECODABLE),
    (b"\x00\x00\x00\x00", Reason.UNDECODABLE),
    (b"\x01" + PAYLOADS[0][1:], Reason.UNDECODABLE),
    (b"\x00\xff\xff\xff\xff", Reason.UNKNOWN_SCHEMA),
    (PAYLOADS[0] + b"\x00", Reason.UNDECODABLE),
    (PAYLOADS[0][:-1], Reason.UNDECODABLE),
    (PAYLOADS[0][:5], Reason.UNDECODABLE),
    (PAYLOADS[0][:5] + b"\x03\xff\xff", Reason.UNDECODABLE),
    (b'{"json": true}', Reason.UNDECODABLE),
])
def test_poison_payload_is_a_verdict(payload: bytes, reason: Reason) -> None:
    assert refusal_of(payload) == reason


def test_wire_header_corpus() -> None:
    path = CORPUS / "avro-compat" / "wire-header-cases.json"
    if not path.is_file():
        pytest.skip("corpus avro-compat is absent: wire header cases not run")
    for case in json.loads(path.read_text(encoding="utf-8"))["cases"]:
        payload = bytes.fromhex(case["hex"])
        assert refusal_of(payload) in {Reason.UNDECODABLE, Reason.UNKNOWN_SCHEMA}, case["why"]


@settings(max_examples=400, deadline=None)
@given(payload=st.sampled_from(PAYLOADS), tail=st.binary(max_size=80), cut=st.integers(0, 400))
def test_no_bytes_raise_anything_but_a_verdict(payload: bytes, tail: bytes, cut: int) -> None:
    spoilt = payload[: max(5, cut)] + tail
    try:
        kind, record = decode(spoilt)
    except ContractViolation:
        return
    assert set(record) == {field["name"] for field in schema(kind).document["fields"]}


@settings(max_examples=300, deadline=None)
@given(payload=st.sampled_from(PAYLOADS), place=st.integers(5, 600), byte=st.integers(0, 255))
def test_one_spoilt_byte_is_a_verdict_or_another_record(payload: bytes, place: int, byte: int) -> None:
    spoilt = bytearray(payload)
    spoilt[5 + place % (len(payload) - 5)] = byte
    try:
        kind, record = decode(bytes(spoilt))
    except ContractViolation:
        return
    assert set(record) == {field["name"] for field in schema(kind).document["fields"]}


@pytest.mark.parametrize("length", [-1, -2**40, 2**40, 2**62])
def test_a_lying_length_reads_nothing_it_should_not(length: int) -> None:
    number = (length << 1) ^ (length >> 63)
    varint = bytearray()
    while number > 0x7F:
        varint.append(number & 0x7F | 0x80)
        number >>= 7
    varint.append(number)
    assert refusal_of(PAYLOADS[0][:5] + bytes(varint) + PAYLOADS[0][6:]) == Reason.UNDECODABLE


def test_absent_deleted_and_given_are_three_things_all_the_way() -> None:
    record = record_from_fact(FACT)
    assert record["withdrawn"] == 1 << specific_fields("SpellAmended").index("medically_fit")
    assert decode_fact(encode("SpellAmended", record)) == FACT
    assert FACT.body == {"specialty": "430", "medically_fit": None}


def test_a_deleted_field_wins_over_a_value_under_its_bit() -> None:
    record = {**record_from_fact(FACT), "medically_fit": "Y"}
    assert fact_from_record("SpellAmended", record).body["medically_fit"] is None


def bodies(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    def strategy(name: str) -> st.SearchStrategy[Any]:
        inner = {f["name"]: f["type"] for f in schema(kind).document["fields"]}[name][1]
        return st.none() | (st.integers(-(2**63), 2**63 - 1) if inner == "long" else st.text(max_size=12))
    return st.fixed_dictionaries({}, optional={name: strategy(name) for name in specific_fields(kind)})


@settings(max_examples=100, deadline=None)
@given(kind=st.sampled_from(["SpellAmended", "SpellTransferred", "TaskRequested"]), draw=st.data())
def test_every_body_comes_back(kind: str, draw: st.DataObject) -> None:
    body = draw.draw(bodies(kind))
    fact = Fact("id", kind, "p", "k", "l", "t", 1, 2, 3, "i", 4, 5, "tag", "dob", 3, ("A", "B"), body)
    assert decode_fact(encode(kind, record_from_fact(fact))) == fact


def test_a_field_of_another_kind_is_named() -> None:
    with pytest.raises(ContractViolation, match="BAD_VALUE at /ward"):
        pack_body("SpellAmended", {"ward": "X"})


def test_an_enum_symbol_outside_the_list_is_refused_where_it_stands() -> None:
    with pytest.raises(ContractViolation, match="BAD_VALUE at /decision"):
        encode("MatchDecided", {**sample("MatchDecided"), "decision": "perhaps"})
