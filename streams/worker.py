"""The worker process: settings and a fold factory in, a running engine out. `homeward run worker` calls
`work`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import faust
from mode import Service

from runtime.brokers.detect import detect
from runtime.brokers.traits import passing
from runtime.errors import Misconfigured
from runtime.kafka.security import client_options
from runtime.logging import get_logger
from runtime.metrics import METER, MetricName
from runtime.settings import Settings
from schemas.catalogue import CHANGELOG, FORWARD, PARTITIONS, PERSON_TOPICS, PLACE_TOPICS, WATCH_TOPICS
from streams.agents.outputs import progress_output
from streams.agents.parking import too_many
from streams.engine.app import BatchApp
from streams.engine.plan import Plan
from streams.engine.process import serve
from streams.engine.stock import StockApp
from streams.engine.types import FoldFactory
from streams.health import Health


class Group(NamedTuple):
    """Topics that are folded together, by processes of their own (docs/adr/0013)."""

    name: str
    sources: tuple[str, ...]
    tells: bool
    """Says how far the views are (design.md §6 Completeness)."""

    @property
    def app_id(self) -> str:
        """Names its consumer group, its changelog and its producers."""
        return f"homeward-{self.name}"


PERSON: Final = Group("person", (*PERSON_TOPICS, FORWARD), tells=True)
PLACE: Final = Group("place", PLACE_TOPICS, tells=False)
WATCH: Final = Group("watch", WATCH_TOPICS, tells=False)

READY_POLL_S = 0.1
AT_ONCE = 1_000
"""Records a poll: a fold takes 0.03 ms of each, and the loop, which also settles revoked partitions, waits
for it.
"""
LAGGING = 3_000
"""Records a flush while a partition lags. A person is worked out once a flush, however many of their records
came. Larger ones drain faster (8,000: 1.6 times), but keep whoever asks for the health page waiting.
"""

log = get_logger("streams.worker")


def partitions_of(settings: Settings) -> int:
    """The one partition count of all person topics."""
    return settings.partitions or PARTITIONS["demo"]


def plan_of(settings: Settings, fold: FoldFactory, group: Group = PERSON) -> Plan:
    """What the engine of a group is to do. Asks the broker what it is; Transient when nobody answers."""
    bootstrap, partitions = settings.bootstrap(), partitions_of(settings)
    traits, state_dir = detect(bootstrap, settings), settings.state / "worker"
    bind(state_dir, traits.cluster_id)
    return Plan(
        app_id=group.app_id,
        bootstrap=bootstrap,
        sources=group.sources,
        partitions=partitions,
        fold=fold,
        traits=traits,
        state_dir=state_dir,
        group=group.name,
        replication=settings.replication,
        poll_records=AT_ONCE,
        flush_records=LAGGING,
        clock=settings.wall.now,
        tell=(lambda reached: progress_output(reached, partitions)) if group.tells else None,
        credentials=credentials_of(settings),
        changelog_config=_changelog_config(settings),
    )


def bind(state_dir: Path, cluster_id: str) -> None:
    """Note whose state a folder holds. Raises Misconfigured where it is another cluster's: a worker pointed
    at the wrong one would fold a place into strangers' topics (design.md §3). Clusters of an hour are let be.
    """
    if passing(cluster_id):
        return
    note = state_dir / "cluster"
    if note.exists() and (held := note.read_text(encoding="utf-8").strip()) != cluster_id:
        raise Misconfigured(
            f"{state_dir} belongs to cluster {held}, KAFKA_BOOTSTRAP leads to {cluster_id}: set one of them "
            "right, or remove the folder (nothing in it is needed for recovery)"
        )
    state_dir.mkdir(parents=True, exist_ok=True)
    note.write_text(f"{cluster_id}\n", encoding="utf-8")


def _changelog_config(settings: Settings) -> dict[str, Any]:
    hour_ms = 3_600_000
    config = {
        "delete.retention.ms": CHANGELOG["delete_retention_hours"] * hour_ms,
        "min.compaction.lag.ms": CHANGELOG["min_compaction_lag_hours"] * hour_ms,
    }
    return config | ({"min.insync.replicas": 2} if settings.replication >= 3 else {})


def credentials_of(settings: Settings) -> Any:
    """The settings' security as Faust wants it; None for a plain connection."""
    options = client_options(settings)
    context = options.get("ssl_context")
    if "sasl_mechanism" in options:
        return faust.SASLCredentials(
            username=options["sasl_plain_username"],
            password=options["sasl_plain_password"],
            mechanism=options["sasl_mechanism"],
            ssl_context=context,
        )
    return faust.SSLCredentials(context=context) if context is not None else None


