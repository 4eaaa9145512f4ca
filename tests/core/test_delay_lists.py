"""The national lists of delay reasons: wording, dates and mapping, by hand (domain 01 §1.4, §1.5)."""

from __future__ import annotations

from datetime import datetime

import pytest

from streams.core.spells.delay_lists import LISTS, REASONS_2022, REASONS_COMMUNITY, TERMS, scheme_of, term
from tests.core.story import at

NOW = at("12 10:00")


def test_the_lists_are_whole() -> None:
    """37 reasons of 2024, 18 of 2022, 20 of the community list; every mapped code is of the 2024 list."""
    assert [len({t.code for t in terms.values()}) for terms in TERMS.values()] == [37, 18, 20]
    known = {t.code for t in TERMS["adsr-2024"].values()}
    assert {code for one in (*REASONS_2022, *REASONS_COMMUNITY) for code in one.to} <= known
    assert (LISTS["adsr-2022"].valid_to, LISTS["adsr-2024"].valid_from) == ("2024-05-26", "2024-05-27")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("Capacity – Housing provision not yet available (Pathway 0 or 1)", "CA4"),
        ("Capacity - Housing provision not yet available (Pathway 0 or 1)", "CA4"),
        ("Capacity\u00a0–\u00a0Housing provision not yet available (Pathway 0 or 1)", "CA4"),
        ("HOUSING PROVISION  not yet available (pathway 0 or 1)", "CA4"),
        ("Patient /family/carer concerns over discharge readiness", "WB1"),
        ("Individual/ family not in agreement with discharge plans", "A22-11"),
        ("ca 4", "CA4"),
        ("No slot", None),
    ],
)
def test_labels_match_on_letters_and_digits(raw: str, code: str | None) -> None:
    """Dashes, no-break spaces and case do not count."""
    assert term(raw, None, NOW).code == code


def test_one_wording_on_two_lists_is_of_the_named_scheme_else_acute() -> None:
    """Medicines to take home stands on the list of 2022 and on the community's; a list of the community says
    so.
    """
    words = "Awaiting medicines to take home"
    long_ago = at("12 10:00") - 3 * 365 * 86_400_000_000
    assert term(words, None, NOW)[:2] == ("A22-05", "adsr-2022")
    assert term(words, None, long_ago)[:2] == ("A22-05", "adsr-2022")
    assert term(words, "ADSR 2022", NOW) == ("A22-05", "adsr-2022", "hospital_process", "HP5", False)
    assert term(words, "DAPB3136 community", long_ago)[:2] == ("C23-04", "community-2023")


def test_what_may_be_several_is_not_guessed() -> None:
    """No 2024 code where several are possible; a group where they share one."""
    equipment = term("Awaiting equipment and adaptations to housing", None, NOW)
    homeless = term("Homeless/no right of recourse to public funds/no place to discharge to", None, NOW)
    assert (equipment.group, equipment.code_2024) == ("capacity", None)
    assert (homeless.group, homeless.code_2024) == (None, None)


@pytest.mark.parametrize(
    ("day", "code", "in_force"),
    [
        ("2022-05-26", "A22-05", False),
        ("2022-05-27", "A22-05", True),
        ("2024-05-26", "A22-05", True),
        ("2024-05-27", "A22-05", False),
    ],
)
def test_a_list_is_in_force_from_its_first_to_its_last_day(day: str, code: str, in_force: bool) -> None:
    """Both included."""
    moment = int(datetime.fromisoformat(day + "T12:00+00:00").timestamp()) * 1_000_000
    found = term("Awaiting medicines to take home", None, moment)
    assert (found.code, found.in_force) == (code, in_force)


def test_a_scheme_that_says_too_little_names_no_list() -> None:
    """`ADSR` alone is either."""
    assert [scheme_of(text) for text in ("ADSR", "nhse-2024", "ADSR 2022", "community", None)] == [
        None, "adsr-2024", "adsr-2022", "community-2023", None,
    ]
