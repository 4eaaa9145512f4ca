"""The laws of the fold (design.md §4) as properties over generated histories: same set of facts, same bytes.
"""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.fact import Fact
from streams.core.facts.select import as_of
from streams.core.views.lines import version_of
from tests.core.laws.histories import histories, minutes, requeued, resent, tagged
from tests.core.story import HOUR, lines_of

LAW = settings(max_examples=150, deadline=None)


class TestOrder:
    """Law 1: every order of arrival ends in the same lines."""

    @LAW
    @given(histories(filings=True), st.randoms(use_true_random=False))
    def test_any_permutation_gives_the_same_lines(self, facts: list[Fact], chance: random.Random) -> None:
        """A history and a shuffle of it say the same, to the byte."""
        shuffled = list(facts)
        chance.shuffle(shuffled)
        assert lines_of(shuffled) == lines_of(facts)


class TestDuplicates:
    """Law 2: a fact said again is the same fact."""

    @LAW
    @given(histories(filings=True), st.data())
    def test_same_id_again_changes_nothing(self, facts: list[Fact], data: st.DataObject) -> None:
        """Re-sends keep the id; the smallest received_at counts."""
        again = data.draw(st.lists(st.sampled_from(facts), max_size=6))
        assert lines_of([*facts, *(resent(one, HOUR) for one in again)]) == lines_of(facts)

    @LAW
    @given(histories(filings=True), st.data())
    def test_requeued_content_is_no_new_fact(self, facts: list[Fact], data: st.DataObject) -> None:
        """A re-queue under new message ids and times of sending changes no line and owes no notice."""
        facts = [tagged(one) for one in facts]
        again = data.draw(st.lists(st.sampled_from(facts), max_size=6))
        assert lines_of([*(requeued(one, HOUR) for one in again), *facts]) == lines_of(facts)


class TestAsOf:
    """Law 6: the reduce of what was received by T is what was believed at T."""

    @LAW
    @given(histories(filings=True), minutes, st.data())
    def test_later_arrivals_do_not_change_the_past(
        self, facts: list[Fact], known_at: int, data: st.DataObject
    ) -> None:
        """Facts and repeats that arrive after T leave the picture of T alone."""
        again = data.draw(st.lists(st.sampled_from(facts), max_size=4))
        everything = [*facts, *(resent(one, HOUR) for one in again)]
        assert lines_of(as_of(everything, known_at)) == lines_of(
            [one for one in facts if one.received_at <= known_at]
        )


class TestUnchanged:
    """Law 2: unchanged state emits nothing: version and bytes stay outside freshness."""

    @LAW
    @given(histories(filings=True))
    def test_a_word_that_adds_nothing_keeps_the_version(self, facts: list[Fact]) -> None:
        """A source heard again without news moves only freshness."""
        heard = [one for one in facts if one.kind == "SpellAmended"]
        later = [
            Fact(
                id=one.id[:-4] + "beef",
                kind="PersonFlagged",
                partner=one.partner,
                key=one.key,
                local=None,
                thing="person",
                occurred_at=one.occurred_at,
                recorded_at=one.recorded_at,
                received_at=one.received_at + HOUR,
            )
            for one in heard
        ]
        assert version_of(lines_of([*facts, *later])) == version_of(lines_of(facts))
