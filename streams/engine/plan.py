"""What one engine is to do: names, sizes, times. Built once by the worker from the settings; nothing here
is read from the environment.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from runtime.errors import Misconfigured
from streams.engine.progress import Tell
from streams.engine.types import FoldFactory

Checkpoint = Callable[[str, int], None]
"""Called with the step just done and the partition. Tests stop or kill the process in it; production passes
`no_checkpoint`.
"""

BATCH_BYTES_MAX = 900_000
"""Below the brokers' default message.max.bytes (1,048,588): a larger record batch is refused and would loop
the worker.
"""


class Traits(Protocol):
    """The differences between brokers that the engine must know (design.md §8; the values live in
    runtime/brokers).
    """

    @property
    def fenced(self) -> bool:
        """Transactions and producer fencing work: state and outputs go out atomically."""

    @property
    def trust_fetch_watermarks(self) -> bool:
        """ListOffsets answers too low; the end of a partition is what Fetch says."""


def no_checkpoint(_step: str, _partition: int) -> None:
    """The checkpoint of production: nothing."""


def system_us() -> int:
    """The system's wall clock, µs UTC."""
    return time.time_ns() // 1000


@dataclass(frozen=True)
class Plan:
    """One engine. Raises Misconfigured where the values cannot work."""

    app_id: str
    bootstrap: str
    sources: tuple[str, ...]
    """Co-partitioned topics, internal ones included; one fold per partition number sees them all."""
    partitions: int
    fold: FoldFactory
    traits: Traits
    state_dir: Path
    group: str = "person"
    """Topic group in transactional ids: (app, group, partition) names the one writer of a partition."""
    replication: int = 1
    session_s: float = 10.0
    commit_s: float = 1.0
    flush_pause_s: float = 0.005
    """Least time between two flushes of a partition: closer transactions of one id back off 20 ms."""
    flush_records: int = 2_000
    """Lagging, a partition is flushed after so many records: it bounds a cut, a transaction and what a
    crash costs.
    """
    flush_timeout_s: float = 30.0
    poll_records: int = 2_000
    """At most so many records folded before the loop breathes; keep it below 50 ms of work."""
    clock: Callable[[], int] = system_us
    checkpoint: Checkpoint = no_checkpoint
    tell: Tell | None = None
    """Makes the record that says how far a partition is; None: nobody is told."""
    credentials: Any = None
    """Faust broker credentials (TLS, SASL), or None."""
    changelog_config: dict[str, Any] = field(default_factory=dict)
    """Topic configuration beside cleanup.policy=compact, when the changelog is created here."""

    def __post_init__(self) -> None:
        if self.session_s < 6:
            raise Misconfigured("the session timeout is at least 6 s: brokers refuse less")
        if self.partitions < 1 or not self.sources:
            raise Misconfigured("an engine needs source topics and their partition count")

    @property
    def heartbeat_s(self) -> float:
        """Several heartbeats fit into half a session, after which ownership is in doubt."""
        return self.session_s / 8

    @property
    def settle_s(self) -> float:
        """How long revoked partitions may take to be made durable before they count as lost."""
        return self.session_s / 2

    @property
    def changelog(self) -> str:
        """The changelog topic as Faust names it."""
        return f"{self.app_id}-{self.group}-changelog"

    def transactional_id(self, partition: int) -> str:
        """The id whose start fences every earlier owner of the partition."""
        return f"{self.app_id}-{self.group}-{partition}"
