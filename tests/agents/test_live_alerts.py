"""Alerts as the fold publishes them: the same whatever the order, the cuts and the restarts, and the same as
a replay works out of the facts alone (design.md §6 Time, §4 laws 1 and 2).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.catalogue import ALERT, FORWARD, VIEW_ALERT, topic_of
from schemas.codec import decode, encode, record_from_fact
from schemas.fact import Fact
from schemas.released import specific_fields
from streams.agents.person import PersonFold
from streams.core.alerts import judging
from streams.core.alerts.judging import judged_anew
from streams.core.alerts.sweep import alert_line
from streams.core.state.network import Network
from streams.engine.types import Flush, Record
from streams.rules.catalogue import RULES
from tests.core.laws.histories import START
from tests.core.laws.test_laws_alerts import late_stories, later, stories
from tests.core.story import HOUR, at
from tests.core.story import fact as story_fact
from tests.rules.test_rules import CONFIG, history, table

END = START + 60 * 24 * HOUR
"""After everything a story says."""
Views = dict[bytes, dict[str, Any]]


def record(fact: Fact) -> Record:
    return Record(fact.key.encode(), encode(fact.kind, record_from_fact(fact)), (), 0, 0, 0)


def spoken(fact: Fact) -> Fact:
    """A fact with the fields its kind has on the wire: histories give some more."""
    names = specific_fields(fact.kind)
    return msgspec.structs.replace(fact, body={n: v for n, v in fact.body.items() if n in names})


class Worker:
    """One partition, its changelog as compaction leaves it, and what it published."""

    def __init__(self, decoded: int = 2) -> None:
        self.decoded, self.log = decoded, dict[bytes, bytes]()
        self.views: Views = {}
        self.steps: list[tuple[str, dict[str, Any]]] = []
        self.restart()

    def restart(self) -> None:
        self.fold = PersonFold(CONFIG, decoded=self.decoded)
        self.fold.restore(list(self.log.items()))
        self.fold.restored()

    def take(self, facts: Iterable[Fact]) -> None:
        for fact in facts:
            self.fold.fold(topic_of(fact.kind), [record(fact)])

    def cut(self, now: int) -> None:
        """Cut until keys have nothing more to say to each other."""
        while said := self.keep(self.fold.cut(now)):
            self.fold.fold(FORWARD, said)

    def keep(self, flush: Flush) -> list[Record]:
        for name, value in flush.changelog:
            if value is None:
                self.log.pop(name, None)
            else:
                self.log[name] = value
        return self.publish(flush.outputs)

    def publish(self, outputs: Sequence[Any]) -> list[Record]:
        for output in outputs:
            if output.topic == VIEW_ALERT:
                self.views.pop(output.key, None)
                if output.value is not None:
                    self.views[output.key] = decode(output.value)[1]
            elif output.topic == ALERT:
                self.steps.append(decode(output.value))
        return [Record(o.key, o.value, (), 0, 0, 0) for o in outputs if o.topic == FORWARD]

    def lines(self) -> list[str]:
        return sorted(view["line"] for view in self.views.values())


def replayed(facts: Iterable[Fact], now: int) -> list[str]:
    """The lines a replay gives."""
    network = Network()
    network.take(list(facts))
    network.settle()
    alive = [view.person_key for view in network.views(CONFIG) if view.status == "alive"]
    rows = [row for key in alive for row, _ in judged_anew(network.states[key], RULES, CONFIG, now)]
    return sorted(alert_line(row.alert, row.life.state).decode() for row in rows)


def played(facts: Sequence[Fact], chance: random.Random, now: int) -> Worker:
    """Fold the facts in any order, cutting now and then at moments before all of them is heard, with
    restarts between; the last cuts are at `now`.
    """
    worker = Worker(chance.choice((0, 1, 50)))
    shuffled = list(facts)
    chance.shuffle(shuffled)
    while shuffled:
        count = chance.randint(1, 6)
        some, shuffled = shuffled[:count], shuffled[count:]
        worker.take(some)
        if chance.random() < 0.7:
            unread = min((fact.received_at for fact in shuffled), default=now + 1)
            worker.cut(chance.choice((0, unread - 1, unread - 1, now)))
        if chance.random() < 0.2:
            worker.cut(0)
            worker.restart()
    for _ in range(3):
        worker.cut(now)
    return worker


@settings(max_examples=120, deadline=None)
@given(stories, later, st.randoms(use_true_random=False))
def test_live_alerts_are_those_of_a_replay_whatever_the_way(
    facts: list[Fact], now: int, chance: random.Random
) -> None:
    facts = [spoken(fact) for fact in facts]
    now = max(now, *(fact.received_at for fact in facts)) if facts else now
    assert played(facts, chance, now).lines() == replayed(facts, now)


@settings(max_examples=60, deadline=None)
@given(late_stories(), st.randoms(use_true_random=False))
def test_a_replay_of_the_same_facts_sends_nothing_new(facts: list[Fact], chance: random.Random) -> None:
    facts = [spoken(fact) for fact in facts]
    worker = played(facts, chance, END)
    before = len(worker.steps), dict(worker.views)
    worker.restart()
    worker.take(facts)
    worker.cut(END)
    assert (len(worker.steps), worker.views) == before
    ids = Counter(step["event_id"] for _, step in worker.steps)
    assert not [one for one, times in ids.items() if times > 1]


READY = history(table("ready_not_referred")[0]["facts"])
"""Due on the 10th at 14:00."""


def steps_of(worker: Worker) -> list[tuple[str, int]]:
    return [(kind, step["recorded_at"]) for kind, step in worker.steps]


def said(verb: str, when: str, ident: str, **fields: Any) -> Fact:
    """Somebody's word on an alert."""
    return story_fact("AlertCommanded", when, partner="homeward", thing=ident, verb=verb, **fields)


