"""Every sample beside the HL7 translator becomes exactly what its hand-written expectation says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from connectors import times
from connectors.message import Draft, RawMessage, Refusal, Subject
from connectors.partners import hl7_adt
from connectors.partners.hl7_adt.translate import SUPPORTED, translate
from connectors.pipeline import Pipeline
from runtime.place import Partner, load_place
from runtime.pseudonym import KeyRing
from schemas import ids
from schemas.codec import decode, encode

SAMPLES = Path(str(hl7_adt.__file__)).parent / "samples"
NAMES = sorted(path.stem for path in SAMPLES.glob("*.hl7"))
RECEIVED = times.microseconds(datetime.fromisoformat("2026-11-01T00:00:00+00:00"))


@cache
def expected(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((SAMPLES / f"{name}.expected.json").read_text(encoding="utf-8"))
    return read


def dialect_of(name: str) -> Partner:
    base = load_place("bromley").partners["pruh-adt"]
    return base.model_copy(update=expected(name).get("dialect", {}))


def raw_of(name: str) -> RawMessage:
    return RawMessage("pruh-adt", (SAMPLES / f"{name}.hl7").read_bytes(), RECEIVED)


def us(text: str) -> int:
    return times.microseconds(datetime.fromisoformat(text))


def who(subject: Subject | None) -> list[str]:
    return (
        [f"{i.system} {i.authority or '-'} {i.value} {i.status}".rstrip() for i in subject.ids]
        if subject
        else []
    )


def told(draft: Draft) -> dict[str, Any]:
    return {
        "kind": draft.kind, "who": who(draft.subject), "other": who(draft.other), "thing": draft.thing,
        "instance": draft.instance, "flags": list(draft.flags), "fields": dict(draft.fields),
        "at": (draft.occurred_at, draft.recorded_at), "sequence": draft.sequence,
    }  # fmt: skip


def wanted(name: str) -> Iterator[dict[str, Any]]:
    """The expectation in the shape of `told`: times as µs, `spell <authority> <number>` as its id."""
    said = expected(name)
    for draft in said["drafts"]:
        thing = draft.get("thing", "person")
        fields = {n: us(v) if n.endswith("_at") and v else v for n, v in draft["fields"].items()}
        yield {
            "kind": draft["kind"], "who": draft["who"], "other": draft.get("other", []),
            "thing": ids.spell_id(*thing.split()[1:]) if thing.startswith("spell ") else thing,
            "instance": draft.get("instance", ""), "flags": draft.get("flags", []), "fields": fields,
            "at": (us(said["times"]["occurred"]), us(said["times"]["recorded"])),
            "sequence": said.get("sequence", -1),
        }  # fmt: skip


class TestSamples:
    """Messages as London trusts send them."""

    @pytest.mark.parametrize("name", NAMES)
    def test_a_sample_becomes_what_was_written_down_first(self, name: str) -> None:
        said = expected(name)
        if "refusal" in said:
            with pytest.raises(Refusal) as caught:
                translate(raw_of(name), dialect_of(name))
            assert [str(caught.value.reason), caught.value.where] == said["refusal"]
            return
        made = translate(raw_of(name), dialect_of(name))
        assert made.message_id == said["message_id"]
        assert [told(draft) for draft in made.drafts] == list(wanted(name))
        assert [[str(r.reason), r.where] for r in made.refusals] == said.get("refused", [])
        assert made.no_change == said.get("no_change", "")

    def test_every_supported_trigger_has_a_sample(self) -> None:
        told_by = {name.split("_")[1] for name in NAMES if "refusal" not in expected(name)}
        assert told_by == SUPPORTED

    def test_the_page_for_partners_has_a_row_for_every_supported_trigger(self) -> None:
        page = (Path(__file__).resolve().parents[3] / "docs" / "hl7-adt.md").read_text(encoding="utf-8")
        rows = [line.split("|")[1] for line in page.splitlines() if re.match(r"\| [AZ]\d\d", line)]
        assert sorted(name.strip() for row in rows for name in row.split(",")) == sorted(SUPPORTED)

    def test_every_sample_has_an_expectation_and_the_reverse(self) -> None:
        assert sorted(p.name.removesuffix(".expected.json") for p in SAMPLES.glob("*.expected.json")) == NAMES

    @pytest.mark.parametrize("name", [n for n in NAMES if "refusal" not in expected(n)])
    def test_what_a_sample_seals_to_fits_the_contract(self, name: str) -> None:
        place = load_place("bromley")
        partners = place.partners | {"pruh-adt": dialect_of(name)}
        pipeline = Pipeline(place.model_copy(update={"partners": partners}), "pruh-adt", KeyRing.offline())
        outcome = pipeline.process(raw_of(name))
        assert outcome.events or outcome.kind == "ignored"
        for event in outcome.events:
            kind, record = decode(encode(event.schema, event.record))
            assert event.schema == f"{kind}.v1"
            assert record["person_key"] == event.key
            assert event.headers["ce_id"] == record["event_id"]
