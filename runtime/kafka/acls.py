"""Access rules from the catalogue: who may write and read each topic, as `topics.toml` says (design.md §3).

Principals are `User:<role>`, roles are the producers and consumers of the catalogue. A broker without an
authoriser has none: `topics apply` says so.
"""

from __future__ import annotations

from collections.abc import Sequence

from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourceType,
)
from kafka.errors import KafkaError

from runtime.errors import Transient
from runtime.kafka.admin import Cluster, Wanted

OWN_PREFIX = "homeward-"
"""Groups, transactional ids and changelogs of the worker start so."""
WORKER = "worker"
_READ_WRITE = (ACLOperation.READ, ACLOperation.WRITE)


def rules(wanted: Sequence[Wanted]) -> list[ACL]:
    """The access rules of the topics, and what the worker and the connectors need for themselves."""
    found = []
    for want in wanted:
        for role in want.producers:
            found += [_topic(role, want.name, o) for o in (ACLOperation.WRITE, ACLOperation.DESCRIBE)]
        for role in want.consumers:
            found += [_topic(role, want.name, o) for o in (ACLOperation.READ, ACLOperation.DESCRIBE)]
    return [*dict.fromkeys(found), *_worker(), _marks()]


def apply_rules(cluster: Cluster, wanted: Sequence[Wanted]) -> int:
    """Create the rules; how many. Creating one that is there changes nothing. Raises Transient."""
    acls = rules(wanted)
    try:
        cluster.client.create_acls(acls)
    except KafkaError as exc:
        raise Transient(f"access rules: {type(exc).__name__}") from None
    return len(acls)


def _worker() -> list[ACL]:
    prefixed = ACLResourcePatternType.PREFIXED
    own = {
        ResourceType.GROUP: (ACLOperation.READ,),
        ResourceType.TRANSACTIONAL_ID: (ACLOperation.WRITE, ACLOperation.DESCRIBE),
        ResourceType.TOPIC: (*_READ_WRITE, ACLOperation.CREATE, ACLOperation.DESCRIBE),
    }
    return [
        _allow(WORKER, ResourcePattern(kind, OWN_PREFIX, prefixed), operation)
        for kind, operations in own.items()
        for operation in operations
    ]


def _marks() -> ACL:
    """Connectors keep their durable marks as committed offsets (`runtime.kafka.marks`)."""
    own = ResourcePattern(ResourceType.GROUP, OWN_PREFIX, ACLResourcePatternType.PREFIXED)
    return _allow("connectors", own, ACLOperation.READ)


def _topic(role: str, topic: str, operation: ACLOperation) -> ACL:
    return _allow(role, ResourcePattern(ResourceType.TOPIC, topic), operation)


def _allow(role: str, pattern: ResourcePattern, operation: ACLOperation) -> ACL:
    return ACL(f"User:{role}", "*", operation, ACLPermissionType.ALLOW, pattern)