def test_a_deadline_that_passed_while_all_was_down_is_raised_once_with_its_true_time() -> None:
    worker = Worker()
    worker.take(READY)
    worker.cut(at("10 13:59"))
    assert worker.views == {}
    worker.restart()
    worker.cut(0)  # not all of the log is read yet
    assert worker.views == {}
    for now in ("10 18:00", "10 18:01", "11 09:00"):
        worker.cut(at(now))
    (view,) = worker.views.values()
    assert (view["due_at"], view["raised_at"]) == (at("10 14:00"), at("10 14:00"))
    assert steps_of(worker) == [("AlertRaised", at("10 14:00")), ("AlertEscalated", at("10 14:30"))]
    assert (view["desks"], view["severity"], view["spell_id"]) == (["ward", "hub"], "normal", view["thing"])


def test_a_person_is_looked_at_again_only_when_something_falls_due() -> None:
    worker = Worker()
    worker.take(READY)
    worker.cut(at("10 13:00"))
    assert worker.fold.cut(at("10 13:30")) == Flush([], [])
    assert worker.fold.cut(at("10 14:01")).outputs != [], "late"
    assert worker.fold.cut(at("10 14:29")) == Flush([], [])
    assert worker.fold.cut(at("10 14:31")).outputs != [], "escalated"
    assert worker.fold.cut(at("20 14:01")) == Flush([], [])


def test_a_long_history_is_swept_in_parts_and_nothing_is_said_before_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(judging, "WORK", 4)
    owners = [
        story_fact("OwnerSet", f"10 {hour}:00", partner="hub-list", owner="hub") for hour in range(11, 18)
    ]
    facts = [*READY, *owners]
    worker, said_at = Worker(), list[int]()
    worker.take(facts)
    for number in range(12):
        worker.cut(at("10 19:00"))
        said_at += [number] * bool(worker.views)
    assert said_at[0] > 3
    assert worker.lines() == replayed(facts, at("10 19:00"))


def test_who_is_to_be_rung_stands_on_an_alert_that_nobody_answers() -> None:
    worker = Worker()
    worker.take(READY)
    worker.cut(at("10 15:00"))
    (view,) = worker.views.values()
    assert (view["state"], view["escalated_at"]) == ("escalated", at("10 14:30"))
    assert (view["contact"], view["phone"]) == ("transfer of care duty lead", "020 7946 0101")
    assert '"state":"open"' in view["line"], "it is open still"
    assert worker.steps[-1][1]["phone"] == "020 7946 0101"
    worker.take([said("told_by_phone", "10 15:10", view["alert_id"], actor="hub")])
    worker.cut(at("10 15:30"))
    (view,) = worker.views.values()
    assert (view["state"], view["reason"], view["phone"]) == ("acknowledged", "told_by_phone", None)
    worker.cut(at("10 23:20"))
    assert worker.steps[-1][1]["reason"] == "acknowledgement_ended", "after the hours of the desk"


def test_what_is_said_of_an_alert_shows_and_outlives_a_restart() -> None:
    worker = Worker()
    worker.take(READY)
    worker.cut(at("10 14:10"))
    (ident,) = (view["alert_id"] for view in worker.views.values())
    worker.take([said("snooze", "10 14:20", ident, actor="ward_manager", until_at=at("10 16:00"))])
    worker.cut(at("10 15:00"))
    (view,) = worker.views.values()
    assert (view["state"], view["actor"], view["until_at"]) == ("snoozed", "ward_manager", at("10 16:00"))
    assert '"state":"snoozed"' in view["line"]
    worker.restart()
    worker.cut(at("10 16:10"))
    worker.take([said("acknowledge", "10 16:20", ident, actor="hub", reason="in_hand")])
    worker.cut(at("10 17:00"))
    (view,) = worker.views.values()
    assert (view["state"], view["actor"], view["reason"]) == ("acknowledged", "hub", "in_hand")
    assert [kind for kind, _ in worker.steps] == [
        "AlertRaised", "AlertSnoozed", "AlertReopened", "AlertAcknowledged",
    ]  # fmt: skip


