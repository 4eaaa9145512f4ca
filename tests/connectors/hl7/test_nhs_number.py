"""The NHS number: vectors of the corpus, dummies, ranges, and what a spreadsheet does to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.nhs_number import NumberVerdict, checks_out, digits_of, is_issued, judge
from tests.oracles.nhs_number_oracle import is_number

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpora" / "nhs-number"
needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="NOT RUN: no shared/corpora/nhs-number beside the repository"
)


@needs_corpus
class TestPublishedVectors:
    """uk-fci/nhs-number. Theirs pads a nine-digit integer; ours never does."""

    def test_formats(self) -> None:
        vectors = json.loads((CORPUS / "vectors.json").read_text(encoding="utf-8"))["format"]
        assert len(vectors) == 21
        for vector in vectors:
            padded = isinstance(vector["in"], int) and len(str(vector["in"])) < 10
            assert digits_of(str(vector["in"])) == ("" if padded else vector["out"]), vector

    def test_check_digits(self) -> None:
        vectors = json.loads((CORPUS / "vectors.json").read_text(encoding="utf-8"))["check"]
        assert len(vectors) == 9
        for vector in vectors:
            padded = isinstance(vector["in"], int) and len(str(vector["in"])) < 10
            assert checks_out(digits_of(str(vector["in"]))) == (vector["valid"] and not padded), vector

    def test_the_valid_ones_are_valid_behind_a_byte_order_mark_and_with_crlf(self) -> None:
        numbers = (CORPUS / "valid-9-bom-crlf.csv").read_text(encoding="utf-8-sig").split()
        assert [judge(number) for number in numbers] == [(n, NumberVerdict.VALID) for n in numbers]
        assert len(numbers) == 9


class TestCheckDigit:
    """Against the oracle: of any nine digits at most one tenth is right, and of some none."""

    @given(st.text("0123456789", min_size=9, max_size=9))
    def test_the_check_digit_is_the_oracles(self, nine: str) -> None:
        right = [digit for digit in "0123456789" if checks_out(nine + digit)]
        assert right == [digit for digit in "0123456789" if is_number(nine + digit)]
        assert len(right) <= 1


class TestDummies:
    """Numbers that pass the check and must never join anyone."""

    @pytest.mark.parametrize("digit", range(10))
    def test_a_repeated_digit_passes_modulus_11_and_is_a_placeholder(self, digit: int) -> None:
        assert checks_out(str(digit) * 10)
        assert judge(str(digit) * 10)[1] is NumberVerdict.PLACEHOLDER

    @pytest.mark.parametrize("text", ["9876543210", "987 654 3210", "0123456789"])
    def test_counting_numbers(self, text: str) -> None:
        assert judge(text)[1] is NumberVerdict.PLACEHOLDER

    def test_a_partner_names_its_own(self) -> None:
        assert judge("999 000 0018", {"9990000018"})[1] is NumberVerdict.PLACEHOLDER
        assert judge("999 000 0018")[1] is NumberVerdict.VALID


class TestRefused:
    """What is no number of England, Wales or Man."""

    @pytest.mark.parametrize(
        "text",
        [
            "9990000019",
            "9.43477E+09",
            "9990000018.0",
            "999000001",
            "99900000180",
            "",
            "999-000 0018",
            "٩٩٩٠٠٠٠٠١٨",
        ],
    )
    def test_not_a_number(self, text: str) -> None:
        assert judge(text)[1] is NumberVerdict.INVALID

    def test_a_scottish_number_passes_the_check_and_not_the_range(self) -> None:
        assert checks_out("0607230002")
        assert judge("0607230002")[1] is NumberVerdict.INVALID

    def test_a_stem_without_a_check_digit_has_none(self) -> None:
        assert not any(checks_out(f"999000000{digit}") for digit in "0123456789")

    def test_a_live_partner_knows_no_test_people(self) -> None:
        assert judge("9990000018", live=True)[1] is NumberVerdict.INVALID

    def test_test_numbers_are_not_issued(self) -> None:
        assert not is_issued("9990000018")
        assert is_issued("4000000000")
