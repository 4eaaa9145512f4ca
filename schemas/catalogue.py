"""The catalogue of topics and event names, read from `topics.toml`; the only place a topic name is spelt.

In: the committed file. Out: `Topic` values and look-ups by record name (`SpellAdmitted`).
Never talks to a broker.
"""
from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from schemas.errors import ContractViolation
from schemas.reasons import Reason

HERE: Final = Path(__file__).resolve().parent
AVRO: Final = HERE / "avro"
EXAMPLES: Final = HERE / "examples"

MIB: Final = 1 << 20

DataClass = Literal["identifiable", "pseudonymised", "aggregate", "public"]


class Topic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One topic, or one pattern of topics, as governed by the contract (design.md §3 "topics.toml")."""

    name: str
    """`toc.<sector or view>.<noun>.v<major>`; a pattern holds `<partner>`."""
    key: str
    """What the Kafka key is, in words."""
    cleanup: Literal["delete", "compact"]
    partitions: int
    data_class: DataClass
    owner: str
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    purpose: str
    copartitioned: bool
    """Shares the one partition count of the person topics."""
    retention_days: int | None = None
    delete_retention_hours: int | None = None
    min_compaction_lag_hours: int | None = None
    max_message_mib: int | None = None
    """The largest record; None: the broker's default, about 1 MiB."""
    segment_hours: int | None = None
    """Compaction leaves the newest segment alone: short ones where much is written of few keys."""
    folded: bool = False
    """Read by the worker as a source of facts."""
    pattern: bool = False
    internal: bool = False
    types: dict[str, str] = {}
    """Avro record name -> CloudEvents type."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Record names that may stand on the topic."""
        return tuple(self.types)

    def settings(self) -> dict[str, str]:
        """Give the broker settings `homeward topics apply` sets (design.md §3 retention rules)."""
        out: dict[str, str] = {"cleanup.policy": self.cleanup}
        if self.retention_days is not None:
            out["retention.ms"] = str(self.retention_days * 86_400_000)
        if self.delete_retention_hours is not None:
            out["delete.retention.ms"] = str(self.delete_retention_hours * 3_600_000)
        if self.min_compaction_lag_hours is not None:
            out["min.compaction.lag.ms"] = str(self.min_compaction_lag_hours * 3_600_000)
        if self.max_message_mib is not None:
            out["max.message.bytes"] = str(self.max_message_mib * MIB)
        if self.segment_hours is not None:
            out["segment.ms"] = str(self.segment_hours * 3_600_000)
        return out


def read_topics(text: str) -> dict[str, Topic]:
    """Read a catalogue from TOML text: short id (`hospital-spell`) -> Topic."""
    blocks: dict[str, Any] = tomllib.loads(text)["topics"]
    return {short: msgspec.convert(block, Topic) for short, block in blocks.items()}


_TEXT: Final = (HERE / "topics.toml").read_text(encoding="utf-8")
_FILE: Final[dict[str, Any]] = tomllib.loads(_TEXT)

BY_ID: Final = read_topics(_TEXT)
"""Topics by the short id of their block."""
TOPICS: Final = {topic.name: topic for topic in BY_ID.values()}
"""Topics by name; the raw pattern is listed under its pattern name."""
PARTITIONS: Final[dict[str, int]] = _FILE["partitions"]
"""The one partition count of co-partitioned topics: `demo`, `production`."""
CHANGELOG: Final[dict[str, Any]] = _FILE["changelog"]
"""Settings of the engine's changelogs."""

PERSON_TOPICS: Final = tuple(topic.name for topic in BY_ID.values() if topic.folded)
"""Topics the worker folds, co-partitioned, keyed by person key."""
COPARTITIONED: Final = tuple(topic.name for topic in BY_ID.values() if topic.copartitioned)

