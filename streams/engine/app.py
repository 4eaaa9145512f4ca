"""The Faust app of an engine. Faust keeps the worker, group membership, assignor, changelog topic, recovery
order and timers.
"""

from __future__ import annotations

from typing import Any

import faust
from faust.transport.drivers import aiokafka as driver

from runtime.errors import Misconfigured
from streams.engine.consumer import BatchConsumer
from streams.engine.owner import exit_code
from streams.engine.plan import BATCH_BYTES_MAX, Plan
from streams.engine.recovery import PositionTables
from streams.engine.table import ChangelogTable

CHANGELOG_CONFIG = {
    # Compaction keeps every transaction's commit marker this long.
    "delete.retention.ms": 3_600_000,
    "segment.ms": 3_600_000,
    "min.cleanable.dirty.ratio": 0.2,
}


class IdempotentProducer(driver.Producer):  # type: ignore[misc]  # Faust has no types
    """Faust's own producer, for what is not in a flush."""

    def _settings_extra(self) -> dict[str, Any]:
        return {"acks": "all", "enable_idempotence": self.app.plan.traits.fenced}


class BatchTransport(driver.Transport):  # type: ignore[misc]  # Faust has no types
    """Faust's aiokafka transport with our consumer."""

    Consumer, Producer = BatchConsumer, IdempotentProducer


def settings(plan: Plan) -> dict[str, Any]:
    """Faust's settings for a plan. Its web server stays off: it binds every address and serves table rows."""
    given: dict[str, Any] = {
        "broker": [f"kafka://{server}" for server in plan.bootstrap.split(",")],
        "broker_session_timeout": plan.session_s,
        "broker_heartbeat_interval": plan.heartbeat_s,
        "broker_rebalance_timeout": plan.session_s * 3,
        "broker_request_timeout": max(30.0, plan.session_s),
        "broker_commit_interval": plan.commit_s,
        "broker_max_poll_records": plan.poll_records,
        # An offset out of range stops the worker, it never skips. Where nothing was ever committed the engine
        # itself seeks to the start.
        "consumer_auto_offset_reset": "none",
        "producer_max_batch_size": BATCH_BYTES_MAX,
        "producer_request_timeout": 30.0,
        "producer_acks": -1,
        "topic_partitions": plan.partitions,
        "topic_replication_factor": plan.replication,
        "topic_disable_leader": True,
        "table_standby_replicas": 0,
        "stream_wait_empty": False,
        "recovery_consistency_check": False,
        "web_enabled": False,
        "web_tables_enabled": False,
        "web_router_enabled": False,
        "web_bind": "127.0.0.1",
        "worker_redirect_stdouts": False,
        "store": "memory://",
        "datadir": str(plan.state_dir / plan.app_id),
        "key_serializer": "raw",
        "value_serializer": "raw",
        "TableManager": PositionTables,
    }
    return given | ({"broker_credentials": plan.credentials} if plan.credentials is not None else {})


class BatchApp(faust.App):  # type: ignore[misc]  # Faust has no types
    """An engine as a Faust app: `faust.Worker(BatchApp(plan))` runs it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        (plan.state_dir / plan.app_id).mkdir(parents=True, exist_ok=True)  # Faust makes no parents
        super().__init__(plan.app_id, **settings(plan))
        if self.conf.web_enabled:
            raise Misconfigured("Faust's web server must stay off")
        for source in plan.sources:
            self.topics.add(self.topic(source, key_type=bytes, value_type=bytes))
        config = CHANGELOG_CONFIG | plan.changelog_config
        self.changelog = ChangelogTable(self, name=plan.group, partitions=plan.partitions, config=config)
        self.tables.add(self.changelog)

    def _new_transport(self) -> BatchTransport:
        return BatchTransport(self.conf.broker_consumer, self)

    @property
    def ready(self) -> bool:
        """Recovered and folding: every owned partition, of which there may be none."""
        consumer = self._consumer
        if consumer is None or consumer.stopping or not self.tables.recovery.recovered:
            return False
        return all(unit.ready for unit in consumer.owner.units.values()) and not consumer._thread.in_doubt()

    @property
    def stop_reason(self) -> BaseException | None:
        """Why it gave up, if it did."""
        return self._consumer.owner.lost if self._consumer is not None else None

    async def on_stop(self) -> None:
        """Before Faust's own order, which stops the tables first and commits last."""
        if self._consumer is not None:
            owner = self._consumer.owner
            if self.crashed:
                owner.abandon(self.crash_reason)
            await self._consumer.settle()
            await owner.release()
            owner.watch_stop(exit_code(owner.lost) if owner.lost else 0)
        await super().on_stop()
