"""Why somebody waited, against the minute-by-minute oracle: every minute of the ready time once, to one owner
and one reason.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.fact import Fact
from streams.core.reduce import reduce_person
from streams.core.transfer.why import accounted
from tests.core.laws.histories import START
from tests.core.story import CONFIG, HOUR, MINUTE, fact
from tests.oracles.delay_time_oracle import Word, laid_out

LAW = settings(max_examples=150, deadline=None)
REASONS = ("CA2", "IF2", "HP5")
OWNERS = ("council", "hub", None)
END = START + 300 * MINUTE
KINDS = {"set": "DelayReasonSet", "open": "DelayReasonOpened", "close": "DelayReasonClosed"}


@st.composite
def words(draw: Any) -> list[Word]:
    """What two sources say of reasons, each once a quarter of an hour at most."""
    out: list[Word] = []
    for source in ("hub-list", "pruh-adt"):
        for quarter in draw(st.lists(st.integers(0, 11), unique=True, min_size=2, max_size=6)):
            verb = draw(st.sampled_from(("set", "set", "open", "close")))
            most = 3 if verb == "set" else 1
            named = tuple(
                draw(st.lists(st.sampled_from(REASONS), unique=True, min_size=verb != "set", max_size=most))
            )
            owner = None if verb == "close" else draw(st.sampled_from(OWNERS))
            out.append(Word(START + quarter * 15 * MINUTE, source, verb, named, owner))
    return out


def told(word: Word) -> Fact:
    """A word as a fact."""
    body = {"reason": "; ".join(word.reasons) or None, "owner": word.owner}
    return fact(KINDS[word.verb], word.at, partner=word.source, instance=str(word.at), **body)


def assessed(at: int, ready: bool) -> Fact:
    """An assessment of the hub."""
    result = "no_longer_meets" if ready else "meets"
    return fact("CriteriaToResideAssessed", at, partner="hub-list", instance=str(at), result=result)


@pytest.mark.slow
@LAW
@given(
    words(),
    st.dictionaries(st.integers(1, 19), st.booleans(), max_size=3).map(lambda later: {0: True} | later),
    st.integers(120, 300),
)
def test_every_minute_is_laid_once_as_the_oracle_lays_it(
    said: list[Word], findings: dict[int, bool], left: int
) -> None:
    left_at = START + left * MINUTE
    facts = [fact("SpellAdmitted", START - HOUR, place="M4"), fact("SpellDischarged", left_at)]
    facts += [assessed(START + n * 15 * MINUTE, ready) for n, ready in findings.items()]
    facts += [told(word) for word in said]
    transfer = reduce_person(facts, CONFIG).transfer
    assert transfer is not None

    def is_ready(moment: int) -> bool:
        known = [n for n in sorted(findings) if START + n * 15 * MINUTE <= moment]
        return moment < left_at and bool(known) and findings[known[-1]]

    def owner_at(moment: int) -> str:
        return next(
            wait.owner
            for wait in transfer.waiting
            if wait.since <= moment and (wait.until is None or moment < wait.until)
        )

    expected = laid_out(said, is_ready, owner_at, START, END)
    found = accounted(transfer.why, END)
    assert +found == expected
    assert sum(stretch.minutes or 0 for stretch in transfer.why) == sum(expected.values())