HOSPITAL_SPELL: Final = BY_ID["hospital-spell"].name
IDENTITY_LINK: Final = BY_ID["identity-link"].name
IDENTITY_PERSON: Final = BY_ID["identity-person"].name
MATCH: Final = BY_ID["match"].name
HUB_WORKLIST: Final = BY_ID["hub-worklist"].name
TASK: Final = BY_ID["task"].name
CARE_PACKAGE: Final = BY_ID["council-care-package"].name
SUPPORT: Final = BY_ID["voluntary-support"].name
NOTICE: Final = BY_ID["notice"].name
NOTICE_OWED: Final = BY_ID["notice-owed"].name
ALERT: Final = BY_ID["alert"].name
ALERT_COMMAND: Final = BY_ID["alert-command"].name
CAPACITY: Final = BY_ID["capacity"].name
ACTION: Final = BY_ID["action"].name
FEED: Final = BY_ID["feed"].name
VIEW_TRANSFER: Final = BY_ID["view-transfer"].name
VIEW_ALERT: Final = BY_ID["view-alert"].name
VIEW_PROGRESS: Final = BY_ID["view-progress"].name
VIEW_ACTION: Final = BY_ID["view-action"].name
QUARANTINE: Final = BY_ID["quarantine"].name
RAW_PATTERN: Final = BY_ID["raw"].name
FORWARD: Final = BY_ID["internal-forward"].name
INTERNAL_PLACE: Final = BY_ID["internal-place"].name
INTERNAL_WATCH: Final = BY_ID["internal-watch"].name
VIEW_PRESSURE: Final = BY_ID["view-pressure"].name
PLACE_TOPICS: Final = (CAPACITY, INTERNAL_PLACE, ACTION, ALERT_COMMAND)
"""Topics the worker group of places folds, co-partitioned, keyed by site, provider or care home."""
WATCH_TOPICS: Final = (FEED, QUARANTINE, INTERNAL_WATCH, VIEW_TRANSFER, ALERT_COMMAND)
"""Topics the worker group that watches folds, co-partitioned."""

_TOPIC_BY_KIND: Final = {kind: topic.name for topic in BY_ID.values() for kind in topic.types}
_TYPE_BY_KIND: Final = {kind: name for topic in BY_ID.values() for kind, name in topic.types.items()}
_KIND_BY_TYPE: Final = {name: kind for kind, name in _TYPE_BY_KIND.items()}

KINDS: Final = tuple(_TOPIC_BY_KIND)
"""Every record name of the contract."""


def topic_of(kind: str) -> str:
    """Give the topic of a record name (`RawKept`: the pattern). Raises UNKNOWN_EVENT_TYPE."""
    try:
        return _TOPIC_BY_KIND[kind]
    except KeyError:
        raise ContractViolation(Reason.UNKNOWN_EVENT_TYPE) from None


def ce_type(kind: str) -> str:
    """Give the CloudEvents type of a record name: `SpellAdmitted` -> `toc.spell.admitted.v1`."""
    try:
        return _TYPE_BY_KIND[kind]
    except KeyError:
        raise ContractViolation(Reason.UNKNOWN_EVENT_TYPE) from None


def kind_of(type_name: str) -> str:
    """Give the record name of a CloudEvents type, the reverse of `ce_type`."""
    try:
        return _KIND_BY_TYPE[type_name]
    except KeyError:
        raise ContractViolation(Reason.UNKNOWN_EVENT_TYPE, "/type") from None


RECORD_BYTES_MAX: Final = max(topic.max_message_mib or 1 for topic in BY_ID.values()) * MIB
"""The largest record of any topic: what producers and readers must be able to carry."""
PARTNER_BYTES_MAX: Final = RECORD_BYTES_MAX - MIB
"""The largest message a partner may be allowed to send; the rest of a record is its envelope's."""


def record_bytes(topic: str) -> int:
    """Give the largest record of a topic."""
    raw = topic.startswith(RAW_PATTERN.partition("<")[0])
    known = BY_ID["raw"] if raw else TOPICS.get(topic)
    return (known.max_message_mib or 1 if known else 1) * MIB


def raw_topic(partner: str) -> str:
    """Give the raw archive topic of one partner instance."""
    return RAW_PATTERN.replace("<partner>", partner)
