"""What a running place holds after a play, gathered from its topics and its public API as any outsider could.

In: a bootstrap address. Out: `Evidence`: raw digests, digests behind events, keys on the view topic, and
every byte that was ever published.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from runtime.brokers.traits import BrokerTraits
from runtime.kafka.admin import cluster
from runtime.kafka.reader import Message, Reader
from schemas.catalogue import NOTICE_OWED, PERSON_TOPICS, QUARANTINE, VIEW_ACTION, VIEW_TRANSFER, raw_topic
from schemas.codec import decode


@dataclass
class Evidence:
    """Digests are SHA-256 of raw messages, in hex."""

    archived: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Partner -> digests in its raw archive."""
    event_keys: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Digest -> person keys its events were published under."""
    quarantined: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Digest -> reasons."""
    viewed: set[str] = field(default_factory=set)
    """Keys that have a view, a stub or a forward behind them."""
    notices: dict[str, dict[str, Any]] = field(default_factory=dict)
    actions: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Id -> an action of the log as it stands."""
    events_by_topic: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    words_found: dict[str, str] = field(default_factory=dict)
    """Word that must be nowhere -> topic it was found on."""

    def take(self, message: Message, words: Sequence[bytes]) -> None:
        """Take one record of any topic."""
        for word in words:
            if word in (message.value or b"") or word in (message.key or b""):
                self.words_found.setdefault(word.decode(), message.topic)
        if message.value is None:
            return
        if message.topic == VIEW_TRANSFER:
            self.viewed.add((message.key or b"").decode())
        elif message.topic == VIEW_ACTION:
            record = decode(message.value)[1]
            self.actions[record["action_id"]] = record
        elif message.topic == QUARANTINE:
            record = decode(message.value)[1]
            self.quarantined[record["sha256"]].add(record["reason"])
        elif message.topic.startswith(raw_topic("")[: -len(".v1")]):
            self.archived[decode(message.value)[1]["partner"]].add((message.key or b"").decode())
        elif message.topic == NOTICE_OWED:
            record = decode(message.value)[1]
            self.notices[record["thing"]] = record
        elif message.topic in PERSON_TOPICS:
            self._event(message)

    def _event(self, message: Message) -> None:
        self.events_by_topic[message.topic] += 1
        digest = next((v.decode() for k, v in message.headers if k == "correlationid"), "")
        self.event_keys[digest].add((message.key or b"").decode())


async def gather(bootstrap: str, traits: BrokerTraits, words: Sequence[str]) -> Evidence:
    """Read every topic there is to its end, changelogs and forwards too."""
    evidence, wanted = Evidence(), [w.encode() for w in words]
    with cluster(bootstrap) as found:
        topics = sorted(name for name in found.names() if not name.startswith("__"))
    async with Reader(bootstrap, topics, traits) as reader:
        async for batch in reader.to_end():
            for message in batch:
                evidence.take(message, wanted)
    return evidence
