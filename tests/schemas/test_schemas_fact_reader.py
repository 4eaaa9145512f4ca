"""The quick reader and fastavro never disagree: what the quick one takes, the general one reads the same."""
from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.catalogue import KINDS
from schemas.codec import HEADER_BYTES, decode, decode_fact, encode, fact_from_record
from schemas.errors import ContractViolation
from schemas.fact_reader import plan_of, read_fact
from schemas.released import COMMON, field_names, schema
from schemas.samples import CASES, sample

PLANS = {kind: plan for kind in KINDS if (plan := plan_of(schema(kind))) is not None}
PAYLOADS = [(kind, encode(kind, sample(kind, case))) for kind in PLANS for case in CASES]
LONGS = st.integers(-(2**63), 2**63 - 1) | st.integers(2**46, 2**56) | st.integers(-70, 70)


def agrees(kind: str, payload: bytes) -> bool:
    """Whether the quick reader took the payload; fails if it read it otherwise than the general one."""
    quick = read_fact(payload, PLANS[kind], HEADER_BYTES)
    if quick is None:
        return False
    general = fact_from_record(*decode(payload))
    assert repr(quick) == repr(general)  # by text, so that NaN equals itself
    return True


def test_every_fact_of_the_contract_has_a_plan_and_nothing_else_has() -> None:
    person = {kind for kind in KINDS if field_names(kind)[: len(COMMON)] == COMMON}
    assert set(PLANS) == person - {"PersonIdentified"}


@pytest.mark.parametrize(("kind", "payload"), PAYLOADS)
def test_every_example_goes_the_quick_way(kind: str, payload: bytes) -> None:
    assert agrees(kind, payload)


@settings(max_examples=300, deadline=None)
@given(times=st.tuples(LONGS, LONGS, LONGS, LONGS), given_at=LONGS, text=st.text(max_size=200))
def test_every_value_goes_the_quick_way(times: tuple[int, ...], given_at: int, text: str) -> None:
    occurred, recorded, received, sequence = times
    record: dict[str, Any] = {
        **sample("CarePackageStarted"), "occurred_at": occurred, "recorded_at": recorded,
        "received_at": received, "sequence": sequence, "first_call_at": given_at, "provider": text,
        "flags": [text, ""], "thing": text,
    }
    assert agrees("CarePackageStarted", encode("CarePackageStarted", record))


@settings(max_examples=500, deadline=None)
@given(sent=st.sampled_from(PAYLOADS), place=st.integers(0, 1000), spoilt=st.binary(min_size=1, max_size=9))
def test_on_spoilt_bytes_it_takes_nothing_the_general_reader_would_not(
    sent: tuple[str, bytes], place: int, spoilt: bytes,
) -> None:
    kind, payload = sent
    at = HEADER_BYTES + place % (len(payload) - HEADER_BYTES)
    agrees(kind, payload[:at] + spoilt + payload[at + len(spoilt):])
    agrees(kind, payload[:at] + spoilt)
    agrees(kind, payload[:at])


@pytest.mark.parametrize("overlong", [b"\x80\x00", b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00"])
def test_an_overlong_number_is_left_to_the_general_reader_or_read_alike(overlong: bytes) -> None:
    kind, payload = PAYLOADS[0]
    agrees(kind, payload[:HEADER_BYTES] + overlong + payload[HEADER_BYTES + 1:])


def test_what_is_unusual_but_legal_is_still_read() -> None:
    record = {**sample("OwnerSet"), "flags": ["A", "B"], "owner": "x"}
    payload = encode("OwnerSet", record)
    plain, sized = b"\x04\x02A\x02B\x00", b"\x03\x08\x02A\x02B\x00"  # the block's byte size is written too
    assert payload.count(plain) == 1
    assert not agrees("OwnerSet", payload.replace(plain, sized))
    assert decode_fact(payload.replace(plain, sized)) == decode_fact(payload)


@pytest.mark.parametrize("byte", [2, 5, 255])
def test_a_boolean_that_is_neither_is_not_taken_the_quick_way(byte: int) -> None:
    payload = encode("PersonFlagged", {**sample("PersonFlagged", "minimal"), "restricted": True})
    assert payload.endswith(b"\x02\x01\x00\x00\x00\x00")
    assert agrees("PersonFlagged", payload)
    assert not agrees("PersonFlagged", payload[:-5] + bytes([byte]) + payload[-4:])


def test_a_payload_no_reader_takes_is_a_verdict() -> None:
    with pytest.raises(ContractViolation, match="UNDECODABLE"):
        decode_fact(PAYLOADS[0][1][:-1])
