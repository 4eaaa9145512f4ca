"""What broker is at an address: asked of the broker itself, so that a setting can never be wrong about it."""

from __future__ import annotations

from kafka import KafkaAdminClient
from kafka.admin import (
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePatternFilter,
    ResourceType,
)
from kafka.errors import KafkaError, NoError

from runtime.brokers.traits import EMBEDDED_CLUSTERS, BrokerTraits, traits_of
from runtime.errors import Transient
from runtime.kafka.security import client_options
from runtime.settings import Settings

TIMEOUTS = {"request_timeout_ms": 10_000, "bootstrap_timeout_ms": 10_000}


def detect(bootstrap: str, settings: Settings | None = None) -> BrokerTraits:
    """The traits of the cluster at `bootstrap`. Raises Transient when nobody answers."""
    options = client_options(settings) if settings else {}
    try:
        admin = KafkaAdminClient(bootstrap_servers=bootstrap, **TIMEOUTS, **options)
    except KafkaError as exc:
        raise Transient(f"no broker answers at {bootstrap}: {type(exc).__name__}") from None
    try:
        cluster = str(admin.describe_cluster()["cluster_id"])
        return traits_of(cluster, has_authoriser=cluster not in EMBEDDED_CLUSTERS and _has_authoriser(admin))
    except KafkaError as exc:
        raise Transient(f"the broker at {bootstrap} does not say what it is: {type(exc).__name__}") from None
    finally:
        admin.close()


def _has_authoriser(admin: KafkaAdminClient) -> bool:
    pattern = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
    everything = ACLFilter(None, None, ACLOperation.ANY, ACLPermissionType.ANY, pattern)
    try:
        _, error = admin.describe_acls(everything)
    except KafkaError:
        return False
    return bool(error is NoError)
