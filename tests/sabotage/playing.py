"""A town played offline, in one process: its sends through the live pipelines in the order of their times,
the desk's decisions from the ledger, notices delivered and acknowledged, and at the end what everybody sees.

In: a town. Out: `Played`: lines, counts by partner, notices that went out, feeds; the judge compares it with
the ledger.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from cli.demo.judge import HOSPITAL, Shown, index
from cli.replay.intake import Intake, Taken
from cli.replay.sources import Sourced
from connectors.message import RawMessage
from runtime.freshness import feed_rows
from runtime.place import Place, load_place
from runtime.pseudonym import KeyRing
from schemas.catalogue import ce_type
from simulator.ledger import Send
from simulator.story import PLAY_END, PLAY_START
from simulator.town import Town
from streams.agents.config import core_config
from streams.core.state.network import Network
from streams.core.transfer.told import Notice
from streams.core.views.view import look

BEFORE, FOUR_TOLD, END = PLAY_START - timedelta(minutes=2), PLAY_START + timedelta(minutes=40), PLAY_END
SILENT_ABOUT_RETRACTIONS = "lbb"
"""The council's desk has gone home: it does not acknowledge what is to be un-told."""


def micros(at: datetime) -> int:
    """µs of a naive UTC time."""
    return int(at.replace(tzinfo=UTC).timestamp() * 1_000_000)


def text(at: datetime) -> str:
    """The time as partners of ours write it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Played:
    """What a place shows after a play."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    counted: dict[str, dict[str, int]] = field(default_factory=dict)
    inbox: list[dict[str, Any]] = field(default_factory=list)
    feeds: dict[str, str] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    """How many different facts of each kind the hospital's messages became."""

    def view(self, name: str) -> list[dict[str, Any]]:
        """Lines of one view."""
        return [line for line in self.lines if line["view"] == name]

    def shown(self) -> Shown:
        """As the judge reads them."""
        return index(self.view("spell"), self.view("transfer"))


class Play:
    """One play of a town."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.place: Place = load_place("bromley")
        self.config = core_config(self.place)
        self.network = Network()
        self.played = Played()

    def run(self) -> Played:
        """Everything, in the order of the day."""
        facts = self._taken(self.town.sends)
        for until, then in ((BEFORE, self._before), (FOUR_TOLD, self._told), (END, self._untold)):
            now = micros(until)
            self.network.take(fact for fact in facts if fact.received_at <= now)
            self.network.settle()
            facts = [fact for fact in facts if fact.received_at > now]
            then()
        self.network.take(facts)
        self.network.settle()
        self.played.lines = self._lines()
        return self.played

    def _taken(self, sends: Sequence[Send]) -> list[Any]:
        """The facts of all sends, partner by partner; counts and feeds beside them."""
        heard: dict[str, int] = {}
        found = []
        for partner in sorted({send.partner for send in sends}):
            mine = [send for send in sends if send.partner == partner]
            # A file has its as_at in its name, and may read as the one before it did.
            received = {send.sha256: micros(send.at) for send in reversed(mine) if send.wire != "file"}
            taken = Intake(self.place, KeyRing.offline(), received).take(_sourced(mine))
            self.played.counted[partner] = dict(_counted(taken))
            heard.update(taken.heard)
            facts = [fact for _, facts in taken.facts for fact in facts]
            if partner == HOSPITAL:
                different = {(fact.kind, fact.thing, fact.occurred_at) for fact in facts}
                self.played.kinds.update(Counter(kind for kind, *_ in different))
            found += facts
        silence = {name: partner.silence_minutes for name, partner in self.place.partners.items()}
        feeds = feed_rows(heard, silence, micros(END))
        self.played.feeds = {str(feed["partner"]): str(feed["state"]) for feed in feeds}
        return found

    def _before(self) -> None:
        self._decide("before", BEFORE)

    def _told(self) -> None:
        self._decide("14:20", FOUR_TOLD)
        self._deliver(FOUR_TOLD)

    def _untold(self) -> None:
        self._deliver(END)

    def _lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for view in self.network.views(self.config) for line in view.lines]

    def _decide(self, when: str, at: datetime) -> None:
        """The desk looks both records up, as it would on the board, and answers from the truth."""
        transfers = [line for line in self._lines() if line["view"] == "transfer"]
        of_visit = index([line for line in self._lines() if line["view"] == "spell"], ()).visit_person
        of_support = {offer["ref"]: line["person_key"] for line in transfers for offer in line["support"]}
        rows = [row for row in self.town.ledger.decisions if row["at"] == when]
        known = [row for row in rows if row["support"] in of_support and row["visit"] in of_visit]
        self._say(
            _event("MatchDecided", f"{row['support']}-{row['visit']}", at, {
                "person_key": of_support[row["support"]], "other_key": of_visit[row["visit"]],
                "survivor_key": of_visit[row["visit"]], "decision": row["decision"], "decided_by": "hub-desk",
            })
            for row in known if of_support[row["support"]] != of_visit[row["visit"]]
        )  # fmt: skip

    def _deliver(self, at: datetime) -> None:
        """Every notice owed goes out and is acknowledged, but for one recipient's retractions."""
        owed = [
            (key, due.notice)
            for key, state in self.network.states.items()
            for due in look(state, self.config).owed
        ]
        self.played.inbox += [msgspec.structs.asdict(notice) for _, notice in owed]
        self._say(_notice("NoticeSent", key, notice, at) for key, notice in owed)
        self._say(
            _notice("NoticeAcknowledged", key, notice, at)
            for key, notice in owed
            if not (notice.retracts and notice.recipient == SILENT_ABOUT_RETRACTIONS)
        )

    def _say(self, events: Iterable[bytes]) -> None:
        messages = [Sourced(RawMessage("homeward", body, 0), "", 0) for body in events]
        taken = Intake(self.place, KeyRing.offline(), {}).take(messages)
        assert not taken.refused
        for _, facts in taken.facts:
            self.network.take(facts)
        self.network.settle()


def _counted(taken: Taken) -> Counter[str]:
    """Messages and rows by what became of them, as the ledger writes it."""
    counted = Counter(f"quarantined:{refused.reason}" for refused in taken.refused)
    for (kind, cause), number in taken.units.items():
        if kind != "quarantined":
            counted[f"{kind}:{cause}" if cause else kind] += number
    return counted


def _sourced(sends: Sequence[Send]) -> list[Sourced]:
    """As they come off their wires: only HTTP names a message outside its bytes."""
    return [
        Sourced(RawMessage(s.partner, s.body, 0, s.name, s.message_id if s.wire == "http" else ""), s.name, 0)
        for s in sends
    ]


def _event(kind: str, name: str, at: datetime, data: Mapping[str, Any]) -> bytes:
    event = {
        "specversion": "1.0", "id": f"{kind}-{name}", "source": "/hub/desk", "type": ce_type(kind),
        "time": text(at), "data": {**data, "occurred_at": text(at)},
    }  # fmt: skip
    return json.dumps(event).encode()


def _notice(kind: str, key: str, notice: Notice, at: datetime) -> bytes:
    said = {
        "person_key": key, "thing": notice.notice_id, "recipient": notice.recipient,
        "fact": notice.fact, "about": notice.about, "fact_id": notice.fact_id, "how": "webhook",
    }  # fmt: skip
    return _event(
        kind, notice.notice_id, at, said | ({"retracts": notice.retracts} if notice.retracts else {})
    )
