"""Keys: stable, one purpose each, by reference, never shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.errors import Misconfigured
from runtime.pseudonym import KeyRing

ROOT_HEX = "ab" * 32
PURPOSES = ("person", "dob", "match", "content", "archive")


def test_the_offline_key_never_changes() -> None:
    """Lines of offline runs are compared byte for byte by people's scripts."""
    assert KeyRing.offline().person_key("NHS", "", "9990000018") == "p1:EBIV4HDG34BOEPDOVZGO7H3NVM"
    assert KeyRing.offline().tag("dob", "1940-01-01") == "4e349091551996f7"


def test_a_key_has_the_form_of_the_contract() -> None:
    assert re.fullmatch(r"p1:[A-Z2-7]{26}", KeyRing.offline().person_key("LOCAL", "RJZ", "1"))


@given(st.lists(st.tuples(st.text(), st.text(), st.text()), min_size=2, max_size=2, unique=True))
def test_different_identifiers_have_different_keys(two: list[tuple[str, str, str]]) -> None:
    """Not even by moving a letter from the authority to the value."""
    keys = KeyRing.offline()
    assert keys.person_key(*two[0]) != keys.person_key(*two[1])


def test_purposes_tell_nothing_of_each_other() -> None:
    keys = KeyRing.offline()
    assert len({keys.tag(purpose, "same") for purpose in PURPOSES}) == len(PURPOSES)  # type: ignore[arg-type]


def test_a_ring_by_environment_and_by_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", ROOT_HEX)
    (tmp_path / "key").write_text(ROOT_HEX + "\n")
    by_environment = KeyRing.of_reference("env:SOME_KEY")
    assert by_environment == KeyRing.of_reference(f"file:{tmp_path / 'key'}")
    assert not by_environment.public
    assert by_environment.tag("dob", "x") != KeyRing.offline().tag("dob", "x")


def test_a_ring_with_a_key_for_each_purpose(tmp_path: Path) -> None:
    lines = [f'{purpose} = "{n:02x}{"cd" * 31}"' for n, purpose in enumerate(PURPOSES)]
    (tmp_path / "ring").write_text('version = "p2"\n' + "\n".join(lines))
    keys = KeyRing.of_reference(f"file:{tmp_path / 'ring'}")
    assert keys.person_key("NHS", "", "9990000018").startswith("p2:")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds nothing"),
        ("abcd", "at least 32 bytes"),
        ("not hex at all", "neither hex nor TOML"),
        (f'person = "{ROOT_HEX}"', "no key for purpose"),
        ("\n".join(f'{p} = "{ROOT_HEX}"' for p in (*PURPOSES, "other")), "unknown purposes"),
    ],
)
def test_a_bad_reference_is_said_without_its_value(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(text)
    with pytest.raises(Misconfigured, match=said) as caught:
        KeyRing.of_reference(f"file:{tmp_path / 'key'}")
    assert ROOT_HEX not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("reference", ["env:NOT_SET_ANYWHERE", "file:/nowhere/key", "vault:x", ROOT_HEX])
def test_a_reference_to_nothing_is_refused(reference: str) -> None:
    with pytest.raises(Misconfigured):
        KeyRing.of_reference(reference)


def test_a_ring_is_never_shown() -> None:
    assert KeyRing.offline().key("archive").hex() not in repr(KeyRing.offline())
