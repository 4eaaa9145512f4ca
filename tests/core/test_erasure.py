"""Erasure: a cut in what was received, in any order; it follows the record and tells who was told (IG-13)."""

from __future__ import annotations

import itertools
import json
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.fact import Fact
from streams.core.state.network import Network
from streams.core.state.publish import publish
from tests.core.laws.histories import histories
from tests.core.story import CONFIG, PERSON, SPELL, at, fact
from tests.core.test_told import A01, A03, PACKAGE, sent

CUT = "12 16:00"
LOCAL, OTHER = "p1:" + "L" * 26, "p1:" + "O" * 26


def erased(key: str = PERSON, when: str = CUT) -> Fact:
    """An order to erase a record."""
    moment = at(when)
    return Fact("erase" + key, "PersonErased", "homeward", key, None, "person", moment, moment, moment)


def under(one: Fact, key: str, local: str | None = None) -> Fact:
    """The same fact of another record."""
    return Fact(**{name: getattr(one, name) for name in one.__struct_fields__} | {"key": key, "local": local})


def network(*facts: Fact) -> Network:
    """Everybody, once everything is said."""
    made = Network()
    for one in facts:
        made.take([one])
    made.settle()
    return made


def shown(*facts: Fact) -> dict[str, list[dict[str, Any]]]:
    """The lines of each key."""
    return {
        view.person_key: [json.loads(line) for line in view.lines] for view in network(*facts).views(CONFIG)
    }


def owed(made: Network, key: str = PERSON) -> set[tuple[str, str]]:
    """Who has to be told what."""
    sight = publish(made.states[key], CONFIG, total=True)
    return {(one.notice.recipient, one.notice.fact) for one in sight.owed}


TOLD = [A01, PACKAGE, A03]
TOLD = [*TOLD, *sent(*TOLD)]


def test_nothing_is_left_but_who_has_to_be_told() -> None:
    """The stub: no stay, no package, no place; each who was told, until they acknowledge."""
    [row] = shown(*TOLD, erased())[PERSON]
    assert {k: row[k] for k in ("view", "state", "erased_at")} == {
        "view": "person", "state": "erased", "erased_at": "2027-01-12T16:00:00Z"
    }  # fmt: skip
    assert {one["recipient"] for one in row["must_tell"]} == {"gp", "lbb", "oakfield"}
    assert "M4" not in json.dumps(row)
    made = network(*TOLD, erased())
    assert owed(made) == {("gp", "erased"), ("lbb", "erased"), ("oakfield", "erased")}


def test_who_acknowledged_the_erasure_is_told_nothing_more() -> None:
    [notice] = [n.notice for n in publish(network(*TOLD, erased()).states[PERSON], CONFIG, total=True).owed
                if n.notice.recipient == "gp"]  # fmt: skip
    said = {"recipient": "gp", "fact": "erased", "about": notice.about, "fact_id": notice.fact_id}
    acked = fact("NoticeAcknowledged", "12 17:00", partner="homeward", thing=notice.notice_id,
                 retracts=notice.retracts, **said)  # fmt: skip
    [row] = shown(*TOLD, erased(), acked)[PERSON]
    assert {one["recipient"] for one in row["must_tell"]} == {"lbb", "oakfield"}
    assert owed(network(*TOLD, erased(), acked)) == {("lbb", "erased"), ("oakfield", "erased")}


def test_every_order_of_facts_and_order_says_the_same() -> None:
    """Also delivered again: what was erased stays so."""
    facts = [*TOLD[:4], erased(), TOLD[0]]
    assert len({json.dumps(shown(*order), sort_keys=True) for order in itertools.permutations(facts)}) == 1


def test_what_comes_later_is_new_and_knows_nothing_of_before() -> None:
    """A new stay after the order: its own line, and the old provider is not told of it."""
    again = fact("SpellAdmitted", "14 10:00", place="M9^B^1", patient_class="I", thing=SPELL)
    rows = shown(*TOLD, erased(), again)[PERSON]
    [spell] = [row for row in rows if row["view"] == "spell"]
    assert [stay["place"] for stay in spell["stays"]] == ["M9^B^1"]
    assert all(row["packages"] == [] for row in rows if row["view"] == "transfer")
    assert ("oakfield", "erased") in owed(network(*TOLD, erased(), again))


def test_it_follows_the_record_over_links_and_takes_nothing_of_a_neighbour() -> None:
    """The record's facts go wherever they are held; a person it was once joined with keeps their own."""
    joined = fact("PersonsLinked", "10 10:00", thing="person", target_key=PERSON, basis="merge")
    parted = fact("PersonsLinked", "13 10:00", thing="person", target_key=None, basis="unlink")
    mine = [under(A01, LOCAL, LOCAL), under(joined, LOCAL, LOCAL)]
    theirs = fact("SpellAdmitted", "10 11:00", place="M7^C^3", patient_class="I", thing="theirs")
    for facts in (
        [*mine, theirs, erased(LOCAL)],
        [*mine, theirs, erased(LOCAL), under(parted, LOCAL, LOCAL)],
    ):
        seen = {json.dumps(shown(*order), sort_keys=True) for order in itertools.permutations(facts)}
        assert len(seen) == 1
        places = {row["location"]["poc"] for row in shown(*facts)[PERSON] if row["view"] == "spell"}
        assert places == {"M7"}
        assert "M4" not in seen.pop()


def test_facts_of_another_record_under_the_same_number_stay() -> None:
    """A wrong number brought them here: the order is about the record, not about the key alone."""
    theirs = under(
        fact("SpellAdmitted", "10 11:00", place="M7^C^3", patient_class="I", thing="theirs"), PERSON, OTHER
    )
    text = json.dumps(shown(A01, theirs, erased()))
    assert ("M7" in text, "M4" in text) == (True, False)


@settings(max_examples=40, deadline=None)
@given(histories(), st.integers(0, 3 * 24 * 60), st.randoms(use_true_random=False))
def test_what_is_left_is_what_was_received_since(
    facts: list[Fact], minutes: int, chance: random.Random
) -> None:
    """Any history, any time of the order, any order of arrival: as if only the later facts had ever come."""
    cut = at("10 00:00") + minutes * 60_000_000
    care = [one for one in facts if not one.kind.startswith("Notice")]
    order = Fact("erase", "PersonErased", "homeward", PERSON, None, "person", cut, cut, cut)
    shuffled = [*care, order]
    chance.shuffle(shuffled)
    since = [one for one in care if one.received_at > cut]
    if since:
        assert shown(*shuffled) == shown(*since)
    else:
        assert [row.get("state") for row in shown(*shuffled).get(PERSON, [{"state": "erased"}])] == ["erased"]