class Announce(Service):  # type: ignore[misc]  # mode has no types
    """Says once that the worker is ready, on the log, for whoever started it; keeps `toc_ready_bool`."""

    mundane_level = "debug"

    def __init__(self, ready: Callable[[], bool], port: Callable[[], int]) -> None:
        super().__init__()
        self._ready, self._port = ready, port

    @Service.task  # type: ignore[untyped-decorator]
    async def _watch(self) -> None:
        said = False
        while not self.should_stop:
            ready = self._ready()
            METER.gauge("toc_ready_bool", float(ready), process="worker")
            if ready and not said:
                said = True
                log.info("worker.ready", health_port=self._port())
            await asyncio.sleep(READY_POLL_S)


def observe(app: Any) -> None:
    """Bring the gauges up to date: persons parked by partition; keys, lag and watermark of a batch engine. A
    partition that is somebody else's, or not read up yet, has none.
    """
    folds = folds_of(app)
    consumer = app._consumer if isinstance(app, BatchApp) else None
    units = {n: unit for n, unit in consumer.owner.units.items() if unit.ready} if consumer else {}
    for number in range(app.plan.partitions):
        partition, unit = str(number), units.get(number)
        parked = len(getattr(folds[number], "parked", ())) if number in folds else None
        _show("toc_persons_parked_count", partition, parked)
        _show("toc_keys_held_count", partition, None if unit is None else unit.fold.size())
        _show("toc_lag_records_count", partition, consumer.sources.lag(unit) if consumer and unit else None)
        _show("toc_complete_to_seconds", partition, None if unit is None else unit.complete_to / 1e6)


def _show(name: MetricName, partition: str, value: float | None) -> None:
    if value is None:
        METER.forget(name, partition=partition)
    else:
        METER.gauge(name, value, partition=partition)


def folds_of(app: Any) -> dict[int, Any]:
    """The folds a worker owns now, by partition."""
    if isinstance(app, StockApp):
        return {partition: part.fold for partition, part in app.parts.items()}
    consumer = app._consumer
    return {} if consumer is None else {n: unit.fold for n, unit in consumer.owner.units.items()}


class Readiness:
    """Whether a worker may be called ready: the engine is, and no more persons are parked than an operator
    accepts. It stays up either way: a restart would park them again.
    """

    def __init__(self, app: Any, accept_parked: bool) -> None:
        self._app, self._accept = app, accept_parked
        self._parked = 0

    def __call__(self) -> bool:
        """Asked by the health page and the announcer; says it once when persons parked turn too many."""
        parked = 0 if self._accept else too_many(self._app_folds())
        if parked and not self._parked:
            log.error("worker.too_many_parked", parked=parked, accept="HOMEWARD_ACCEPT_PARKED=1")
        self._parked = parked
        return bool(self._app.ready) and not parked

    def _app_folds(self) -> list[Any]:
        return [fold for fold in folds_of(self._app).values() if hasattr(fold, "parked")]


def services_of(settings: Settings, app: Any) -> Sequence[Any]:
    """What runs beside the engine."""
    ready = Readiness(app, settings.accept_parked)
    health = Health(settings.host, settings.worker_port, ready, lambda: observe(app))
    return (health, Announce(ready, lambda: health.port))


def quieten() -> None:
    """Faust names its services' loggers after our modules: their starting and stopping is not news."""
    for part in ("app", "consumer", "thread", "recovery", "table", "stock"):
        logging.getLogger(f"streams.engine.{part}").setLevel(logging.WARNING)


def work(settings: Settings, fold: FoldFactory, group: Group = PERSON) -> int:
    """Run until stopped; returns the exit code (0 settled, 1 to be restarted, 2 a wrong setting)."""
    plan = plan_of(settings, fold, group)
    make = StockApp if settings.engine == "stock" else BatchApp
    quieten()
    said = {"engine": settings.engine, "fenced": plan.traits.fenced, "partitions": plan.partitions}
    log.info("worker.starting", group=group.name, **said)
    return serve(lambda: make(plan), lambda app: services_of(settings, app))
