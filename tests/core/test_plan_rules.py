"""Destinations by version, and days as they are counted in England (domain 01 §1.4, domain 04 §4.6)."""

from __future__ import annotations

import pytest

from streams.core.codes import DESTINATION_GROUPS, GROUPS
from streams.core.moments import local_date
from streams.core.spells.destination_lists import BY_LIST, code_list, destination


def test_the_lists_are_whole() -> None:
    """8 destinations of 2024, 12 of 2022, 14 of the community list, into groups there are."""
    assert [len(rows) for rows in BY_LIST.values()] == [8, 12, 14]
    assert {row[4] for rows in BY_LIST.values() for row in rows} <= {*GROUPS, None}


@pytest.mark.parametrize(
    ("raw", "scheme", "code", "pathway_2024"),
    [
        ("Pathway 3: Discharge to a care home as a new admission", None, "D7", "P3"),
        ("p3b – care home (existing resident discharged back)", "2022", "E22-11", None),
        ("p3b - care home (existing resident discharged back)", "DAPB3136 community", "F23-14", None),
        ("D2", None, "D2", "P0"),
        ("a friend's sofa", None, None, None),
    ],
)
def test_destination(raw: str, scheme: str | None, code: str | None, pathway_2024: str | None) -> None:
    """Returning residents were P3b and are P0 or P1: not guessed."""
    found = destination(raw, scheme)
    assert (found.code, found.pathway_2024) == (code, pathway_2024)


def test_codes_of_the_old_the_new_and_both_lists() -> None:
    """54, 65 and 85 became 55 or 56; 38 became 40 or 42: the group holds, the code is not translated."""
    assert [code_list(code) for code in ("54", "65", "85", "38")] == ["old"] * 4
    assert [code_list(code) for code in ("55", "56", "40", "42", "89")] == ["new"] * 5
    assert code_list("19") == "both"
    assert {DESTINATION_GROUPS[code] for code in ("54", "65", "85", "55", "56")} == {"care_home"}


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (1_782_948_600, "2026-07-02"),  # 2026-07-01T23:30Z is half past midnight in England
        (1_767_310_200, "2026-01-01"),  # 2026-01-01T23:30Z
        (1_792_888_200, "2026-10-25"),  # 2026-10-25T00:30Z, the first half past one of two
    ],
)
def test_days_are_englands(at: int, day: str) -> None:
    """A night is a night where the person sleeps."""
    assert local_date(at * 1_000_000) == day
