"""Cells of partners' files to values: one small reader a type, named in a kind's row shape.

In: the trimmed text of one cell and the partner's dialect. Out: a comparable value; a `Refusal` with a
reason, never with the text.
"""
from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from connectors import times
from connectors.message import Refusal
from runtime.place import Partner
from schemas.reasons import Reason

Cell = Callable[[str, Partner], Any]
"""Reads one non-empty cell. Raises Refusal; the caller says where."""

_SPACES = re.compile(r"\s+")
_FORMULA = re.compile(r'="(.*)"', re.DOTALL)


def trimmed(text: str) -> str:
    """The text without outer space (no-break space too) and without the `="…"` by which spreadsheets protect
    leading zeros.
    """
    bare = text.strip()
    found = _FORMULA.fullmatch(bare)
    return found.group(1).strip() if found else bare


def folded(text: str) -> str:
    """A header or code for comparison: case, runs of space, underscores and hyphens do not count."""
    return _SPACES.sub(" ", text.replace("_", " ").replace("-", " ")).strip().casefold()


def text(cell: str, dialect: Partner) -> str:
    """As sent."""
    return cell


def moment(cell: str, dialect: Partner) -> times.Moment:
    """A time in the partner's zone; BAD_DATE where it cannot be read or does not exist."""
    return times.required(cell, "", dialect.time_zone)


def birth_date(cell: str, dialect: Partner) -> str:
    """`YYYY-MM-DD`; BAD_DATE_OF_BIRTH where there is no such day. A row can be sent again, so it is refused,
    not guessed at.
    """
    read = times.birth_date(cell)
    if read is None:
        raise Refusal(Reason.BAD_DATE_OF_BIRTH)
    return read


def quantity(cell: str, dialect: Partner) -> float:
    """A finite number that is not negative."""
    try:
        number = float(cell)
    except ValueError:
        raise Refusal(Reason.BAD_VALUE) from None
    if not math.isfinite(number) or number < 0:
        raise Refusal(Reason.BAD_VALUE)
    return number


def normalised(name: str) -> Cell:
    """A code the dialect may map (`codes.<name>`); what it does not map stays as sent."""

    def read(cell: str, dialect: Partner) -> str:
        return _mapped(cell, dialect.codes.get(name, {})) or cell

    return read


def code(name: str, usual: Mapping[str, str]) -> Cell:
    """A code out of a closed list: the dialect's `codes.<name>` first, then the usual words; anything else is
    BAD_VALUE, never a guess.
    """

    def read(cell: str, dialect: Partner) -> str:
        found = _mapped(cell, dialect.codes.get(name, {})) or usual.get(folded(cell))
        if found is None:
            raise Refusal(Reason.BAD_VALUE)
        return found

    return read


def _mapped(cell: str, codes: Mapping[str, str]) -> str | None:
    wanted = folded(cell)
    return next((ours for theirs, ours in codes.items() if folded(theirs) == wanted), None)
