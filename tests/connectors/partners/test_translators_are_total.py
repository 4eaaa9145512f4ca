"""Whatever a partner sends, a translator gives a translation or a refusal with a reason of the list.

Never another exception. Bodies are mutated samples: keys dropped, values swapped for other types, bytes cut
and flipped.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.message import RawMessage, Refusal, Translation
from connectors.partners.registry import KINDS
from connectors.samples import EXPECTED, cases
from runtime.place import load_place
from schemas.reasons import Reason

PLACE = load_place("bromley")
PARTNER_OF = {
    "hub_list": "hub-list", "census": "pruh-census", "council_csv": "lbb-csv", "voluntary_csv": "bwell-csv",
    "council_webhook": "lbb-webhook", "voluntary_webhook": "bwell-webhook", "events": "homeward",
    "capacity_csv": "pruh-sitrep", "capacity_webhook": "sel-figures",
}
CSV_KINDS = [kind for kind in PARTNER_OF if KINDS[kind].full_file or KINDS[kind].rows]
JSON_KINDS = [kind for kind in PARTNER_OF if kind not in CSV_KINDS]

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def samples(kind: str) -> list[tuple[str, bytes]]:
    """Name and bytes of every sample of a kind."""
    return [
        (path.name, path.read_bytes())
        for case in cases(kind) for path in sorted(case.folder.iterdir()) if path.name != EXPECTED
    ]


def outcome(kind: str, name: str, body: bytes) -> Translation | Refusal:
    """What became of a body; anything but a translation or a refusal of the list breaks the test."""
    raw = RawMessage(PARTNER_OF[kind], body, 0, name)
    try:
        translation = KINDS[kind].translate(raw, PLACE.partners[PARTNER_OF[kind]])
    except Refusal as refusal:
        return refusal if Reason(refusal.reason) else Refusal(Reason.INVARIANT)
    assert translation.drafts or translation.no_change
    for draft in translation.drafts:
        assert isinstance(draft.occurred_at, int)
        assert isinstance(draft.recorded_at, int)
    return translation


def spots(body: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a JSON body."""
    below = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    return [path, *(spot for key, value in below for spot in spots(value, (*path, key)))]


def with_other(body: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """The body with another value at one place."""
    if not path:
        return value
    changed = dict(body) if isinstance(body, dict) else list(body)
    changed[path[0]] = with_other(body[path[0]], path[1:], value)
    return changed


@pytest.mark.parametrize("kind", JSON_KINDS)
class TestJson:
    """Webhooks."""

    @settings(max_examples=150, deadline=None)
    @given(body=anything)
    def test_any_json(self, kind: str, body: Any) -> None:
        assert isinstance(outcome(kind, "x.json", json.dumps(body).encode()), Refusal)

    @settings(max_examples=200, deadline=None)
    @given(choice=st.data())
    def test_samples_with_one_place_changed(self, kind: str, choice: st.DataObject) -> None:
        readable = [body for _, body in samples(kind) if body.strip().startswith(b"{")]
        body = json.loads(choice.draw(st.sampled_from(readable)))
        path = choice.draw(st.sampled_from(spots(body)))
        outcome(kind, "x.json", json.dumps(with_other(body, path, choice.draw(anything))).encode())

    @settings(max_examples=100, deadline=None)
    @given(body=st.binary(max_size=200))
    def test_any_bytes(self, kind: str, body: bytes) -> None:
        assert isinstance(outcome(kind, "x.json", body), Refusal)

    @pytest.mark.parametrize("body", [
        b"[" * 100_000, b'{"event":' * 5_000, b'{"event": NaN}', b"null", b"", b"\xff\xfe{}",
        b'{"event": "\\ud800"}', b"1e999",
    ])
    def test_hostile_json(self, kind: str, body: bytes) -> None:
        assert isinstance(outcome(kind, "x.json", body), Refusal)


@pytest.mark.parametrize("kind", CSV_KINDS)
class TestCsv:
    """Full files."""

    @settings(max_examples=200, deadline=None)
    @given(choice=st.data())
    def test_samples_cut_and_flipped(self, kind: str, choice: st.DataObject) -> None:
        name, body = choice.draw(st.sampled_from(samples(kind)))
        at = choice.draw(st.integers(0, len(body)))
        until = choice.draw(st.integers(at, len(body)))
        outcome(kind, name, body[:at] + choice.draw(st.binary(max_size=6)) + body[until:])

    @settings(max_examples=200, deadline=None)
    @given(choice=st.data())
    def test_samples_with_one_cell_changed(self, kind: str, choice: st.DataObject) -> None:
        name, body = choice.draw(st.sampled_from(samples(kind)))
        lines = [line.split(",") for line in body.decode("latin-1").splitlines()]
        row = choice.draw(st.sampled_from(lines))
        row[choice.draw(st.integers(0, len(row) - 1))] = choice.draw(st.text(max_size=20))
        outcome(kind, name, "\n".join(",".join(line) for line in lines).encode(errors="surrogatepass"))

    @settings(max_examples=100, deadline=None)
    @given(body=st.binary(max_size=200), name=st.text(max_size=20))
    def test_any_bytes_of_any_name(self, kind: str, body: bytes, name: str) -> None:
        assert isinstance(outcome(kind, name, body), Refusal)
