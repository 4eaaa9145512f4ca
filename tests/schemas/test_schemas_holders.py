"""Whoever holds an alert, and the Kafka key that what is said of it lies under."""

from __future__ import annotations

import pytest

from schemas.holders import of_person, person_of, record_key

A, B = "p1:" + "A" * 26, "p1:" + "B" * 26


@pytest.mark.parametrize(
    ("holder", "key", "person"),
    [
        (A, A, A),
        ("place:RJZ30", "RJZ30", None),
        ("watch:pruh-adt", "pruh-adt", None),
        ("watch:pruh-adt|rejects", "pruh-adt", None),
        (f"watch:{A}", A, A),
        (f"watch:{A}|{B}", A, A),
    ],
)
def test_a_word_lies_where_the_facts_of_its_holder_lie(holder: str, key: str, person: str | None) -> None:
    assert (record_key(holder), person_of(holder), of_person(holder)) == (key, person, holder == person)
