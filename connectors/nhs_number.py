"""The NHS number: reading it, checking it, and the dummies that must never join anyone (domain/04 §4.1).

In: text as a partner sent it. Out: ten digits with a verdict. Never pads, never guesses: a nine-digit value
has lost a leading zero somewhere and is refused, as is what a spreadsheet made of a number.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum

_SHAPE = re.compile(r"\d{10}|\d{3} \d{3} \d{4}|\d{3}-\d{3}-\d{4}")
"""Ten digits, or 3-3-4 with one kind of separator."""
_SEPARATORS = str.maketrans("", "", " -")
_DIGITS = 10

PLACEHOLDERS = frozenset(str(digit) * _DIGITS for digit in range(10)) | {
    "9876543210",
    "0123456789",
    "1234567890",
}
"""All ten repeated digits and the counting numbers: most of them pass modulus 11, and every test system types
them.
"""

_ISSUED = ((400_000_000, 499_999_999), (600_000_000, 799_999_999))
"""First nine digits of numbers issued in England, Wales and the Isle of Man."""
_TEST = ((900_000_000, 999_999_999),)
"""Development and test; 999 is what our own fixtures draw from."""


class NumberVerdict(StrEnum):
    """What a text in an NHS number's place is."""

    VALID = "valid"
    INVALID = "invalid"
    """Not ten digits, wrong check digit, or a range of another country's or nobody's numbers."""
    PLACEHOLDER = "placeholder"


def digits_of(text: str) -> str:
    """Give the ten digits of "943 476 5919", with hyphens or plain; "" where the text has another shape."""
    bare = text.strip()
    return bare.translate(_SEPARATORS) if bare.isascii() and _SHAPE.fullmatch(bare) else ""


def checks_out(number: str) -> bool:
    """Whether ten digits satisfy modulus 11 (11 − Σ digit × weight mod 11; 11 is written 0, 10 is never
    issued).
    """
    if len(number) != _DIGITS or not (number.isascii() and number.isdigit()):
        return False
    total = sum(int(digit) * (_DIGITS - place) for place, digit in enumerate(number[:9]))
    check = (11 - total % 11) % 11
    return check == int(number[9])


def in_range(number: str) -> bool:
    """Whether the number lies where England, Wales and Man issue, or in the test range; never Scotland's,
    Ireland's or the spare ones.
    """
    stem = int(number[:9])
    return any(low <= stem <= high for low, high in (*_ISSUED, *_TEST))


def is_issued(number: str) -> bool:
    """Whether the number lies in an issued range: such a number may be a living person's and never stands in
    a fixture.
    """
    stem = int(number[:9])
    return any(low <= stem <= high for low, high in _ISSUED)


def judge(text: str, placeholders: Collection[str] = (), live: bool = False) -> tuple[str, NumberVerdict]:
    """Read and judge a number: (ten digits or "", verdict). `placeholders` is the partner's own list.

    With `live` (a real partner) a number of the test range is invalid: test and live people never mix.
    """
    number = digits_of(text)
    if not number:
        return "", NumberVerdict.INVALID
    if number in PLACEHOLDERS or number in placeholders:
        return number, NumberVerdict.PLACEHOLDER
    if not checks_out(number) or not (is_issued(number) if live else in_range(number)):
        return number, NumberVerdict.INVALID
    return number, NumberVerdict.VALID
