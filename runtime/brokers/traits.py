"""What a broker can and cannot do: the only place in the code that tells brokers apart (design.md §8)."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class BrokerTraits:
    """Differences that matter, measured (streaming.md §7)."""

    name: str
    fenced: bool
    """Transactions work, so a flush is fenced; else changelog, outputs, then a marker."""
    trust_fetch_watermarks: bool
    """ListOffsets is wrong: take the end of a partition from the high watermark of a fetch."""
    compaction: bool
    """Compacts, retains and honours tombstones."""
    durable: bool
    """Keeps its records over a restart."""
    has_authoriser: bool = False
    """Has ACLs; where it has none `topics apply` skips them, saying so."""
    describes_configs: bool = True
    """DescribeConfigs gives defaults too."""
    cluster_id: str = ""
    """Which cluster it is; local state belongs to one."""


EMBEDDED = BrokerTraits(
    name="embedded",
    fenced=False,
    trust_fetch_watermarks=True,
    compaction=False,
    durable=False,
    describes_configs=False,
)
KAFKA = BrokerTraits(name="kafka", fenced=True, trust_fetch_watermarks=False, compaction=True, durable=True)

EMBEDDED_CLUSTERS = frozenset({"homeward-embedded", "tansu_cluster"})
"""Cluster ids of the embedded broker: ours, and the binary's own default."""


PASSING_MARK = b"homeward!"
"""The first bytes of the ids of clusters that `make kafka` and the tests start: gone when they end, data and
all.
"""


def passing(cluster_id: str) -> bool:
    """Whether a cluster is one of those: another takes its place every time, and that is no mistake."""
    return cluster_id in EMBEDDED_CLUSTERS or cluster_id.startswith(b64encode(PASSING_MARK).decode())


def traits_of(cluster_id: str, *, has_authoriser: bool) -> BrokerTraits:
    """The traits of the cluster of that id; any cluster that is not the embedded one is Kafka."""
    if cluster_id in EMBEDDED_CLUSTERS:
        return replace(EMBEDDED, cluster_id=cluster_id)
    return replace(KAFKA, has_authoriser=has_authoriser, cluster_id=cluster_id)
