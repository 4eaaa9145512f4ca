"""Faults a story plants in the program, to show what it does when it breaks (design.md §4 law 8). A fault is
part of the story; a mutant, in `broken/`, is what the story must notice.

In: the name that stands behind `Planted:` in story.md. Out: a context in which the program has that fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from streams.core import reduce
from streams.core.errors import InvariantBroken


def _loft_does_not_reduce(patch: pytest.MonkeyPatch) -> None:
    real = reduce.account_of

    def account_of(*said: Any) -> Any:
        account = real(*said)
        if account.spell.location.poc == "LOFT":
            raise InvariantBroken("planted")
        return account

    patch.setattr(reduce, "account_of", account_of)


FAULTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {"nobody in LOFT reduces": _loft_does_not_reduce}


@contextmanager
def planted(fault: str) -> Iterator[None]:
    """Run with a fault; an empty name is none."""
    with pytest.MonkeyPatch.context() as patch:
        if fault:
            FAULTS[fault](patch)
        yield
