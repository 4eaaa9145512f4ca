"""Who claims what at a site: whatever links, unlinks, crashes, repetitions and orders there are, every thing
is counted once, where somebody is shown who has it.
"""

from __future__ import annotations

import json
import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.catalogue import INTERNAL_PLACE, VIEW_PRESSURE
from schemas.codec import decode
from streams.agents.place import PlaceFold
from streams.core.config import CoreConfig
from streams.core.pressure.census import claims_of
from streams.core.pressure.contributions import MOVING, linked_at, standing
from streams.core.state.network import Network
from streams.engine.types import Record
from tests.agents.test_person_fold import CONFIG, offline, run
from tests.core.identity.histories import fact, histories

NOW = 3_600_000_000


def counted_live(log, seed, crashes):
    """What the place fold shows in the end, claims coming in any order, some twice, over crashes."""
    chance = random.Random(seed)
    sent = log.sent[INTERNAL_PLACE]
    said = [*sent, *(chance.sample(sent, len(sent) // 2))]
    chance.shuffle(said)
    records = [Record(one.key, one.value, (), 0, at, 0) for at, one in enumerate(said)]
    fold, changelog, shown, now = PlaceFold(CONFIG), [], {}, NOW
    while records:
        taken, records = records[: (count := chance.randint(1, 5))], records[count:]
        fold.fold(INTERNAL_PLACE, taken)
        now += chance.choice((1, 400_000, 2_000_000))
        flush = fold.cut(now)
        changelog += flush.changelog
        if crashes and chance.random() < 0.3:
            fold = PlaceFold(CONFIG)
            fold.restore(changelog)
            fold.restored()
            fold.republish([name for name, _ in flush.changelog])
        else:
            apply(shown, flush.outputs)
    for _ in range(3):
        now += 2_000_000
        apply(shown, fold.cut(now).outputs)
    return shown, fold


def apply(shown, outputs):
    for output in outputs:
        assert output.topic == VIEW_PRESSURE
        shown.pop(output.key, None)
        if output.value is not None:
            row = decode(output.value)[1]
            shown[output.key] = (row["measure"], row["subject"], row["value"])


def spells_shown(facts):
    """The spells somebody who lives is shown with, by hand from the lines."""
    found = set()
    for status, _, lines in offline(facts).values():
        for line in map(json.loads, lines):
            if status == "alive" and line["view"] == "spell" and line["status"] == "admitted":
                found.add(line["spell_id"])
    return found


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories(), st.integers(0, 10**6), st.booleans())
def test_every_spell_counts_once_whoever_holds_it(facts, seed, crashes):
    log = run(facts, random.Random(seed), crashes)
    shown, fold = counted_live(log, seed, crashes)
    here = {row[1:] for row in shown.values() if row[0] == "in_hospital"}
    expected = spells_shown(facts)
    assert here == ({("p", len(expected))} if expected else set())
    network = Network()
    network.take(facts)
    network.settle()
    offline_rows = {
        (site, thing): standing(claims)
        for site, things in claims_of(network.states.values(), CONFIG).items()
        for thing, claims in things.items()
    }
    live_rows = {
        ("p", thing): row
        for thing, claims in fold.state("p").rows.items()
        if (row := standing(claims)) is not None
    }
    assert live_rows == offline_rows


def test_a_merge_and_an_unmerge_move_a_spell_and_never_double_it():
    facts = [
        fact("a", "SpellAdmitted", "x", 1, local="x", thing="v1"),
        fact("b", "SpellAdmitted", "y", 1, local="y", thing="v2"),
        fact("l", "PersonsLinked", "x", 2, local="x", target_key="y", basis="merge"),
        fact("u", "PersonsLinked", "x", 3, local="x", target_key=None, basis="unlink"),
    ]
    for upto in (2, 3, 4):
        log = run(facts[:upto], random.Random(upto), False)
        shown, _ = counted_live(log, upto, False)
        assert ("in_hospital", "p", 2) in shown.values()


def test_nothing_is_counted_before_the_log_was_read_and_what_was_counted_stays():
    log = run([fact("a", "SpellAdmitted", "x", 1, local="x", thing="v1")], random.Random(0), False)
    record = Record(b"p", log.sent[INTERNAL_PLACE][0].value, (), 0, 0, 0)
    fold = PlaceFold(CoreConfig())
    fold.fold(INTERNAL_PLACE, [record])
    first = fold.cut(0)
    assert first.outputs == []
    second = fold.cut(NOW)
    assert b"in_hospital|p" in {output.key for output in second.outputs}
    again = PlaceFold(CoreConfig())
    again.restore([*first.changelog, *second.changelog])
    again.restored()
    assert again.cut(0).outputs == []
    assert again.cut(NOW + 1_000_000).outputs == []
    quarter = again.cut(NOW + 900_000_000).outputs
    assert len(quarter) == len(second.outputs)  # said again each quarter of an hour, as at then


def test_what_is_called_off_is_taken_back_and_counts_no_more():
    facts = [
        fact("a", "SpellAdmitted", "x", 1, local="x", thing="v1"),
        fact("b", "SpellAdmitted", "y", 1, local="y", thing="v2"),
        fact("c", "SpellAdmissionCancelled", "x", 2, local="x", thing="v1"),
    ]
    for upto, expected in ((2, 2), (3, 1)):
        log = run(facts[:upto], random.Random(upto), False)
        shown, _ = counted_live(log, upto, False)
        assert ("in_hospital", "p", expected) in shown.values()


def test_the_newest_link_into_a_key_is_how_new_its_claims_are():
    facts = [
        fact("a", "SpellAdmitted", "x", 1, local="x", thing="v1"),
        fact("b", "SpellAdmitted", "y", 1, local="y", thing="v2"),
        fact("l", "PersonsLinked", "x", 5, local="x", target_key="y", basis="merge"),
        fact("u", "PersonsLinked", "x", 7, local="x", target_key=None, basis="unlink"),
    ]

    def linked(upto):
        network = Network()
        network.take(facts[:upto])
        network.settle()
        return [linked_at(network.states[key]) for key in ("x", "y")]

    assert linked(2) == [0, 0]
    assert linked(3) == [MOVING, 5]
    assert linked(4)[0] == 7