def test_words_heard_in_any_order_give_one_alert() -> None:
    worker = Worker()
    worker.take(READY)
    worker.cut(at("10 14:30"))
    (ident,) = (view["alert_id"] for view in worker.views.values())
    words = [
        said("acknowledge", "10 15:00", ident, actor="hub"), said("unacknowledge", "10 16:00", ident),
        said("acknowledge", "10 17:00", ident, actor="ward"),
    ]  # fmt: skip
    for seed in range(6):
        facts = [*READY, *words]
        found = played(facts, random.Random(seed), at("10 19:00"))
        (view,) = found.views.values()
        assert (view["state"], view["actor"], view["changed_at"]) == ("acknowledged", "ward", at("10 17:00"))
        assert found.lines() == replayed(facts, at("10 19:00"))


def test_a_word_before_the_alert_or_after_its_end_changes_nothing() -> None:
    worker = Worker()
    worker.take(READY)
    worker.cut(at("10 14:30"))
    (ident,) = (view["alert_id"] for view in worker.views.values())
    late = Worker()
    left = story_fact("SpellDischarged", "10 14:20")
    words = [said("acknowledge", "10 13:00", ident), said("acknowledge", "10 19:00", ident)]
    late.take([*READY, left, *words])
    late.cut(at("11 10:00"))
    (view,) = late.views.values()
    assert view["state"] == "resolved"
    assert [kind for kind, _ in late.steps] == ["AlertRaised", "AlertResolved"]


def test_an_alert_that_never_was_by_what_is_known_now_is_taken_off_and_said_so() -> None:
    """A referral that was received in time and read late: nothing was ever late."""
    worker = Worker()
    worker.take(READY)
    worker.cut(at("10 15:00"))
    assert len(worker.views) == 1
    asked = story_fact("TaskRequested", "10 12:00", partner="homeward", thing="t1", task_kind="hub trigger")
    worker.take([msgspec.structs.replace(asked, received_at=at("10 12:00"))])
    worker.cut(at("10 15:01"))
    assert [view for view in worker.views.values() if view["rule"] == "ready_not_referred"] == []
    kind, step = worker.steps[-1]
    withdrawn = [(kind, step["reason"]) for kind, step in worker.steps if kind == "AlertWithdrawn"]
    assert withdrawn == [("AlertWithdrawn", "never_was")], (kind, step)


def test_everything_promised_is_said_again_where_nobody_knows_whether_it_got_through() -> None:
    worker = Worker()
    worker.take(READY)
    worker.cut(at("10 15:00"))
    views, steps = dict(worker.views), list(worker.steps)
    worker.views.clear()
    worker.steps.clear()
    worker.restart()
    worker.publish(worker.fold.republish(list(worker.log)))
    assert (worker.views, worker.steps) == (views, steps)


def test_the_alerts_of_a_retired_key_are_its_survivors() -> None:
    number = READY[0].key
    local = [
        msgspec.structs.replace(one, key="p1:" + "L" * 26, local="p1:" + "L" * 26) for one in READY
    ]
    worker = Worker()
    worker.take(local)
    worker.cut(at("10 15:00"))
    (before,) = worker.views
    link = story_fact("PersonsLinked", "10 15:30", thing="person", source_key="p1:" + "L" * 26,
                      target_key=number, basis="number")  # fmt: skip
    worker.take([msgspec.structs.replace(link, key="p1:" + "L" * 26, local="p1:" + "L" * 26)])
    for minute in (31, 32, 33):
        worker.cut(at(f"10 15:{minute}"))
    (after,) = worker.views
    assert before.partition(b"/")[2] == after.partition(b"/")[2]
    assert after.startswith(number.encode())
    assert {step["event_id"] for kind, step in worker.steps if kind == "AlertRaised"} == {
        worker.steps[0][1]["event_id"]
    }


@pytest.mark.parametrize("broken", [True, False])
def test_who_does_not_reduce_keeps_the_alerts_that_were_promised(broken: bool) -> None:
    from streams.core.reduce import reduce_person

    def reduce(facts: Iterable[Fact], config: Any) -> Any:
        kept = list(facts)
        if broken and any(one.kind == "SpellTransferred" for one in kept):
            raise ValueError("planted")
        return reduce_person(kept, config)

    worker = Worker()
    worker.fold = PersonFold(CONFIG, reduce=reduce)
    worker.take(READY)
    worker.cut(at("10 13:00"))
    worker.take([story_fact("SpellTransferred", "10 13:10")])
    worker.cut(at("10 15:00"))
    (view,) = worker.views.values()
    assert (view["state"], view["due_at"]) == ("escalated", at("10 14:00"))
