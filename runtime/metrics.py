"""Metrics of a process: counted in memory, shown as text (Prometheus exposition). Labels never name a person.

Every metric's name is a member of `MetricName`, so that a misspelt one does not type-check;
docs/metrics.md is tested against `METRICS`.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Literal, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

MetricName = Literal[
    # Counter: partner messages (rows of files) by partner, outcome and cause
    "toc_messages_total",
    # Counter: partner messages out of scope, by partner and class; their bytes were not kept
    "toc_messages_out_of_scope_total",
    # Counter: refusals by partner and reason code
    "toc_refusals_total",
    # Counter: events published by topic
    "toc_events_published_total",
    # Time: receipt of a message to its acknowledgement, by partner
    "toc_message_ack_seconds",
    # Counter: connections opened by partner
    "toc_connections_total",
    # Counter: bytes between MLLP frames, by partner
    "toc_garbage_bytes_total",
    # Gauge: when a partner was last heard (epoch seconds)
    "toc_feed_heard_seconds",
    # Counter: records folded by topic
    "toc_records_folded_total",
    # Counter: records that did not decode, by topic and reason
    "toc_records_undecodable_total",
    # Counter: flushes by partition group and outcome
    "toc_flushes_total",
    # Time: cut of a flush to its acknowledgement
    "toc_flush_seconds",
    # Gauge: keys held, by partition
    "toc_keys_held_count",
    # Gauge: persons parked, by partition
    "toc_persons_parked_count",
    # Gauge: records not folded yet, by partition
    "toc_lag_records_count",
    # Gauge: what the log held then is folded, durable and visible, by partition (epoch seconds)
    "toc_complete_to_seconds",
    # Counter: notices by recipient and state (sent, acknowledged, failed)
    "toc_notices_total",
    # Gauge: alerts raised for a desk in the last eight hours, against its budget
    "toc_desk_alerts_count",
    # Counter: HTTP requests by route and status class
    "toc_http_requests_total",
    # Gauge: 1 when the process is ready
    "toc_ready_bool",
]

Kind = Literal["counter", "gauge", "time"]


@dataclass(frozen=True)
class Metric:
    """What a metric is: its kind, its labels (low cardinality, never a person) and its line in the docs."""

    kind: Kind
    labels: tuple[str, ...]
    text: str


METRICS: dict[MetricName, Metric] = {
    "toc_messages_total": Metric("counter", ("partner", "outcome", "cause"), "partner messages by outcome"),
    "toc_messages_out_of_scope_total": Metric(
        "counter", ("partner", "scope_class"), "acknowledged, not kept"
    ),
    "toc_refusals_total": Metric("counter", ("partner", "reason"), "refusals by reason code"),
    "toc_events_published_total": Metric("counter", ("topic",), "events acknowledged by the broker"),
    "toc_message_ack_seconds": Metric("time", ("partner",), "receipt to acknowledgement"),
    "toc_connections_total": Metric("counter", ("partner",), "connections opened"),
    "toc_garbage_bytes_total": Metric("counter", ("partner",), "bytes between MLLP frames"),
    "toc_feed_heard_seconds": Metric("gauge", ("partner",), "when the partner was last heard, epoch seconds"),
    "toc_records_folded_total": Metric("counter", ("topic",), "records folded"),
    "toc_records_undecodable_total": Metric("counter", ("topic", "reason"), "records that did not decode"),
    "toc_flushes_total": Metric("counter", ("group", "outcome"), "flushes of a partition"),
    "toc_flush_seconds": Metric("time", ("group",), "cut of a flush to its acknowledgement"),
    "toc_keys_held_count": Metric("gauge", ("partition",), "person keys held"),
    "toc_persons_parked_count": Metric("gauge", ("partition",), "persons parked"),
    "toc_lag_records_count": Metric("gauge", ("partition",), "records not folded yet"),
    "toc_complete_to_seconds": Metric(
        "gauge", ("partition",), "all the log held then is folded, durable and visible, epoch seconds"
    ),
    "toc_notices_total": Metric("counter", ("recipient", "state"), "notices by state"),
    "toc_desk_alerts_count": Metric("gauge", ("desk",), "alerts raised for a desk in the last eight hours"),
    "toc_http_requests_total": Metric("counter", ("route", "status"), "HTTP requests by status class"),
    "toc_ready_bool": Metric("gauge", ("process",), "1 when ready"),
}

CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """The metrics of one process (or of one test)."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._counters: dict[MetricName, Counter] = {}
        self._gauges: dict[MetricName, Gauge] = {}
        self._times: dict[MetricName, Histogram] = {}
        for name in get_args(MetricName):
            self._declare(name)

    def _declare(self, name: MetricName) -> None:
        metric = METRICS[name]
        match metric.kind:
            case "counter":
                self._counters[name] = Counter(name, metric.text, metric.labels, registry=self._registry)
            case "gauge":
                self._gauges[name] = Gauge(name, metric.text, metric.labels, registry=self._registry)
            case "time":
                self._times[name] = Histogram(name, metric.text, metric.labels, registry=self._registry)

    def count(self, name: MetricName, by: int = 1, **labels: str) -> None:
        """Add to a counter."""
        self._counters[name].labels(**labels).inc(by)

    def gauge(self, name: MetricName, value: float, **labels: str) -> None:
        """Set a gauge."""
        self._gauges[name].labels(**labels).set(value)

    def forget(self, name: MetricName, **labels: str) -> None:
        """Take a gauge away that nobody keeps up to date any more: an old figure is not shown as today's."""
        with contextlib.suppress(KeyError):  # never set
            self._gauges[name].remove(*(labels[label] for label in METRICS[name].labels))

    def observe(self, name: MetricName, seconds: float, **labels: str) -> None:
        """Add a duration to a histogram."""
        self._times[name].labels(**labels).observe(seconds)

    def value(self, name: MetricName, **labels: str) -> float:
        """What a counter or gauge stands at; 0 when never touched."""
        return self._registry.get_sample_value(name, labels) or 0.0

    def exposition(self) -> bytes:
        """All metrics as text, to be served as `CONTENT_TYPE`."""
        return generate_latest(self._registry)


METER = Metrics()
"""The metrics of this process."""
