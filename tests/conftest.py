"""Beds: the brokers a test can run on, started once for the session, shared by all tests.

`brokers` gives them by name; `bed` runs a test on each (the Kafka one has the marker `kafka`). Without Java
17 and Maven the Kafka bed is not run, which is said at the end, or a failure under REQUIRE_KAFKA=1.
"""

from __future__ import annotations

import os
import uuid
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from runtime.brokers.detect import detect
from runtime.brokers.embedded import EmbeddedBroker
from runtime.brokers.jars import missing
from runtime.brokers.kafka import KafkaBroker
from runtime.brokers.traits import BrokerTraits
from runtime.settings import load_settings

ROOT = Path(__file__).resolve().parent.parent

settings.register_profile(
    "mutation", max_examples=20, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
"""For `make mutation`: each mutant runs the tests once more."""


@dataclass(frozen=True)
class Bed:
    """A broker to test on. Topics are shared with other tests: take names from `name(…)`."""

    bootstrap: str
    traits: BrokerTraits

    def name(self, stem: str) -> str:
        """A topic, group or partner name no other test uses."""
        return f"{stem}-{uuid.uuid4().hex[:8]}"


@dataclass
class Brokers:
    """The session's brokers, started when first asked for."""

    cache: Path
    started: list[EmbeddedBroker | KafkaBroker] = field(default_factory=list)
    beds: dict[str, Bed] = field(default_factory=dict)

    def embedded(self) -> Bed:
        """The embedded broker."""
        if "embedded" not in self.beds:
            broker = EmbeddedBroker()
            self.started.append(broker)
            self.beds["embedded"] = Bed(broker.bootstrap, broker.traits)
        return self.beds["embedded"]

    def kafka(self) -> Bed:
        """A real Kafka: the one at KAFKA_BOOTSTRAP, else one started from Maven jars."""
        if "kafka" not in self.beds:
            self.beds["kafka"] = self._kafka()
        return self.beds["kafka"]

    def _kafka(self) -> Bed:
        given = os.environ.get("KAFKA_BOOTSTRAP", "")
        if given:
            return Bed(given, detect(given))
        broker = KafkaBroker(self.cache)
        self.started.append(broker)
        broker.start()
        return Bed(broker.bootstrap, detect(broker.bootstrap))

    def stop(self) -> None:
        """End what was started here."""
        for broker in self.started:
            broker.close() if isinstance(broker, KafkaBroker) else broker.stop()


def kafka_cache() -> Path:
    """Where Kafka's jars are or will be."""
    cache = load_settings().cache
    return cache if cache.is_absolute() else ROOT / cache


@contextmanager
def own_broker(kind: str) -> Iterator[str]:
    """A broker of one test's own, `embedded` or `kafka`: where it listens."""
    started = EmbeddedBroker() if kind == "embedded" else KafkaBroker(kafka_cache())
    try:
        if isinstance(started, KafkaBroker):
            started.start()
        yield started.bootstrap
    finally:
        started.close() if isinstance(started, KafkaBroker) else started.stop()


def kafka_lack() -> str:
    """Why real Kafka cannot be used here, or nothing."""
    return "" if os.environ.get("KAFKA_BOOTSTRAP") else missing(kafka_cache())


@pytest.fixture(scope="session")
def brokers() -> Iterator[Brokers]:
    """The session's brokers."""
    found = Brokers(kafka_cache())
    yield found
    found.stop()


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def bed(request: pytest.FixtureRequest, brokers: Brokers) -> Bed:
    """Each broker in turn."""
    return brokers.embedded() if request.param == "embedded" else brokers.kafka()


@pytest.fixture
def embedded_bed(brokers: Brokers) -> Bed:
    """The embedded broker."""
    return brokers.embedded()


@pytest.fixture
def kafka_bed(brokers: Brokers) -> Bed:
    """Real Kafka; mark the test `kafka`."""
    return brokers.kafka()


EMBEDDED_FIXTURES = {"bed", "embedded_bed", "loaded", "wired"}


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None, None, None]:
    """Keep all tests on Kafka in one xdist worker (one node, not one a worker); note each test's broker."""
    for item in items:
        if item.get_closest_marker("kafka"):
            item.add_marker(pytest.mark.xdist_group("kafka"))
            item.user_properties.append(("broker", "kafka"))
        elif EMBEDDED_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.user_properties.append(("broker", "embedded"))
    yield
    if config.getoption("loadgroup", default=False):
        for item in items:
            _group(item)


def _group(item: pytest.Item) -> None:
    """Write a test's group into its id: xdist 3.8 does so where pytest 9.2 no longer looks for it."""
    mark = item.get_closest_marker("xdist_group")
    if mark is not None and not item.nodeid.endswith(f"@{mark.args[0]}"):
        item._id = item._id.parse(f"{item.nodeid}@{mark.args[0]}")  # type: ignore[attr-defined]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test on Kafka where there is none: a failure under REQUIRE_KAFKA, else not run, and said."""
    if not item.get_closest_marker("kafka"):
        return
    lack = kafka_lack()
    if lack and load_settings().require_kafka:
        pytest.fail(f"REQUIRE_KAFKA is set and real Kafka cannot start: {lack}", pytrace=False)
    if lack:
        pytest.skip(f"not run on Kafka: {lack}")


REASON_LINES, REASON_WIDTH = 25, 220


def reason(report: pytest.TestReport) -> str:
    """Where a test failed and what it said, short: a log of which only the end is kept holds it then."""
    crash = getattr(report.longrepr, "reprcrash", None)
    text = report.longreprtext if crash is None else f"{crash.path}:{crash.lineno}: {crash.message}"
    lines = text.splitlines()
    shown = lines if len(lines) <= REASON_LINES else [*lines[:5], "…", *lines[5 - REASON_LINES :]]
    return "\n".join(f"    {line[:REASON_WIDTH]}" for line in shown)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what ran on which broker, suite by suite, what was not run, and the figures of the fault runs."""
    suites: dict[str, Counter[str]] = {"embedded": Counter(), "kafka": Counter()}
    not_run, figures, failures = [], [], []
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.stats.get(outcome, []):
            said = dict(getattr(report, "user_properties", ()))
            if outcome == "skipped" and said.get("broker") == "kafka":
                not_run.append(report.nodeid)
            elif "broker" in said:
                suites[said["broker"]][f"{report.nodeid.split('/')[1]} {outcome}"] += 1
            if outcome in {"failed", "error"}:
                failures.append(f"{outcome}: {report.nodeid}\n{reason(report)}")
            if "figures" in said and report.when == "call":
                figures.append(f"{report.nodeid.rpartition('::')[2]}: {said['figures']}")
    for broker, counts in suites.items():
        text = ", ".join(f"{count} {suite}" for suite, count in sorted(counts.items()))
        terminalreporter.write_line(f"on {broker}: {text or 'not run'}")
    for line in failures:
        terminalreporter.write_line(line)
    for line in figures:
        terminalreporter.write_line(f"  {line}")
    for nodeid in not_run:
        terminalreporter.write_line(f"not run on kafka: {nodeid}")
    if not_run:
        terminalreporter.write_line(f"not run: {len(not_run)} tests on real Kafka ({kafka_lack()})")
