"""Sabotage: switches thrown by the tests, never a setting. Each makes the check it names fail over a played
town, while the clean play passes in the same session (design.md §11): a check that cannot fail is no check.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import pytest

from cli.demo.judge import Check
from cli.replay.intake import Intake
from connectors import file_history, intake, sealing
from connectors.archive import Archive, SealedThrough
from connectors.envelope import RawKeys
from connectors.message import RawMessage
from connectors.outcome import outcome_of, verdict_of
from connectors.publisher import Publisher
from connectors.verdict import POSITIVE
from runtime.pseudonym import KeyRing
from simulator.town import Town
from tests.connectors.process.parts import FakeBroker, FakePipeline
from tests.sabotage.checks import checks
from tests.sabotage.playing import Play
from tests.sabotage.town import Added, small_town
from tests.scenarios.mutants import MUTANTS, Patch

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Clean:
    """The town, and what the clean program made of it."""

    town: Town
    added: Added
    checks: dict[str, Check]


@pytest.fixture(scope="module")
def clean() -> Clean:
    """Played once."""
    town, added = small_town()
    return Clean(town, added, checks(town, added, Play(town).run()))


def drop_one_in_a_hundred(patch: Patch) -> None:
    """Every hundredth message is answered and forgotten."""
    real = Intake.take

    def take(self: Intake, messages: Any, **how: Any) -> Any:
        return real(self, [one for number, one in enumerate(messages, 1) if number % 100], **how)

    patch.setattr(Intake, "take", take)


def lose_one_event_in_a_hundred(patch: Patch) -> None:
    """One event in a hundred gets lost between connector and fold, and whatever says it again with it."""
    real = sealing.Sealer.seal

    def lost(event: Any) -> bool:
        said = event.record
        return crc32(f"{event.schema} {said.get('thing')} {said.get('occurred_at')}".encode()) % 100 == 0

    def seal(self: sealing.Sealer, *said: Any) -> Any:
        return tuple(event for event in real(self, *said) if not lost(event))

    patch.setattr(sealing.Sealer, "seal", seal)


def diff_off(patch: Patch) -> None:
    """Every file is taken as the first of its partner."""

    def add(self: file_history.History, file: Any) -> Any:
        return self, tuple(file_history._changes((), file, (), False))

    patch.setattr(file_history.History, "add", add)


SWITCHES: dict[str, tuple[Callable[[Patch], None], str]] = {
    "ignore A13": (MUTANTS["A13 ignored"], "Edith is back on her ward"),
    "ignore A12": (MUTANTS["A12 ignored"], "census equals view for every bed"),
    "one-way merge": (MUTANTS["one-way merge"], "what comes under a merged number reaches the survivor"),
    "merges ignored": (MUTANTS["merge ignored"], "missed joins"),
    "absent = delete": (MUTANTS["absent = delete"], "what a message leaves out stays"),
    "EVN-2 for EVN-6": (MUTANTS["EVN-2 for EVN-6"], "people left at the minute they left"),
    "drop 1 in 100": (drop_one_in_a_hundred, "counts of pruh-adt"),
    "lose 1 event in 100": (lose_one_event_in_a_hundred, "every arrival, move and departure is a fact"),
    "join on name": (MUTANTS["join on name"], "false joins"),
    "dates of birth not compared": (MUTANTS["dates of birth not compared"], "false joins"),
    "decisions ignored": (MUTANTS["decisions ignored"], "missed joins"),
    "restriction off": (MUTANTS["restriction off"], "the restricted person is restricted"),
    "daylight saving off": (MUTANTS["daylight saving off"], "a stay that began in summer time"),
    "told-log off": (MUTANTS["told-log off"], "Edith: who still has to be told otherwise"),
    "diff off": (diff_off, "counts of hub-list"),
    "silence off": (MUTANTS["silence off"], "silent feeds are said to be silent"),
}
"""Name -> how to throw it, the check that must fail."""


def test_the_clean_town_passes_every_check(clean: Clean) -> None:
    failing = [(c.name, c.expected, c.seen) for c in clean.checks.values() if not c.ok]
    assert failing == []


@pytest.mark.parametrize("switch", SWITCHES)
def test_the_switch_makes_its_check_fail(switch: str, clean: Clean, monkeypatch: pytest.MonkeyPatch) -> None:
    throw, named = SWITCHES[switch]
    assert clean.checks[named].ok
    throw(monkeypatch)
    found = checks(clean.town, clean.added, Play(clean.town).run())
    monkeypatch.undo()
    assert not found[named].ok, f"{switch}: {named} still holds"


class Desk:
    """One partner's intake over a broker that can be taken down."""

    def __init__(self) -> None:
        self.broker = FakeBroker()
        archive = Archive("pruh-adt", RawKeys.of_ring(KeyRing.offline()), self.broker, self.broker)
        publisher = Publisher(self.broker)
        self.intake = intake.Intake(FakePipeline(), archive, publisher, SealedThrough())
        self.archive_topic = archive.topic

    async def answered_yes_but_not_kept(self) -> list[bytes]:
        """Messages the sender may forget although the archive does not hold them."""
        self.broker.down.add(self.archive_topic)
        body = b"one message"
        verdict = await self.intake.receive(RawMessage("pruh-adt", body, 1_800_000_000_000_000))
        kept = self.broker.topics.get(self.archive_topic, [])
        return [body] if verdict.answer in POSITIVE and not kept else []


def ack_before_persist(patch: Patch) -> None:
    """The answer is given before the archive has the message."""

    async def take(self: intake.Intake, raw: RawMessage) -> Any:
        return verdict_of(outcome_of(self.pipeline, raw))

    patch.setattr(intake.Intake, "_take", take)


def test_ack_before_persist_loses_a_message_that_was_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asyncio.run(Desk().answered_yes_but_not_kept()) == []
    ack_before_persist(monkeypatch)
    assert asyncio.run(Desk().answered_yes_but_not_kept()) == [b"one message"]
