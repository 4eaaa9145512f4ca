"""Ids are the uuid5 of RFC 9562, whoever computes them."""

from __future__ import annotations

from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from schemas import ids


@given(st.text(), st.text(), st.text())
def test_an_id_is_what_the_standard_library_makes_of_it(about: str, fact: str, recipient: str) -> None:
    words = "\x1f".join(("notice", about, fact, "", recipient))
    made = ids.notice_id(about, fact, "", recipient)
    assert made == str(uuid5(ids.NAMESPACE, words))
    assert UUID(made).version == 5
