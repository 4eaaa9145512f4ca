"""Whatever a feed sends, the pipeline gives an outcome; ids never depend on the order of arrival."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from connectors.message import RawMessage, Refusal
from connectors.partners import hl7_adt
from connectors.partners.hl7_adt.splitting import split
from connectors.partners.hl7_adt.translate import translate
from connectors.pipeline import Pipeline
from runtime.place import Partner, Place
from runtime.pseudonym import KeyRing
from schemas.codec import encode
from schemas.reasons import Reason

SAMPLES = [
    path.read_bytes() for path in sorted((Path(str(hl7_adt.__file__)).parent / "samples").glob("*.hl7"))
]
DIALECT = Partner(
    kind="hl7_adt", sector="hospital", transport="files", charset="cp1252", horizon_days=100_000
)
PLACE = Place(name="t", title="t", partners={"open": DIALECT})
NOW = 1_800_000_000_000_000
KEYS = KeyRing.offline()
PLACE_IN_MESSAGE = re.compile(r"(MSH|EVN|PID|PV1|MRG|ZBE)(\[\d+\])?(-\d+)?")
PIECES = [
    b"|",
    b"^",
    b"~",
    b"&",
    b"\\",
    b'""',
    b"\r",
    b"\n",
    b"\x0b",
    b"\x1c",
    b"MSH|",
    b"PID|",
    b"MRG|1",
    b"\xff",
    b"\x00",
]
PIECES += [
    b"\\X",
    b"\\X0D\\",
    b"99999999999999999999",
    b"202602300000",
    b"-9999",
    b"NSTS01",
    b"3333333333",
    b"A40",
    b"\xc3\x9f",
]

Edit = tuple[int, int, bytes]
edits = st.lists(
    st.tuples(st.integers(0, 10_000), st.integers(0, 40), st.sampled_from(PIECES) | st.binary(max_size=6)),
    max_size=6,
)


def mutated(body: bytes, changes: list[Edit]) -> bytes:
    """The body with, for each edit, some bytes at a place replaced by others."""
    for at, length, piece in changes:
        at %= len(body) + 1
        body = body[:at] + piece + body[at + length :]
    return body


def refused(raw: RawMessage) -> Refusal | None:
    """The verdict of translation; any other exception fails the test."""
    try:
        translate(raw, DIALECT)
    except Refusal as refusal:
        return refusal
    return None


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SAMPLES), edits)
@example(SAMPLES[0], [(0, 0, b"\xef\xbb\xbf")])
def test_translation_returns_or_refuses(body: bytes, changes: list[Edit]) -> None:
    """With a reason of the contract and a place that holds no value; what it gives seals to the contract."""
    raw = RawMessage("open", mutated(body, changes), NOW)
    refusal = refused(raw)
    assert refusal is None or refusal.reason in set(Reason)
    assert refusal is None or PLACE_IN_MESSAGE.fullmatch(refusal.where)
    outcome = Pipeline(PLACE, "open", KEYS).process(raw)
    assert outcome.kind in {"accepted", "quarantined", "ignored"}
    for event in outcome.events:
        encode(event.schema, event.record)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_refused_or_taken(body: bytes) -> None:
    """Garbage included."""
    for piece in split(body):
        outcome = Pipeline(PLACE, "open", KEYS).process(RawMessage("open", piece, NOW))
        assert outcome.units == {(outcome.kind, outcome.cause): 1}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(SAMPLES), max_size=6), st.sampled_from([b"", b"\r", b"\n"]))
def test_a_file_gives_back_its_messages(bodies: list[bytes], between: bytes) -> None:
    """Every byte but wrapping comes out, in order."""
    readable = [body for body in bodies if body.startswith(b"MSH")]
    pieces = list(split(b"".join(body + between for body in readable)))
    assert [piece.rstrip(b"\r\n") for piece in pieces] == [body.rstrip(b"\r\n") for body in readable]


@pytest.mark.parametrize("seed", range(6))
def test_events_never_depend_on_the_order_of_arrival(seed: int) -> None:
    """Ids, keys and contents of all samples, twice over, in any order; live, every content once."""
    bodies = SAMPLES * 2
    random.Random(seed).shuffle(bodies)
    assert _sealed(bodies, replay=True) == _sealed(SAMPLES, replay=True)
    live = _sealed(bodies, replay=False)
    assert live < _sealed(SAMPLES, replay=True)
    assert len(live) == len(_sealed(SAMPLES, replay=False)) > 60


def _sealed(bodies: list[bytes], replay: bool) -> set[tuple[str, str, bytes]]:
    pipeline = Pipeline(PLACE, "open", KEYS, repeat_duplicates=replay)
    events = (event for body in bodies for event in pipeline.process(RawMessage("open", body, NOW)).events)
    return {(event.topic, event.key, encode(event.schema, event.record)) for event in events}
