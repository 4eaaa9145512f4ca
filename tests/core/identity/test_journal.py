"""Laws 1 and 2 of the journal: it is a set, whatever came in which order and how often."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.core.facts.copies import newer
from streams.core.facts.journal import Journal
from streams.core.facts.select import distinct
from tests.core.identity.histories import fact, shuffled


@st.composite
def facts(draw):
    """Few ids and few tags, so that re-sends and semantic duplicates are common. A received_at belongs to a
    version, as the archive gives it; a tag to the content, whatever its translation.
    """
    out = []
    for _ in range(draw(st.integers(1, 10))):
        number = draw(st.integers(0, 4))
        tag = draw(st.sampled_from(("", f"t{number % 2}")))
        item = fact(
            f"{'u' if not tag else 'd'}{number}",
            "SpellAmended",
            "x",
            number // 2,
            local="x",
            tag=tag,
            revision=draw(st.integers(1, 2)) if not tag else 1,
            specialty="s",
        )
        out.append(item)
    return out


def kept(journal):
    return sorted(journal, key=lambda f: f.id)


@settings(max_examples=500, deadline=None)
@given(facts(), st.integers(0, 99))
def test_order_and_repetition_do_not_matter(items, seed):
    assert kept(Journal(items)) == kept(Journal(shuffled(items + items, seed)))


@settings(max_examples=200, deadline=None)
@given(facts())
def test_the_log_gives_the_same_journal_again_and_a_second_copy_is_no_news(items):
    journal = Journal(items)
    assert kept(Journal(journal.log)) == kept(journal)
    assert [journal.add(item) for item in items] == [None] * len(items)


def test_the_earliest_of_semantic_duplicates_is_kept():
    first, again = (fact(i, "SpellAdmitted", "x", at, tag="t") for i, at in (("a", 1), ("b", 2)))
    for order in ((first, again), (again, first)):
        assert list(Journal(order)) == [first]


def test_a_re_assertion_with_other_content_is_a_fact_of_its_own():
    assert (
        len(
            Journal(
                [fact("a", "SpellAdmitted", "x", 1, tag="t"), fact("b", "SpellAdmitted", "x", 2, tag="u")]
            )
        )
        == 2
    )


def test_facts_without_a_tag_are_never_taken_for_one():
    assert len(Journal([fact("a", "SpellAdmitted", "x", 1), fact("b", "SpellAdmitted", "x", 1)])) == 2


def test_a_higher_revision_replaces_and_keeps_the_first_time_of_receipt():
    old = fact("a", "SpellAdmitted", "x", 1, poc="W1")
    new = fact("a", "SpellAdmitted", "x", 5, poc="W2", revision=2)
    for order in ((old, new), (new, old)):
        (found,) = Journal(order)
        assert (found.body["poc"], found.revision, found.received_at) == ("W2", 2, 1)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 2),
            st.sampled_from([(), ("ID_REUSED",), ("b", "a"), ("withdrawn",)]),
            st.integers(0, 3),
        ),
        min_size=1,
        max_size=5,
    ),
    st.integers(0, 99),
)
def test_copies_of_one_event_unite_their_flags_in_any_order(copies, seed):
    items = [
        fact("a", "SpellAdmitted", "x", at, tag="t", revision=revision, flags=flags)
        for revision, flags, at in copies
    ]
    (kept,) = Journal(items)
    assert [kept] == list(Journal(shuffled(items, seed)))
    standing = [] if "withdrawn" in kept.flags else [kept]
    assert distinct(items) == distinct(shuffled(items, seed)) == standing
    newest = [flags for revision, flags, _ in copies if revision == kept.revision]
    assert set(kept.flags) - {"ID_REUSED"} == {flag for flags in newest for flag in flags} - {"ID_REUSED"}
    assert ("ID_REUSED" in kept.flags) == any("ID_REUSED" in flags for _, flags, _ in copies)


def test_a_withdrawn_translation_hides_no_duplicate_that_stands():
    gone = fact("a", "SpellAdmitted", "x", 1, tag="t", revision=2, flags=("withdrawn",))
    stands = fact("b", "SpellAdmitted", "x", 2, tag="t")
    for order in ((gone, stands), (stands, gone)):
        assert {f.id for f in Journal(order)} == {"a", "b"}


@pytest.mark.parametrize("field", ["kind", "partner", "local", "thing", "instance", "sequence", "dob_tag"])
def test_two_contents_of_one_revision_leave_the_same_whichever_came_first(field):
    one = fact("e", "SpellAdmitted", "N1", 1)
    other = msgspec.structs.replace(one, **{field: 5 if field == "sequence" else "x"})
    assert newer(one, other) == newer(other, one)
