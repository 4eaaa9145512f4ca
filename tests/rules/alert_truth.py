"""Plays a fortnight through the partners' wires, offline as `homeward replay` does, and holds the alerts
against what the ledger's words must raise: precision and recall of each rule, and the load of each desk.

`python -m tests.rules.alert_truth [DAYS] [SEED]` prints the table; `--json` prints it for machines.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from cli.replay.export import Asked, all_lines
from cli.replay.intake import Intake, Taken, noted
from cli.replay.sources import Sourced
from connectors.message import RawMessage
from runtime.place import Place, load_place
from runtime.pseudonym import KeyRing
from schemas import ids
from simulator.fortnight import MONDAY, Fortnight, build
from streams.rules.catalogue import RULES as WRITTEN
from tests.oracles.alert_truth_oracle import Expected, expected
from tests.oracles.alert_truth_rules import RULES


class Said(NamedTuple):
    """An alert, as a line says it."""

    rule: str
    thing: str
    due: str
    raised: str
    state: str


class Score(NamedTuple):
    """Of one rule."""

    rule: str
    expected: int
    raised: int
    right: int

    @property
    def precision(self) -> float:
        """Share of what was raised that had to be."""
        return self.right / self.raised if self.raised else 1.0

    @property
    def recall(self) -> float:
        """Share of what had to be raised that was."""
        return self.right / self.expected if self.expected else 1.0


def place() -> Place:
    """The demo's place, whose charity traces NHS numbers: what joins records is another test's affair."""
    bromley = load_place("bromley")
    charity = bromley.partners["bwell-webhook"]
    traced = charity.model_copy(
        update={"identifiers": charity.identifiers.model_copy(update={"number_trust": "traced"})}
    )
    return bromley.model_copy(update={"partners": {**bromley.partners, "bwell-webhook": traced}})


def micros(at: datetime) -> int:
    """µs of a naive UTC time."""
    return round(at.replace(tzinfo=UTC).timestamp() * 1_000_000)


def taken(play: Fortnight, at: Place) -> Taken:
    """What the wires bring, each word received when its ledger says."""
    received: dict[str, int] = {}
    for send in play.sends:
        key = noted(send.sha256, send.name)
        received[key] = min(micros(send.at), received.get(key, micros(send.at)))
    raws = [
        RawMessage(send.partner, send.body, 0, name=send.name, message_id=send.message_id)
        for send in play.sends
    ]
    return Intake(at, KeyRing.offline(), received).take(Sourced(raw, raw.name, 0) for raw in raws)


def played(play: Fortnight, end: datetime, at: Place) -> set[Said]:
    """The alerts of the fold."""
    return said_by(all_lines(taken(play, at), at, Asked(now=micros(end))))


def said_by(lines: Iterable[str]) -> set[Said]:
    """The alerts of lines; a rule the ledger does not decide is left out."""
    rows = [json.loads(line) for line in lines]
    return {
        Said(row["rule"], row["thing"], row["due_at"], row["raised_at"], row["state"])
        for row in rows if row["view"] == "alert" and row["rule"] in RULES
    }  # fmt: skip


def owed(play: Fortnight, end: datetime) -> set[Said]:
    """The alerts that the words received by then must raise."""
    words = [word for word in play.ledger.words if datetime.fromisoformat(word["received"]) <= end]
    return {
        Said(one.rule, _named(one), _text(one.due), _text(one.raised), one.state)
        for one in expected(words, RULES, end)
    }


def _named(one: Expected) -> str:
    kind, *names = one.thing
    if kind == "package":
        return ids.package_id("LBB", names[0])
    if kind == "support":
        return ids.support_id("BWELL", names[0])
    spell = ids.spell_id("RJZ-VISIT", names[0])
    return spell if kind == "stay" else ids.task_id(spell, names[1])


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def scores(raised: set[Said], wanted: set[Said]) -> list[Score]:
    """One for each rule the ledger decides."""
    return [
        Score(rule, _of(rule, wanted), _of(rule, raised), _of(rule, wanted & raised))
        for rule in sorted(RULES)
    ]


def _of(rule: str, said: Iterable[Said]) -> int:
    return sum(1 for one in said if one.rule == rule)


def load(raised: Iterable[Said], desk: str, start: datetime, days: int) -> list[int]:
    """Alerts raised for a desk in each shift of eight hours, first to last."""
    who = {rule.name for rule in WRITTEN if desk in rule.who}
    shifts: Counter[int] = Counter()
    for one in raised:
        if one.rule in who:
            since = datetime.fromisoformat(one.raised.rstrip("Z")) - start
            shifts[since // timedelta(hours=8)] += 1
    return [shifts[number] for number in range(days * 3)]


def table(days: int, seed: int) -> dict[str, Any]:
    """Play it and count."""
    end, play = MONDAY + timedelta(days=days), build(seed, MONDAY, days)
    raised, wanted = played(play, end, place()), owed(play, end)
    return {
        "days": days, "seed": seed, "messages": len(play.sends), "words": len(play.ledger.words),
        "rules": [one._asdict() | {"precision": one.precision, "recall": one.recall}
                  for one in scores(raised, wanted)],
        "load": {desk: load(raised, desk, MONDAY, days) for desk in ("hub", "ward", "council", "voluntary")},
    }  # fmt: skip


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    found = table(*(numbers + [14, 2027][len(numbers):]))
    if "--json" in sys.argv:
        print(json.dumps(found, indent=1))
    else:
        print("| Rule | Expected | Raised | Precision | Recall |\n|---|---|---|---|---|")
        for row in found["rules"]:
            print("| `{rule}` | {expected} | {raised} | {precision:.3f} | {recall:.3f} |".format(**row))
        print(found["load"])
