"""Samples beside every translator test themselves; a kind without any fails here."""

from __future__ import annotations

import pytest

from connectors.partners.registry import KINDS
from connectors.samples import EXPECTED, PARTNERS, Case, cases, differences

SELF_TESTED = {"hl7_adt"}
"""Kinds whose samples are messages with expectations of their own form (tests/connectors/hl7)."""


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_sample_becomes_what_was_expected_by_hand(case: Case) -> None:
    """Facts, refusals with their place, and unchanged rows; nothing besides."""
    assert differences(case) == []


@pytest.mark.parametrize("kind", sorted(set(KINDS) - SELF_TESTED))
def test_every_kind_has_samples(kind: str) -> None:
    """A kind nobody wrote samples for is not done."""
    assert cases(kind)


def test_no_sample_lies_unread() -> None:
    """Every file under a kind's samples belongs to a case."""
    read = {case.folder for case in cases()}
    for kind in set(KINDS) - SELF_TESTED:
        for path in (PARTNERS / kind / "samples").rglob("*"):
            assert path.is_dir() or path.parent in read, path.name


def test_a_wrong_expectation_is_noticed(tmp_path: object) -> None:
    """The check can fail: a fact left out and a place told wrongly are both said."""
    from pathlib import Path

    case = cases("census")[0]
    folder = Path(str(tmp_path))
    for path in case.folder.iterdir():
        text = path.read_bytes()
        if path.name == EXPECTED:
            text = text.replace(b"row 4", b"row 5").replace(b'"bed": "B03"', b'"bed": "B99"')
        (folder / path.name).write_bytes(text)
    said = differences(Case("census", folder))
    assert any("B99" in line for line in said)
    assert any("row 5" in line for line in said)
