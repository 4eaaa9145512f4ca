"""Topics as the catalogue wants them: compared with the cluster, then made so (`homeward topics plan|apply`).

In: wanted topics and a cluster. Out: changes, in words and applied. Partition counts are never changed: the
keys of a person would move away from their state; a wrong count is refused.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError

from runtime.errors import Misconfigured, Transient
from runtime.kafka.security import client_options
from runtime.settings import Settings
from schemas.catalogue import BY_ID, Topic, raw_topic

TIMEOUTS = {"request_timeout_ms": 20_000, "bootstrap_timeout_ms": 10_000}
_REPLICATION_SAFE = 3


@dataclass(frozen=True)
class Wanted:
    """One topic as it should be on the cluster."""

    name: str
    partitions: int
    replication: int
    configs: Mapping[str, str] = field(default_factory=dict)
    producers: tuple[str, ...] = ()
    consumers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """What differs. `refused` is never applied: it needs a person."""

    action: Literal["create", "configure", "refused"]
    topic: str
    detail: str
    wanted: Wanted


def wanted_topics(partners: Sequence[str], settings: Settings) -> list[Wanted]:
    """Every topic of the catalogue, a pattern once for each partner instance, in name order."""
    found = []
    for topic in BY_ID.values():
        names = [raw_topic(partner) for partner in partners] if topic.pattern else [topic.name]
        found += [_wanted(topic, name, settings) for name in names]
    return sorted(found, key=lambda wanted: wanted.name)


def _wanted(topic: Topic, name: str, settings: Settings) -> Wanted:
    partitions = settings.partitions if settings.partitions and topic.copartitioned else topic.partitions
    configs = topic.settings()
    if settings.replication >= _REPLICATION_SAFE:
        configs["min.insync.replicas"] = "2"
    return Wanted(name, partitions, settings.replication, configs, topic.producers, topic.consumers)


class Cluster:
    """The cluster's side of topics. Use `cluster(…)`, which connects and lets go."""

    def __init__(self, client: KafkaAdminClient) -> None:
        self.client = client

    def names(self) -> set[str]:
        """The topics that are there."""
        with _mapped():
            return set(self.client.list_topics())

    def id(self) -> str:
        """The cluster's id: local state belongs to one."""
        with _mapped():
            return str(self.client.describe_cluster()["cluster_id"])

    def partitions(self, names: Sequence[str]) -> dict[str, int]:
        """Partition counts of those of the topics that are there."""
        there = sorted(self.names().intersection(names))
        if not there:
            return {}
        with _mapped():
            return {t["name"]: len(t["partitions"]) for t in self.client.describe_topics(there)}

    def plan(self, wanted: Sequence[Wanted]) -> list[Change]:
        """What `apply` would do, in the order of `wanted`; empty when nothing differs."""
        counts = self.partitions([w.name for w in wanted])
        configs = self._configs(list(counts))
        changes = [self._difference(w, counts.get(w.name), configs.get(w.name, {})) for w in wanted]
        return [change for change in changes if change]

    def apply(self, changes: Sequence[Change]) -> None:
        """Make the changes. Raises Misconfigured when one is refused, before anything is changed."""
        refused = [change for change in changes if change.action == "refused"]
        if refused:
            raise Misconfigured("; ".join(f"{c.topic}: {c.detail}" for c in refused))
        new = [c.wanted for c in changes if c.action == "create"]
        with _mapped():
            if new:
                self.client.create_topics({w.name: _creation(w) for w in new}, wait_for_metadata=True)
            for change in changes:
                if change.action == "configure":
                    resource = ConfigResource(
                        ConfigResourceType.TOPIC, change.topic, dict(change.wanted.configs)
                    )
                    self.client.alter_configs([resource])

    def check_partitions(self, names: Sequence[str], count: int) -> None:
        """Refuse a start on topics of another partition count. Raises Misconfigured naming them."""
        found = self.partitions(names)
        wrong = [f"{n} has {found.get(n, 0)}" for n in names if found.get(n, 0) != count]
        if wrong:
            raise Misconfigured(f"person topics must have {count} partitions: {', '.join(wrong)}")

    def _difference(self, want: Wanted, count: int | None, configs: Mapping[str, str]) -> Change | None:
        if count is None:
            said = ", ".join(f"{name}={value}" for name, value in sorted(want.configs.items()))
            detail = f"{want.partitions} partitions, replication {want.replication}, {said}"
            return Change("create", want.name, detail, want)
        if count != want.partitions:
            return Change("refused", want.name, f"has {count} partitions, not {want.partitions}", want)
        differing = {n: v for n, v in want.configs.items() if n in configs and configs[n] != v}
        if differing:
            said = ", ".join(f"{n}: {configs[n]} -> {v}" for n, v in sorted(differing.items()))
            return Change("configure", want.name, said, want)
        return None

    def _configs(self, names: Sequence[str]) -> dict[str, dict[str, str]]:
        """Settings by topic. A broker that does not give defaults gives fewer: those are not compared."""
        if not names:
            return {}
        asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        with _mapped():
            found = self.client.describe_configs(asked, config_filter="all").get("topic", {})
        return {topic: {n: str(c["value"]) for n, c in given.items()} for topic, given in found.items()}


@contextlib.contextmanager
def cluster(bootstrap: str, settings: Settings | None = None) -> Iterator[Cluster]:
    """A connected `Cluster` for the length of a block. Raises Transient when nobody answers."""
    options: dict[str, Any] = client_options(settings) if settings else {}
    with _mapped():
        client = KafkaAdminClient(bootstrap_servers=bootstrap, **TIMEOUTS, **options)
    try:
        yield Cluster(client)
    finally:
        client.close()


def _creation(want: Wanted) -> dict[str, Any]:
    return {
        "num_partitions": want.partitions,
        "replication_factor": want.replication,
        "configs": dict(want.configs),
    }


@contextlib.contextmanager
def _mapped() -> Iterator[None]:
    """kafka-python's errors, mapped once."""
    try:
        yield
    except KafkaError as exc:
        raise Transient(f"cluster administration: {type(exc).__name__}") from None
